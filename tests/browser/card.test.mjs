// An open card: its address, its description, its dates; and text that means harm.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

const HOSTILE = [
  '<img src=x onerror="window.harmed = 1">',
  '<script>window.harmed = 2</script>',
  '[click](javascript:window.harmed=3)',
  '![x](javascript:window.harmed=4)',
  '<iframe srcdoc="<script>parent.harmed = 5</script>"></iframe>',
  '<a href="data:text/html,<script>window.harmed = 6</script>">x</a>',
].join('\n\n');

test('a card has an address: back, reload and close work, the focus returns', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  const board = page.url();
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('Enter');
  await page.locator('.card-modal').waitFor();
  assert.match(page.url(), /\/c\/[0-9A-Za-z]{8}\/turn-the-compost$/);
  const address = page.url();
  await page.keyboard.press('Escape');
  await ada.sees(() => page.locator('.card-modal').count(), 0);
  await ada.sees(() => page.url(), board);
  await ada.sees(
    () =>
      page.evaluate(() =>
        document.activeElement?.closest('.card')?.textContent.includes('compost'),
      ),
    true,
  );
  await page.goForward();
  await page.locator('.card-modal').waitFor();
  await page.reload();
  await page.getByRole('dialog', { name: 'Turn the compost' }).waitFor();
  assert.equal(page.url(), address);
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.sees(() => page.url(), board);
});

test('two write one description at once, and both texts are in it', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  for (const person of [ada, bea]) {
    await person.card('Turn the compost').click();
    await person.page.getByRole('button', { name: 'Edit' }).click();
    await person.page.locator('.cm-content').waitFor();
  }
  await ada.page.keyboard.press('Control+Home');
  await ada.page.keyboard.insertText('At the start. ');
  await bea.page.keyboard.press('Control+End');
  await bea.page.keyboard.insertText(' At the end.');
  await ada.page.keyboard.press('Control+Enter');
  await bea.sees(
    () => bea.page.locator('.cm-content').textContent(),
    'At the start. Bring gloves and a fork. At the end.',
  );
  await bea.page.keyboard.press('Control+Enter');
  await ada.sees(
    () => ada.page.locator('.markdown').textContent(),
    'At the start. Bring gloves and a fork. At the end.',
  );
});

test('a description is saved as it is typed, without a word', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await ada.card('Turn the compost').click();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(' And boots.');
  await ada.live();
  await page.reload();
  await ada.sees(
    () => page.locator('.markdown').textContent(),
    'Bring gloves and a fork. And boots.',
  );
});

test('hostile names and descriptions are text', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await page.keyboard.insertText('<img src=x onerror=harmed=7> "><script>harmed=8</script>');
  await page.keyboard.press('Control+Enter');
  await page.locator('.card-modal').waitFor();
  await page.getByRole('button', { name: 'Write' }).click();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.insertText(HOSTILE);
  await page.keyboard.press('Control+Enter');
  await page.locator('.markdown').waitFor();
  assert.equal(await page.locator('.markdown :is(img, script, iframe)').count(), 0);
  assert.deepEqual(
    await page.locator('.markdown a').evaluateAll((links) => links.map((link) => link.protocol)),
    [],
  );
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  await page.reload();
  await page.locator('.markdown').waitFor();
  assert.equal(await page.evaluate(() => window.harmed), undefined);
});

test('dates, members and moving are set from the card', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await ada.card('A bench in the shade').click();
  const card = page.locator('.card-modal');
  await card.getByRole('button', { name: 'Dates' }).click();
  await page.getByRole('button', { name: 'Tomorrow' }).click();
  await card.getByText('due').first().waitFor();
  await card.getByLabel('Complete').check();
  await card.locator('.due-done').waitFor();
  await card.getByRole('button', { name: 'Join' }).click();
  await card.locator('.avatar').waitFor();
  await card.getByRole('button', { name: 'Move' }).click();
  await page.locator('dialog.picker').getByLabel('List').selectOption({ label: 'Waiting' });
  await page.locator('dialog.picker').getByLabel('Position').selectOption({ value: '1' });
  await page.locator('dialog.picker').getByRole('button', { name: 'Move' }).click();
  await card.getByRole('button', { name: 'Close the card' }).click();
  await ada.sees(async () => (await ada.cards('Waiting'))[1], 'A bench in the shade');
  await ada.card('A bench in the shade').locator('.due-done').waitFor();
});

// Who is on a board: links that let people in, roles, and being taken off it.

import assert from 'node:assert/strict';
import test from 'node:test';
import { browser, newStage } from './lib/stage.mjs';

const invitation = (page) => page.getByRole('region', { name: 'Invite by link' });

async function openShare(person) {
  await person.page.locator('body').press('Shift+S');
  await person.page.getByRole('dialog', { name: 'Members and sharing' }).waitFor();
}

/** Ada's board with the dialog open, and the link she has made. */
async function invite(ada, name, role) {
  const { page } = ada;
  await openShare(ada);
  const form = invitation(page);
  await form.getByRole('textbox', { name: 'Name' }).fill(name);
  if (role) await form.getByRole('combobox', { name: 'Role' }).selectOption(role);
  await form.getByRole('button', { name: 'Make a link' }).click();
  const link = form.getByRole('textbox', { name: `Link for ${name}` });
  await link.waitFor();
  return await link.inputValue();
}

const row = (person, name) =>
  person.page.locator('.people-list > li').filter({ hasText: name }).last();

test('invited by a link, made an observer, taken off the board: all of it at once', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const link = await invite(ada, 'Bea');
  assert.match(link, /^http:\/\/.*\/link\/[0-9a-f]{64}$/);
  await invitation(ada.page).getByText('It works once').waitFor();
  await row(ada, 'Bea').getByText('not here yet').waitFor();

  const bea = await stage.person(link);
  await bea.openBoard();
  await row(ada, 'Bea').getByText('@bea').waitFor();
  await bea.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await bea.page.keyboard.insertText('A card from Bea');
  await bea.page.keyboard.press('Enter');
  await ada.card('A card from Bea').waitFor({ state: 'attached' });
  await bea.page.locator('.composer textarea').waitFor(); // open for the next one

  await ada.page.getByRole('combobox', { name: 'Role of Bea' }).selectOption('observer');
  await bea.page.getByText('read only').waitFor();
  await bea.page.getByText('made you an observer').waitFor();
  assert.equal(await bea.page.locator('.composer').count(), 0);
  assert.equal(await bea.page.getByRole('button', { name: 'Add a card' }).count(), 0);
  assert.equal(await bea.page.getByRole('button', { name: 'Add a list' }).count(), 0);
  await bea.card('Turn the compost').locator('a').click();
  const card = bea.page.getByRole('dialog', { name: 'Turn the compost' });
  await card.waitFor();
  assert.equal(await card.getByRole('button', { name: 'Archive' }).count(), 0);

  await row(ada, 'Bea').getByRole('button', { name: 'Remove Bea' }).click();
  await row(ada, 'Bea').getByRole('button', { name: 'Really remove Bea' }).click();
  await ada.sees(() => row(ada, 'Bea').count(), 0);
  await bea.page.getByRole('heading', { name: 'not shared with you any more' }).waitFor();
  assert.equal(await bea.page.locator('dialog').count(), 0);
  const shown = await bea.page.locator('body').innerText();
  for (const secret of ['compost', 'Ideas', 'Bea', 'Admin'])
    assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
  assert.equal(await bea.page.title(), 'Tavla');
  await bea.isAccessible('a board that is gone');
  bea.offlineIsFine = true; // the address answers 404 now, which the console says
  await bea.page.getByRole('link', { name: 'Your boards' }).click();
  await bea.page.locator('.page-head').waitFor();
  await bea.sees(() => bea.page.locator('.tile').count(), 0);
});

test('a withdrawn link lets nobody in', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const link = await invite(ada, 'Bea', 'admin');
  await row(ada, 'Bea').getByText('not here yet').waitFor();
  await row(ada, 'Bea').getByRole('button', { name: 'Withdraw Bea' }).click();
  await row(ada, 'Bea').getByRole('button', { name: 'Really withdraw Bea' }).click();
  await ada.sees(() => row(ada, 'Bea').count(), 0);
  const context = await (await browser()).newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('was used already, or is too old').waitFor();
});

test('only admins are offered it, and the only admin stays one', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await Promise.all([openShare(ada), openShare(bea)]);
  assert.equal(await invitation(bea.page).count(), 0);
  assert.equal(await bea.page.locator('dialog select').count(), 0);
  assert.equal(await bea.page.getByRole('button', { name: /^Remove/ }).count(), 0);
  await row(bea, 'Bea').getByRole('button', { name: 'Leave' }).waitFor();

  const own = ada.page.getByRole('combobox', { name: 'Role of Admin' });
  assert.ok(await own.isDisabled());
  await ada.page.getByText('You are the only admin').waitFor();
  await ada.page.getByRole('combobox', { name: 'Role of Bea' }).selectOption('admin');
  await ada.sees(() => own.isDisabled(), false);
  await ada.sees(() => ada.page.getByText('You are the only admin').count(), 0);
  await invitation(bea.page).waitFor();

  await row(ada, '(you)').getByRole('button', { name: 'Leave' }).click();
  await ada.page.getByRole('button', { name: 'Really leave' }).click();
  await ada.page.getByRole('heading', { name: 'not shared with you any more' }).waitFor();
});

test('by keys alone: a name, a role, and the link is copied', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await ada.openBoard();
  await openShare(ada);
  const name = invitation(page).getByRole('textbox', { name: 'Name' });
  await name.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Whom is it for?').waitFor();
  await page.keyboard.type('Bea');
  await page.keyboard.press('Tab');
  await page.keyboard.press('o'); // observer
  await page.getByText('changes nothing').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const link = page.getByRole('textbox', { name: 'Link for Bea' });
  await link.waitFor();
  const selected = () => page.evaluate(() => document.getSelection().toString());
  await ada.sees(selected, await link.inputValue());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Copied the link for Bea').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await link.inputValue());
  const role = page.getByRole('combobox', { name: 'Role of Bea' });
  await ada.sees(() => role.inputValue(), 'observer');
});

test('over plain http, without a clipboard, the link is copied all the same', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await ada.openBoard();
  const link = await invite(ada, 'Bea');
  const paste = await page.evaluateHandle(() => {
    const read = navigator.clipboard.readText.bind(navigator.clipboard);
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    return read;
  });
  await invitation(page).getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied the link for Bea').waitFor();
  assert.equal(await paste.evaluate((read) => read()), link);
});

for (const colorScheme of ['light', 'dark']) {
  test(`nothing that axe finds with a link made, on a phone, in ${colorScheme}`, async (t) => {
    const stage = await newStage(t);
    const ada = await stage.admin({
      colorScheme,
      reducedMotion: 'reduce',
      viewport: { width: 390, height: 844 },
    });
    const page = await ada.openBoard();
    await invite(ada, 'Bea');
    await row(ada, 'Bea').getByText('not here yet').waitFor();
    await ada.isAccessible('sharing');
    const wide = await page.locator('dialog').evaluate((one) => one.scrollWidth - one.clientWidth);
    assert.equal(wide, 0, 'nothing is beside the screen');
    const small = await page.locator('dialog').evaluate((dialog) =>
      [...dialog.querySelectorAll('button, input, select')]
        .filter((one) => one.getBoundingClientRect().height < 43.5)
        .map((one) => one.outerHTML.slice(0, 120)),
    );
    assert.deepEqual(small, []);
  });
}

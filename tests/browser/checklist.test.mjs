// Checklists of an open card: added by keys alone, ticked by two people, put in order, taken back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

async function openCard(person) {
  const page = await person.openBoard();
  await person.card('A bench in the shade').click();
  await page.locator('.card-modal').waitFor();
  return page;
}

const names = (page) => () => page.locator('.check-name').allTextContents();

test('items are added in a row, ticked, moved, renamed, deleted and taken back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Checklist', exact: true }).click();
  const adder = page.getByLabel('Text of the new item');
  await adder.waitFor();
  for (const name of ['Saw', 'Screws']) {
    await page.keyboard.insertText(name);
    await page.keyboard.press('Enter');
  }
  await ada.sees(names(page), ['Saw', 'Screws']);
  assert.ok(await adder.evaluate((area) => area === document.activeElement));
  await adder.evaluate((area) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '- Oil\n- Cloth\n\n- Sandpaper');
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await ada.sees(names(page), ['Saw', 'Screws', 'Oil', 'Cloth', 'Sandpaper']);
  await page.keyboard.press('Escape');
  await page.locator('.card-modal').waitFor(); // only the line for new items is closed
  await page.getByRole('checkbox', { name: 'Screws' }).check();
  await page.getByText('20 %').waitFor();
  await page.keyboard.press('Alt+ArrowUp');
  await ada.sees(names(page), ['Screws', 'Saw', 'Oil', 'Cloth', 'Sandpaper']);
  await page.keyboard.press('Alt+ArrowDown'); // the focus went along
  await ada.sees(names(page), ['Saw', 'Screws', 'Oil', 'Cloth', 'Sandpaper']);
  await page.locator('.check-name', { hasText: 'Oil' }).click();
  await page.keyboard.insertText('Linseed oil');
  await page.keyboard.press('Enter');
  await ada.sees(names(page), ['Saw', 'Screws', 'Linseed oil', 'Cloth', 'Sandpaper']);
  await page.getByRole('button', { name: 'Delete Cloth' }).click();
  await ada.sees(names(page), ['Saw', 'Screws', 'Linseed oil', 'Sandpaper']);
  await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
  await ada.sees(names(page), ['Saw', 'Screws', 'Linseed oil', 'Cloth', 'Sandpaper']);
  await page.getByRole('button', { name: 'Delete the checklist Checklist' }).click();
  await ada.sees(names(page), []);
  await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
  await ada.sees(names(page), ['Saw', 'Screws', 'Linseed oil', 'Cloth', 'Sandpaper']);
  await page.getByText('20 %').waitFor();
  await ada.isAccessible('a card with a checklist');
  await ada.live();
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.card('A bench in the shade').getByText('1/5').waitFor();
  await page.reload();
  await ada.card('A bench in the shade').click();
  await ada.sees(names(page), ['Saw', 'Screws', 'Linseed oil', 'Cloth', 'Sandpaper']);
});

test('what one ticks, the other sees, with the card open and closed', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  const eve = await stage.guest(ada, 'Eve', { role: 'observer' });
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Checklist', exact: true }).click();
  await page.getByLabel('Text of the new item').waitFor();
  await page.keyboard.insertText('Saw');
  await page.keyboard.press('Enter');
  await ada.live();
  const other = await openCard(bea);
  await eve.openBoard();
  await eve.card('A bench in the shade').getByText('0/1').waitFor();
  await bea.sees(names(other), ['Saw']);
  await page.keyboard.insertText('Screws');
  await page.keyboard.press('Enter');
  await bea.sees(names(other), ['Saw', 'Screws']);
  await other.getByRole('checkbox', { name: 'Screws' }).check();
  await ada.sees(() => page.getByRole('checkbox', { name: 'Screws' }).isChecked(), true);
  await eve.card('A bench in the shade').getByText('1/2').waitFor();
  await eve.card('A bench in the shade').click();
  await eve.sees(names(eve.page), ['Saw', 'Screws']);
  assert.ok(await eve.page.getByRole('checkbox', { name: 'Saw' }).isDisabled());
  assert.equal(await eve.page.getByRole('button', { name: 'Add an item' }).count(), 0);
  await bea.agreesWith(ada);
});

test('a checklist is written without a network, and sent later', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.mayGoOffline();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Checklist', exact: true }).click();
  await page.getByLabel('Text of the new item').waitFor();
  await page.keyboard.insertText('Saw');
  await page.keyboard.press('Enter');
  await ada.live();
  await ada.setOffline(true);
  await page.keyboard.insertText('Screws');
  await page.keyboard.press('Enter');
  await ada.sees(names(page), ['Saw', 'Screws']);
  await page.getByRole('checkbox', { name: 'Saw' }).check();
  await page.getByText('50 %').waitFor();
  await ada.setOffline(false);
  await ada.live();
  await page.reload();
  await ada.sees(names(page), ['Saw', 'Screws']);
  await page.getByText('50 %').waitFor();
});

// Custom fields of a board in an open card: made there, filled in, seen by others.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

async function openCard(person) {
  const page = await person.openBoard();
  await person.card('A bench in the shade').click();
  await page.locator('.card-modal').waitFor();
  return page;
}

test('a field is made, filled in by one, seen by the other, and taken back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Fields', exact: true }).click();
  await page.getByLabel('Name of the new field').fill('Metres');
  await page.getByLabel('Type of the new field').selectOption('number');
  await page.getByRole('button', { name: 'Add field' }).click();
  await page.getByLabel('Name of the field Metres').waitFor();
  await page.getByLabel('Name of the new field').fill('Wood');
  await page.getByLabel('Type of the new field').selectOption('list');
  await page.getByLabel('Options, one a line').fill('Oak\nLarch');
  await page.getByRole('button', { name: 'Add field' }).click();
  await ada.sees(() => page.getByLabel('Options, one a line').inputValue(), '');
  await page.locator('.custom-fields').getByRole('button', { name: 'Done' }).click();
  await page.getByLabel('Metres', { exact: true }).fill('2.5');
  await page.keyboard.press('Enter');
  await page.getByLabel('Wood', { exact: true }).selectOption({ label: 'Larch' });
  await ada.live();
  const other = await openCard(bea);
  await bea.sees(() => other.getByLabel('Metres', { exact: true }).inputValue(), '2.5');
  const wood = other.getByLabel('Wood', { exact: true });
  await bea.sees(() => wood.evaluate((field) => field.selectedOptions[0].textContent), 'Larch');
  await ada.isAccessible('a card with custom fields');
  await wood.selectOption({ label: 'Oak' });
  const mine = page.getByLabel('Wood', { exact: true });
  await ada.sees(() => mine.evaluate((field) => field.selectedOptions[0].textContent), 'Oak');
  const face = ada.card('A bench in the shade');
  const onFace = async () => (await face.locator('.face-fields').allInnerTexts()).join();
  await ada.sees(async () => (await onFace()).replace(/\s+/g, ' '), 'Metres: 2.5 Wood: Oak');
  await page.getByRole('button', { name: 'Edit fields' }).click();
  await page.getByLabel('Show the field Wood on cards').uncheck();
  await ada.sees(onFace, 'Metres: 2.5');
  await page.getByRole('button', { name: 'Delete the field Metres' }).click();
  assert.equal(await onFace(), 'Metres: 2.5'); // it asks first
  await page.getByRole('button', { name: 'Really delete the field Metres' }).click();
  await ada.sees(onFace, '');
  await bea.sees(() => other.getByLabel('Metres', { exact: true }).count(), 0);
  await bea.agreesWith(ada);
  assert.equal(await page.getByLabel('Wood', { exact: true }).count(), 1);
});

test('who is overwritten in a field is told the values, and keeps the one they had', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await ada.mayGoOffline();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Fields', exact: true }).click();
  await page.getByLabel('Name of the new field').fill('Wood');
  await page.getByLabel('Type of the new field').selectOption('list');
  await page.getByLabel('Options, one a line').fill('Oak\nLarch\nAsh');
  await page.getByRole('button', { name: 'Add field' }).click();
  await page.locator('.custom-fields').getByRole('button', { name: 'Done' }).click();
  const mine = page.getByLabel('Wood', { exact: true });
  await mine.selectOption({ label: 'Ash' });
  const theirs = (await openCard(bea)).getByLabel('Wood', { exact: true });
  const chosen = (select) => select.evaluate((field) => field.selectedOptions[0].textContent);
  await bea.sees(() => chosen(theirs), 'Ash');
  await ada.setOffline(true);
  await page.getByText(/offline|Reconnecting/).waitFor();
  await mine.selectOption({ label: 'Oak' });
  await theirs.selectOption({ label: 'Larch' });
  await bea.live();
  await ada.setOffline(false);
  await bea.page
    .getByText('changed the value of “Wood” to “Oak” without having seen your change.')
    .waitFor();
  await bea.page.getByText('Yours was “Larch”.').waitFor();
  await bea.page.getByRole('button', { name: 'Keep mine' }).click();
  await ada.sees(() => chosen(mine), 'Larch');
  await ada.agreesWith(bea);
});

test('the options of a list are added to, renamed and deleted', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Fields', exact: true }).click();
  await page.getByLabel('Name of the new field').fill('Wood');
  await page.getByLabel('Type of the new field').selectOption('list');
  await page.getByLabel('Options, one a line').fill('Oak\nLarch');
  await page.getByRole('button', { name: 'Add field' }).click();
  const wood = page.getByLabel('Wood', { exact: true });
  const there = () => wood.locator('option').allTextContents();
  await ada.sees(there, ['–', 'Oak', 'Larch']);
  await page.getByLabel('Another option of Wood').fill('Ash');
  await page.keyboard.press('Enter');
  await ada.sees(there, ['–', 'Oak', 'Larch', 'Ash']);
  await page.getByLabel('Text of the option Larch').fill('Elm');
  await page.keyboard.press('Enter');
  await ada.sees(there, ['–', 'Oak', 'Elm', 'Ash']);
  await wood.selectOption({ label: 'Oak' });
  await ada.isAccessible('the options of a field');
  await page.getByRole('button', { name: 'Delete the option Oak' }).click();
  await page.getByRole('button', { name: 'Really delete the option Oak' }).click();
  await ada.sees(there, ['–', 'Elm', 'Ash']);
  await ada.sees(() => wood.inputValue(), '');
  await ada.live();
  await page.reload();
  await ada.sees(there, ['–', 'Elm', 'Ash']);
});

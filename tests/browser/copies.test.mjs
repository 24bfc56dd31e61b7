// What a card can do beside being written: votes, copies, templates, and who does its items.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

test('a card is voted for by a key, where the board lets its members vote', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  const page = await ada.openBoard();
  await bea.openBoard();
  await page.keyboard.press('w');
  await page.getByLabel('Voting').selectOption('members');
  await page.keyboard.press('Escape');
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('v');
  await bea.card('Turn the compost').locator('[title="1 votes"]').waitFor();
  await bea.card('Turn the compost').click();
  await bea.page.getByRole('button', { name: 'Vote', exact: true }).click();
  await ada.card('Turn the compost').locator('[title="2 votes"]').waitFor();
  await bea.page.getByRole('button', { name: 'Take back your vote' }).click();
  await ada.card('Turn the compost').locator('[title="1 votes"]').waitFor();
  await ada.agreesWith(bea);
});

test('a card is copied by keys alone, and made from a template', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('Shift+C');
  await page.getByRole('dialog', { name: 'Copy the card' }).waitFor();
  await ada.isAccessible('the dialog of a copy');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('Turn it again');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  const copy = ada.card('Turn it again');
  await copy.waitFor();
  await ada.live();
  await copy.click();
  await page.getByText('Bring gloves and a fork.').waitFor();
  await page.getByRole('button', { name: 'Make it a template' }).click();
  await page.getByText('This card is a template.').waitFor();
  await page.getByRole('button', { name: 'New card from it' }).click();
  await page.getByRole('dialog', { name: 'New card from the template' }).waitFor();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText('Turn it in May');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.card('Turn it in May').waitFor();
  assert.equal(await ada.card('Turn it in May').getByText('Template').count(), 0);
  await copy.getByText('Template').waitFor();
  await page.keyboard.press('Control+z');
  await ada.sees(() => ada.card('Turn it in May').count(), 0);
});

test('an item of a checklist is somebody’s, and due', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await ada.card('A bench in the shade').click();
  await page.getByRole('button', { name: 'Checklist', exact: true }).click();
  await page.getByLabel('Text of the new item').waitFor();
  await page.keyboard.insertText('Saw');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Who does Saw, and when' }).click();
  const picker = page.getByRole('dialog', { name: 'Who and when' });
  await picker.getByLabel('Who').selectOption({ index: 1 });
  await picker.getByLabel('Due').fill('2031-05-06T09:00');
  await ada.isAccessible('who does an item');
  await picker.getByRole('button', { name: 'Save' }).click();
  await ada.sees(() => picker.count(), 0);
  const item = page.locator('.check-item', { hasText: 'Saw' });
  await item.locator('.due').waitFor();
  await item.locator('.avatar').waitFor();
});

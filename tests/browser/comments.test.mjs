// Comments of an open card: written, kept while they are written, changed, reacted to, by several.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

async function openCard(person) {
  const page = await person.openBoard();
  await person.card('A bench in the shade').click();
  await page.getByLabel('Write a comment').waitFor();
  return page;
}

const said = (page) => () => page.locator('.comment .markdown').allTextContents();

test('comments come to everyone, newest first; authors change and delete theirs', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  const page = await openCard(ada);
  const other = await openCard(bea);
  await page.getByLabel('Write a comment').fill('Which wood?');
  await page.keyboard.press('Control+Enter');
  await ada.sees(said(page), ['Which wood?']);
  await bea.sees(said(other), ['Which wood?']);
  await other.getByLabel('Write a comment').fill('**Oak**');
  await other.getByRole('button', { name: 'Comment', exact: true }).click();
  await ada.sees(said(page), ['Oak', 'Which wood?']);
  const oak = page.locator('.comment').filter({ hasText: 'Oak' });
  await oak.getByRole('button', { name: 'Add a reaction' }).click();
  await oak.getByRole('button', { name: 'React with 🎉' }).click();
  const theirs = other.locator('.comment').filter({ hasText: 'Oak' });
  await theirs.getByRole('button', { name: '🎉 1' }).click();
  await oak.getByRole('button', { name: '🎉 2' }).waitFor();
  assert.equal(await oak.getByRole('button', { name: 'Edit' }).count(), 0);
  await theirs.getByRole('button', { name: 'Edit' }).click();
  await other.getByLabel('Comment', { exact: true }).fill('Oak, or *larch*');
  await other.getByRole('button', { name: 'Save' }).click();
  await ada.sees(said(page), ['Oak, or larch', 'Which wood?']);
  await page.locator('.comment').first().getByText('edited').waitFor();
  await page.locator('.comment').last().getByRole('button', { name: 'Delete' }).click();
  await bea.sees(said(other), ['Oak, or larch']);
  await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
  await bea.sees(async () => (await said(other)()).sort(), ['Oak, or larch', 'Which wood?']);
  await ada.isAccessible('a card with comments');
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.card('A bench in the shade').getByTitle('2 comments').waitFor();
  await ada.agreesWith(bea);
});

test('a comment that is being written is kept; people are found by their names', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await stage.guest(ada, 'Bea Marsh');
  const page = await openCard(ada);
  await page.getByLabel('Write a comment').fill('Half a');
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.card('A bench in the shade').click();
  await ada.sees(() => page.getByLabel('Write a comment').inputValue(), 'Half a'); // it is stored
  await page.reload();
  await ada.sees(() => page.getByLabel('Write a comment').inputValue(), 'Half a');
  await page.getByLabel('Write a comment').press('End');
  await page.keyboard.type(' word @mar');
  await page.locator('.mentions').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await page.locator('.comment b', { hasText: '@' }).waitFor();
  await ada.sees(() => page.getByLabel('Write a comment').inputValue(), '');
  await ada.live();
  await page.reload();
  await page.locator('.comment').waitFor();
  await ada.sees(() => page.getByLabel('Write a comment').inputValue(), '');
});

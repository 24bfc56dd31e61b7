// Workspaces: making one, who is in it, boards in it, and what its members see of them.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

const box = (page, name) => page.getByRole('region', { name: `Workspace ${name}` });

async function makeWorkspace(page, name) {
  await page.getByLabel('New workspace').fill(name);
  await page.getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
}

test('a workspace is made, shared, and lets its members see a board', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await ada.page.goto(`${stage.origin}/`);
  await makeWorkspace(ada.page, 'Sailors');

  // a board in it
  await ada.page.getByLabel('New board').fill('Harbour');
  await ada.page.getByLabel('In which workspace').selectOption({ label: 'In Sailors' });
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await ada.live();
  await ada.page.getByRole('button', { name: 'Board menu' }).click();
  const menu = ada.page.getByRole('dialog', { name: 'Harbour' });
  await menu.getByRole('combobox', { name: /^Workspace/ }).waitFor();
  const level = menu.getByLabel('Who can see it');
  assert.equal(await level.inputValue(), 'private');
  await level.selectOption('org');
  await menu.getByLabel('They may join it by themselves').waitFor();

  // Bea comes in, by her user name
  const username = await bea.page.evaluate(async () => {
    return (await (await fetch('/1/members/me')).json()).username;
  });
  await ada.page.goto(`${stage.origin}/`);
  await ada.page.getByRole('button', { name: 'People of Sailors' }).click();
  await box(ada.page, 'Sailors').getByLabel('Add somebody by their user name').fill(username);
  await box(ada.page, 'Sailors').getByRole('button', { name: 'Add' }).click();
  await box(ada.page, 'Sailors').getByText('Bea', { exact: false }).first().waitFor();

  // and sees the board, to read
  await bea.page.goto(`${stage.origin}/`);
  await bea.page.getByRole('heading', { name: 'Sailors' }).waitFor();
  await bea.page.locator('.tile a', { hasText: 'Harbour' }).click();
  await bea.live();
  await bea.sees(() => bea.page.getByRole('button', { name: 'Add a list' }).count(), 0);
  await bea.page.getByRole('button', { name: 'Board menu' }).click();
  await bea.page.getByText('because it is in the workspace Sailors').waitFor();
  await bea.page.keyboard.press('Escape');

  // until she is taken out of it
  await box(ada.page, 'Sailors').getByRole('button', { name: 'Remove' }).click();
  await box(ada.page, 'Sailors').getByRole('button', { name: 'Really remove' }).click();
  await bea.page.getByRole('heading', { name: /not shared with you/ }).waitFor();
});

test('a workspace is renamed and deleted, and its board stays', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  await page.goto(`${stage.origin}/`);
  await makeWorkspace(page, 'Sailors');
  await page.getByLabel('New board').fill('Harbour');
  await page.getByLabel('In which workspace').selectOption({ label: 'In Sailors' });
  await page.getByRole('button', { name: 'Create' }).click();
  await ada.live();
  await page.goto(`${stage.origin}/`);
  await page.getByRole('button', { name: 'People of Sailors' }).click();
  await box(page, 'Sailors').getByLabel('Name of the workspace').fill('Pirates');
  await box(page, 'Sailors').getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('heading', { name: 'Pirates' }).waitFor();
  await box(page, 'Pirates').getByRole('button', { name: 'Delete the workspace' }).click();
  await box(page, 'Pirates').getByRole('button', { name: /Really delete/ }).click();
  await ada.sees(() => page.getByRole('heading', { name: 'Pirates' }).count(), 0);
  await page.locator('.tile a', { hasText: 'Harbour' }).first().waitFor();
});

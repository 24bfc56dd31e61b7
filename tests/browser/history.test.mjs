// What happened is told in words, a board is shown as it was, and things come back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

async function two(t) {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  return { stage, ada, bea };
}

const BENCH = 'A bench in the shade';

/** Sends ops as that person, past the page. */
async function send(person, ...ops) {
  const board = await person.idBoard();
  await person.page.evaluate(
    async ([id, list]) => {
      const answer = await fetch(`/v1/boards/${id}/ops`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ops: list }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    [board, ops],
  );
}

async function idOf(person, name) {
  return await person.page.evaluate((wanted) => {
    const { objects } = JSON.parse(window.__tavla.state());
    return objects.find(([, o]) => o.name === wanted)?.[1].id;
  }, name);
}

test('a card tells who did what to it, follows live, and takes it back', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const bench = await idOf(ada, BENCH);
  await send(bea, { op: 'card.set', id: bench, due: '2030-05-01T12:00:00.000Z' });
  await ada.card(BENCH).locator('a').click();
  await page.getByText('Activity', { exact: true }).click();
  const entries = page.locator('.card-modal .activity li');
  await entries.filter({ hasText: 'Bea set this card to be due' }).waitFor();
  await send(bea, { op: 'card.move', id: bench, idList: await idOf(ada, 'Done'), pos: 'top' });
  const moved = entries.filter({ hasText: 'Bea moved this card from “Ideas” to “Done”' });
  await moved.waitFor();
  await ada.isAccessible('the activity of a card');
  await moved.getByRole('button', { name: 'Take back' }).click();
  await bea.sees(async () => (await bea.cards('Ideas')).includes(BENCH), true);
  await entries.filter({ hasText: 'moved this card from “Done” to “Ideas”' }).waitFor();
  // somebody else changed the same thing since
  await send(bea, { op: 'card.set', id: bench, due: null });
  const first = entries.filter({ hasText: 'Bea set this card to be due' });
  await entries.filter({ hasText: 'Bea took the due date off' }).waitFor();
  await first.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('It cannot be taken back: due was changed since').waitFor();
  const refused = 'console: Failed to load resource: the server responded with a status of 409';
  assert.deepEqual(ada.wrong.splice(0), [`${refused} (Conflict)`]);
  await ada.agreesWith(bea);
});

test('the board is shown as it was, and a deleted card is brought back', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const bench = await idOf(ada, BENCH);
  const text = (words) => ({ op: 'text.put', kind: 'card', id: bench, field: 'desc', text: words });
  await send(bea, text('of oak'));
  await send(bea, { op: 'card.set', id: bench, name: 'A bench in the sun' }, text('of pine'));
  await send(bea, { op: 'card.delete', id: bench, force: true });
  await ada.sees(() => ada.card('A bench in the sun').count(), 0);
  await page.keyboard.press('Shift+H');
  const dialog = page.getByRole('dialog', { name: 'Activity and history' });
  await dialog.getByText('Bea deleted “A bench in the sun”').waitFor();
  const past = dialog.locator('.past-card', { hasText: 'A bench' });
  await dialog.locator('.past-board h3').first().waitFor();
  assert.equal(await past.count(), 0);
  await dialog.getByRole('button', { name: 'One change back' }).click();
  await past.filter({ hasText: 'in the sun' }).waitFor();
  await dialog.getByLabel('Moment').focus();
  await page.keyboard.press('ArrowLeft');
  await past.filter({ hasText: BENCH }).waitFor();
  await ada.isAccessible('the history');
  await past.getByRole('button', { name: /Restore|Bring back/ }).click();
  await bea.card('A bench in the sun').waitFor();
  await past.getByRole('button', { name: 'Restore' }).click();
  await bea.card(BENCH).waitFor();
  await page.keyboard.press('Escape');
  await bea.card(BENCH).locator('a').click();
  await bea.page.locator('.markdown', { hasText: 'of oak' }).waitFor();
  await ada.agreesWith(bea);
});

test('an observer sees what happened, and takes nothing back', async (t) => {
  const { stage, ada } = await two(t);
  const cid = await stage.guest(ada, 'Cid', { role: 'observer' });
  const { page } = cid;
  await cid.openBoard();
  await page.keyboard.press('Shift+H');
  const dialog = page.getByRole('dialog', { name: 'Activity and history' });
  await dialog.locator('.activity li').first().waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Take back' }).count(), 0);
  await dialog.getByRole('button', { name: 'Show the board as it was then' }).first().waitFor();
});

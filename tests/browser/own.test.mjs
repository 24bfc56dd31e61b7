// What is one's own, in two places at once: stars, watches, and the boards that come and go.

import assert from 'node:assert/strict';
import test from 'node:test';
import { gate, newStage } from './lib/stage.mjs';

const names = (person) => person.page.locator('.tile .tile-name').allTextContents();
const star = (page, name, pressed) => page.getByRole('button', { name: `Star ${name}`, pressed });

/** What that person's browser may ask of the server, as they. */
const ask = (person, method, path, body) =>
  person.page.evaluate(
    async ([how, where, json]) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(where, { method: how, headers, body: json });
      if (!answer.ok) throw new Error(`${how} ${where}: ${answer.status}`);
      return answer.json();
    },
    [method, path, body === undefined ? undefined : JSON.stringify(body)],
  );

test('a star given in one place is on in the other, on a board and on the page', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.page.getByLabel('New board').fill('Kitchen');
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await ada.live();
  const onBoard = (pressed) => ada.page.getByRole('button', { name: 'Star this board', pressed });
  await onBoard(false).waitFor();
  const phone = await ada.another();
  await phone.page.goto(`${stage.origin}/`);
  await star(phone.page, 'Kitchen', false).waitFor();
  await onBoard(false).click();
  await star(phone.page, 'Kitchen', true).waitFor();
  await phone.page.getByRole('heading', { name: /Starred/ }).waitFor();
  await star(phone.page, 'Kitchen', true).click();
  await onBoard(false).waitFor();
  assert.equal((await ask(ada, 'GET', '/1/members/me/boardStars')).length, 0);

  await phone.page.locator('.tile a', { hasText: 'Kitchen' }).click();
  await phone.live();
  for (const { page } of [ada, phone]) await page.keyboard.press('w');
  await ada.page.getByRole('button', { name: 'Watch the board' }).click();
  await phone.page.getByRole('button', { name: 'Stop watching the board' }).waitFor();
});

/** What a page waits for, kept back until `open` resolves. */
const held = {
  'its boards came': (page, open) =>
    page.route(/\/me\/boards/, (route) => open.then(() => route.continue())),
  'it is connected': (page, open) =>
    page.routeWebSocket(/\/me\/live$/, (socket) => open.then(() => socket.connectToServer())),
};
for (const [what, hold] of Object.entries(held))
  test(`a star given on a page before ${what} is given then`, async (t) => {
    const stage = await newStage(t);
    const ada = await stage.admin();
    await ada.sees(async () => (await names(ada)).length, 1);
    const [name] = await names(ada);
    const { open, goOn } = gate();
    await hold(ada.page, open);
    await ada.page.reload();
    await star(ada.page, name, false).click();
    goOn();
    await star(ada.page, name, true).waitFor();
    assert.equal(await ada.page.getByText('The server cannot be reached').count(), 0);
    await ada.sees(async () => (await ask(ada, 'GET', '/1/members/me/boardStars')).length, 1);
  });

test('a board shared with somebody is on their page, and follows what becomes of it', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await bea.sees(async () => (await names(bea)).length, 1);
  const { id: idBea } = await ask(bea, 'GET', '/1/members/me');
  const { id } = await ask(ada, 'POST', '/1/boards', { name: 'Orchard' });
  await ask(ada, 'PUT', `/1/boards/${id}/members/${idBea}`, { type: 'normal' });
  await bea.page.getByRole('link', { name: /^Orchard/ }).waitFor();
  await ask(ada, 'PUT', `/1/boards/${id}`, { name: 'Old orchard' });
  await bea.page.getByRole('link', { name: /^Old orchard/ }).waitFor();
  await star(bea.page, 'Old orchard', false).click();
  await star(bea.page, 'Old orchard', true).waitFor();
  await ask(ada, 'PUT', `/1/boards/${id}`, { closed: true });
  await bea.page.getByRole('button', { name: 'Show closed boards (1)' }).waitFor();
  await ask(ada, 'PUT', `/1/boards/${id}`, { closed: false });
  await bea.page.getByRole('heading', { name: /Starred/ }).waitFor();
  await ask(ada, 'DELETE', `/1/boards/${id}/members/${idBea}`);
  await bea.sees(async () => (await names(bea)).includes('Old orchard'), false);
  await bea.sees(async () => (await names(bea)).length, 1);
  await star(ada.page, 'Old orchard', false).waitFor(); // hers is as it was
});

test('what changed while the network was away is there when it is back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const phone = await ada.another();
  await phone.mayGoOffline();
  await phone.page.goto(`${stage.origin}/`);
  await phone.sees(async () => (await names(phone)).length, 1);
  const [name] = await names(phone);
  await star(phone.page, name, false).click();
  await star(ada.page, name, true).waitFor(); // on the phone it is shown before it is sent
  await phone.setOffline(true);
  await star(ada.page, name, true).click();
  await ask(ada, 'POST', '/1/boards', { name: 'Orchard' });
  await star(phone.page, name, true).click();
  await phone.page.getByText('The server cannot be reached').first().waitFor();
  await phone.setOffline(false);
  await star(phone.page, name, false).waitFor();
  await phone.page.getByRole('link', { name: /^Orchard/ }).waitFor();
});

test('who joins a card before the server says who one is joins it then', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { open, goOn } = gate();
  const phone = await ada.another(); // where nobody was seen before
  await phone.context.routeWebSocket(/\/live$/, (socket) =>
    open.then(() => socket.connectToServer()),
  );
  await phone.page.goto(`${stage.origin}/b/${await ada.idBoard()}`);
  await phone.card('A bench in the shade').locator('a').focus();
  await phone.page.keyboard.press(' ');
  goOn();
  await phone.card('A bench in the shade').locator('.avatar').waitFor();
});

// The page of all boards: making one, importing one, stars, being signed out.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT } from '../socket/lib/server.js';
import { newStage } from './lib/stage.mjs';

const EXPORT = join(ROOT, 'tests/fixtures/trello/garden.json');

test('a board is made, starred, closed and reopened', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  await page.getByLabel('New board').fill('Kitchen');
  await page.getByRole('button', { name: 'Create' }).click();
  await ada.sees(() => ada.lists().then((lists) => lists.length), 3);
  await ada.live();
  await page.keyboard.press('b');
  await page.getByRole('button', { name: 'Star Kitchen' }).click();
  await page.reload();
  await page.getByRole('heading', { name: /Starred/ }).waitFor();
  await page.locator('.tile a', { hasText: 'Kitchen' }).first().click();
  await page.locator('.list').first().waitFor();
  await ada.live();
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Close the board' }).click();
  await page.getByText('closed', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Reopen' }).click();
  await ada.sees(() => page.getByText('closed', { exact: true }).count(), 0);
});

test('a closed board is deleted for ever by its admin alone, after a question', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  const ask = (method, path, body) =>
    ada.page.evaluate(
      async ([method, path, body]) => {
        const headers = { 'content-type': 'application/json' };
        const sent = await fetch(path, { method, headers, body: JSON.stringify(body) });
        return { status: sent.status, json: await sent.json().catch(() => undefined) };
      },
      [method, path, body],
    );
  const idBea = await bea.page.evaluate(async () => {
    const me = await fetch('/1/members/me');
    return (await me.json()).id;
  });
  const { json: kitchen } = await ask('POST', '/1/boards', { name: 'Kitchen' });
  await ask('PUT', `/1/boards/${kitchen.id}/members/${idBea}`, { type: 'normal' });
  await ask('PUT', `/1/boards/${kitchen.id}`, { closed: true });
  for (const { page } of [ada, bea]) {
    await page.goto(`${stage.origin}/`);
    await page.getByRole('button', { name: 'Show closed boards (1)' }).click();
    await page.getByRole('link', { name: 'Kitchen' }).waitFor();
  }
  await ada.isAccessible('closed boards');
  const remove = ada.page.getByRole('button', { name: 'Delete for ever “Kitchen”' });
  await remove.click();
  const sure = ada.page.getByRole('button', { name: 'Really delete it with all its cards' });
  await sure.waitFor();
  assert.equal((await ask('GET', `/1/boards/${kitchen.id}`)).status, 200);
  assert.equal(await bea.page.getByRole('button', { name: /for ever/ }).count(), 0);
  await sure.click();
  for (const { page } of [ada, bea])
    await page.getByRole('link', { name: 'Kitchen' }).waitFor({ state: 'detached' });
  ada.wrong.length = 0;
  assert.equal((await ask('GET', `/1/boards/${kitchen.id}`)).status, 404);
  ada.wrong.length = 0; // the browser itself notes the 404
});

test('a star is the same on every device, and an older client’s is brought along', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.page.getByLabel('New board').fill('Kitchen');
  await ada.page.getByRole('button', { name: 'Create' }).click();
  await ada.live();
  await ada.page.getByRole('button', { name: 'Star this board', pressed: false }).click();
  await ada.page.getByRole('button', { name: 'Star this board', pressed: true }).waitFor();
  const starred = async () =>
    await ada.page.evaluate(async () => {
      const answer = await fetch('/1/members/me/boards?filter=starred&fields=name');
      return (await answer.json()).map((board) => board.name);
    });
  await ada.sees(starred, ['Kitchen']);
  const phone = await ada.another();
  await phone.page.goto(`${stage.origin}/`);
  await phone.page.getByRole('button', { name: 'Star Kitchen', pressed: true }).click();
  await phone.page.getByRole('button', { name: 'Star Kitchen', pressed: false }).waitFor();
  await ada.sees(starred, []);
  await ada.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await ada.page.getByRole('button', { name: 'Star this board', pressed: false }).waitFor();

  const kept = await ada.page.evaluate(async () => {
    const boards = await (await fetch('/1/members/me/boards?fields=name')).json();
    return boards.find((board) => board.name === 'Kitchen').id;
  });
  await ada.page.evaluate(
    (id) =>
      new Promise((done, failed) => {
        const asked = indexedDB.open('tavla');
        asked.onerror = () => failed(asked.error);
        asked.onsuccess = () => {
          const put = asked.result.transaction('values', 'readwrite').objectStore('values');
          put.put([id], 'stars').onsuccess = done;
        };
      }),
    kept,
  );
  await ada.page.keyboard.press('b');
  await ada.page.getByRole('button', { name: 'Star Kitchen', pressed: true }).waitFor();
  await ada.sees(starred, ['Kitchen']);
});

test('a board is copied from its menu, and made of a template', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  await ada.openBoard();
  const before = await ada.cards('Ideas');
  const lists = await ada.lists();
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Copy the board' }).click();
  await page.getByLabel('Name of the new board').fill('Second garden');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.locator('.board-name', { hasText: 'Second garden' }).waitFor();
  await ada.live();
  await ada.sees(() => ada.lists(), lists);
  await ada.sees(() => ada.cards('Ideas'), before);
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Make it a template' }).click();
  await ada.sees(
    () =>
      page.evaluate(async () => {
        const boards = await (await fetch('/1/members/me/boards?fields=name,prefs')).json();
        return boards.filter((board) => board.prefs.isTemplate).map((board) => board.name);
      }),
    ['Second garden'],
  );
  await page.keyboard.press('b');
  await page.getByRole('heading', { name: 'Templates' }).waitFor();
  await page.getByRole('button', { name: 'From “Second garden”' }).click();
  await page.getByLabel('Name of the new board').fill('Third garden');
  await page.getByLabel('With its cards').uncheck();
  await page.getByRole('button', { name: 'Create', exact: true }).first().click();
  await page.locator('.board-name', { hasText: 'Third garden' }).waitFor();
  await ada.live();
  await ada.sees(() => ada.lists(), lists);
  assert.equal(await page.locator('.lists .card').count(), 0);
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Make it a template' }).waitFor();
});

test('a card, a list and the board are watched', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  const board = await ada.openBoard();
  const watched = async () =>
    await page.evaluate(async (id) => {
      const answer = await fetch(`/v1/boards/${id}/shelf`);
      return (await answer.json()).subscribed.length;
    }, await ada.idBoard());
  await board.locator('.list').first().getByRole('button', { name: /^Actions of/ }).click();
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  await ada.sees(watched, 1);
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Watch the board' }).click();
  await ada.sees(watched, 2);
  await board.locator('.card a.face').first().click();
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  await ada.sees(watched, 3);
  await page.getByRole('button', { name: 'Stop watching' }).click();
  await ada.sees(watched, 2);
});

test('the file of an exported board, dropped on the page, becomes a board', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  const text = readFileSync(EXPORT, 'utf8');
  await page.locator('main').evaluate((main, json) => {
    const data = new DataTransfer();
    data.items.add(new File([json], 'garden.json', { type: 'application/json' }));
    for (const type of ['dragover', 'drop'])
      main.dispatchEvent(
        new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
      );
  }, text);
  await page.getByRole('link', { name: 'Open the board' }).click();
  await page.locator('.lists .card').first().waitFor();
  const { name } = JSON.parse(text);
  await page.locator('.board-name', { hasText: name }).waitFor();
});

test('a file that is no board is refused in words', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.page
    .locator('input[type=file]')
    .setInputFiles({
      name: 'x.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"hello":1}'),
    });
  await ada.page.getByRole('alert').getByText('expected a board as').waitFor();
});

test('somebody who is not signed in is told how to be', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Sign out' }).click();
  ada.wrong.length = 0;
  await page.getByText('You are not signed in').waitFor();
  await page.getByText('tavla link').waitFor();
  ada.wrong.length = 0; // the browser itself notes the 401
  assert.equal(await page.locator('.tile').count(), 0);
});

test('an address that nothing has gets a page, and a program gets words', async (t) => {
  const stage = await newStage(t);
  const { origin } = stage;
  const page = await fetch(`${origin}/nowhere`, { headers: { accept: 'text/html,*/*;q=0.8' } });
  assert.equal(page.status, 404);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  assert.match(await page.text(), /<a href="\/">Your boards<\/a>/);
  for (const path of ['/nowhere', '/1/nowhere']) {
    const words = await fetch(origin + path, { headers: { accept: 'application/json, */*' } });
    assert.equal(words.status, 404);
    assert.match(words.headers.get('content-type'), /^text\/plain/);
  }
});

test('every page comes with a strict policy, and files are kept for ever', async (t) => {
  const stage = await newStage(t);
  const { origin } = stage;
  const answer = await fetch(`${origin}/b/abcdefgh/anything`, {
    headers: { 'accept-encoding': 'br' },
  });
  assert.equal(answer.status, 200);
  assert.match(
    answer.headers.get('content-security-policy'),
    /default-src 'none'.*script-src 'self'.*require-trusted-types-for/,
  );
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  const html = await answer.text();
  const script = /src="(\/assets\/[^"]+)"/.exec(html)[1];
  const file = await fetch(origin + script);
  assert.match(file.headers.get('content-type'), /^text\/javascript/);
  const again = await fetch(`${origin}/`, {
    headers: { 'if-none-match': answer.headers.get('etag'), 'accept-encoding': 'br' },
  });
  assert.equal(again.status, 304);
});

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
  await page.getByRole('button', { name: 'Star Kitchen on this device' }).click();
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
  const { origin } = stage.server;
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
  const { origin } = stage.server;
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

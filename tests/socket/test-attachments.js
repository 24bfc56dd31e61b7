// test-attachments.js - links and files on cards over REST.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './lib/http.js';
import { newId } from './lib/live.js';
import { serve } from './lib/server.js';
import { newBoard } from './lib/trello.js';

async function stage(t, options) {
  const server = await serve(t, options);
  const { token, idMember } = await server.signIn();
  const client = new Client(server, token);
  const board = await newBoard(client, { lists: ['L'], cards: 1 });
  const [[list], [card]] = [board.lists, board.cards];
  const path = `/1/cards/${card.id}/attachments`;
  return { server, token, idMember, client, board, list, card, path };
}

test('a link is attached, renamed, moved and deleted', async (t) => {
  const { client, card, idMember, path } = await stage(t);
  const url = 'https://example.org/plan?x=1';
  const first = await client.post(path, { url });
  assert.deepEqual(
    [first.name, first.url, first.isUpload, first.bytes, first.idMember, first.mimeType],
    [url, url, false, null, idMember, null],
  );
  assert.deepEqual([first.previews, first.edgeColor, first.fileName], [[], null, null]);
  assert.ok(!('file' in first));
  const second = await client.post(path, { url, name: 'Plan', mimeType: 'text/html', pos: 'top' });
  const names = async () => (await client.get(path)).map((one) => one.name);
  assert.deepEqual(await names(), ['Plan', url]);
  assert.equal((await client.put(`${path}/${first.id}`, { name: 'First' })).name, 'First');
  await client.put(`${path}/${first.id}`, { pos: 'top' });
  assert.deepEqual(await names(), ['First', 'Plan']);
  assert.deepEqual(await client.get(`${path}/${second.id}?fields=name,url`), {
    id: second.id,
    name: 'Plan',
    url,
  });
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.attachments, 2);
  assert.deepEqual(await client.delete(`${path}/${first.id}`), { limits: {} });
  assert.deepEqual(await names(), ['Plan']);
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.attachments, 1);
  assert.equal((await client.call('GET', `${path}/${first.id}`)).status, 404);
});

test('attachments are nested where they are asked for, and exported', async (t) => {
  const { client, board, list, card, path } = await stage(t);
  await client.post(path, { url: 'https://trello.com/c/abcd1234/5-x', name: 'X' });
  const nested = (one) => one.attachments.map((attachment) => attachment.name);
  assert.deepEqual(nested(await client.get(`/1/cards/${card.id}?attachments=true`)), ['X']);
  const fields = await client.get(
    `/1/cards/${card.id}?attachments=true&attachment_fields=url&fields=name`,
  );
  assert.deepEqual(Object.keys(fields.attachments[0]).sort(), ['id', 'url']);
  assert.ok(!('attachments' in (await client.get(`/1/cards/${card.id}`))));
  const [listed] = await client.get(`/1/lists/${list.id}/cards?attachments=true`);
  assert.deepEqual(nested(listed), ['X']);
  const path2 = `/1/boards/${board.id}?cards=all&card_attachments=true&card_attachment_fields=name`;
  assert.deepEqual(nested((await client.get(path2)).cards[0]), ['X']);
  const exported = await client.get(`/1/boards/${board.id}/export`);
  assert.deepEqual(nested(exported.cards[0]), ['X']);
  assert.deepEqual(exported.cards[0].badges.attachmentsByType, { trello: { board: 0, card: 1 } });
});

test('what no browser should follow is no attachment', async (t) => {
  const { client, path, card, board } = await stage(t);
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'https:///', ' https://x', 'x']) {
    const answer = await client.call('POST', path, { url });
    assert.equal(answer.status, 400, url);
  }
  assert.equal((await client.call('POST', path, {})).status, 400);
  const ops = [{ op: 'attachment.create', id: newId(), idCard: card.id, url: 'file:///etc/hosts' }];
  const refused = await client.call('POST', `/v1/boards/${board.id}/ops`, { ops });
  assert.equal(refused.status, 400);
  assert.deepEqual(await client.get(path), []);
});

test('the history tells of attachments, and brings one back', async (t) => {
  const { client, board, card, path } = await stage(t);
  const { id } = await client.post(path, { url: 'https://example.org/a', name: 'A' });
  await client.delete(`${path}/${id}`);
  const actions = await client.get(
    `/1/cards/${card.id}/actions?filter=addAttachmentToCard,deleteAttachmentFromCard`,
  );
  assert.deepEqual(
    actions.map((action) => [action.type, action.data.attachment]),
    [
      ['deleteAttachmentFromCard', { id, name: 'A', url: 'https://example.org/a' }],
      ['addAttachmentToCard', { id, name: 'A', url: 'https://example.org/a' }],
    ],
  );
  const { pos } = await client.get(`/v1/boards/${board.id}/state`);
  const [s] = pos;
  await client.post(`/v1/boards/${board.id}/revert`, { s });
  assert.deepEqual((await client.get(path)).map((one) => one.id), [id]);
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.attachments, 1);
});

// test-checklists.js - checklists and their items over REST, and what the card shows of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './lib/http.js';
import { Live } from './lib/live.js';
import { serve } from './lib/server.js';

async function stage(t) {
  const server = await serve(t);
  const { token, idMember } = await server.signIn();
  const client = new Client(server, token);
  const board = await client.post('/1/boards', { name: 'B', defaultLists: false });
  const list = await client.post('/1/lists', { name: 'L', idBoard: board.id });
  const card = await client.post('/1/cards', { name: 'C', idList: list.id });
  return { server, token, idMember, client, board, list, card };
}

test('a checklist is made, filled, ticked, moved and deleted', async (t) => {
  const { client, board, list, card, idMember } = await stage(t);
  const first = await client.post(`/1/cards/${card.id}/checklists`, { name: 'Tools' });
  assert.equal(first.idCard, card.id);
  assert.equal(first.idBoard, board.id);
  assert.deepEqual(first.checkItems, []);
  const items = `/1/checklists/${first.id}/checkItems`;
  const spade = await client.post(items, { name: 'Spade', pos: 'bottom' });
  const rake = await client.post(items, {
    name: 'Rake',
    checked: 'true',
    due: '2026-12-01T10:00:00.000Z',
  });
  const hoe = await client.post(items, { name: 'Hoe', pos: 'top', idMember });
  assert.deepEqual(
    (await client.get(items)).map((item) => [item.name, item.state, item.idMember]),
    [
      ['Hoe', 'incomplete', idMember],
      ['Spade', 'incomplete', null],
      ['Rake', 'complete', null],
    ],
  );
  const badges = async () => {
    const { badges: b } = await client.get(`/1/cards/${card.id}`);
    return [b.checkItems, b.checkItemsChecked, b.checkItemsEarliestDue];
  };
  assert.deepEqual(await badges(), [3, 1, null]);
  const path = `/1/cards/${card.id}/checkItem/${rake.id}`;
  await client.put(path, { state: 'incomplete' });
  assert.deepEqual(await badges(), [3, 0, '2026-12-01T10:00:00.000Z']);
  const legacy = `/1/cards/${card.id}/checklist/${first.id}/checkItem/${spade.id}`;
  assert.equal((await client.put(`${legacy}/state`, { value: 'true' })).state, 'complete');
  assert.equal((await client.put(legacy, { name: 'Big spade', pos: 'top' })).name, 'Big spade');
  assert.deepEqual(await client.get(`/1/cards/${card.id}/checkItemStates`), [
    { idCheckItem: spade.id, state: 'complete' },
  ]);
  const second = await client.post('/1/checklists', {
    idCard: card.id,
    idChecklistSource: first.id,
    name: 'Again',
  });
  assert.deepEqual(
    second.checkItems.map((item) => item.name),
    ['Big spade', 'Hoe', 'Rake'],
  );
  await client.put(`/1/checklists/${second.id}`, { pos: 'top', name: 'Copied' });
  assert.deepEqual(
    (await client.get(`/1/cards/${card.id}/checklists`)).map((one) => one.name),
    ['Copied', 'Tools'],
  );
  assert.equal((await client.get(`/1/checklists/${second.id}/name`))._value, 'Copied');
  assert.equal((await client.get(`/1/checklists/${second.id}/board`)).id, board.id);
  assert.equal((await client.get(`/1/checklists/${second.id}/cards`))[0].id, card.id);
  await client.put(`/1/cards/${card.id}/checkItem/${hoe.id}`, { idChecklist: second.id });
  assert.equal((await client.get(items)).length, 2);
  const nested = await client.get(`/1/cards/${card.id}?checklists=all`);
  assert.equal(nested.checklists[0].checkItems.length, 4);
  assert.deepEqual(nested.idChecklists, [second.id, first.id]);
  const whole = await client.get(
    `/1/boards/${board.id}?checklists=all&cards=all&card_checklists=all&fields=name`,
  );
  assert.equal(whole.checklists.length, 2);
  assert.equal(whole.cards[0].checklists.length, 2);
  assert.equal((await client.get(`/1/boards/${board.id}/checklists`)).length, 2);
  const [listed] = await client.get(`/1/lists/${list.id}/cards?checklists=all`);
  assert.equal(listed.checklists[1].checkItems.length, 2);
  assert.deepEqual(await client.delete(path), { limits: {} });
  assert.deepEqual(await client.delete(`/1/checklists/${second.id}`), { limits: {} });
  assert.deepEqual(await badges(), [1, 1, null]);
  await client.delete(`/1/cards/${card.id}/checklists/${first.id}`);
  assert.deepEqual(await badges(), [0, 0, null]);
});

test('an item is found on its own card and in its own checklist only', async (t) => {
  const { client, list, card } = await stage(t);
  const other = await client.post('/1/cards', { name: 'D', idList: list.id });
  const mine = await client.post(`/1/cards/${card.id}/checklists`, { name: 'A' });
  const theirs = await client.post(`/1/cards/${other.id}/checklists`, {});
  assert.equal(theirs.name, 'Checklist');
  const item = await client.post(`/1/checklists/${mine.id}/checkItems`, { name: 'x' });
  for (const [method, path] of [
    ['GET', `/1/cards/${other.id}/checkItem/${item.id}`],
    ['PUT', `/1/cards/${other.id}/checkItem/${item.id}`],
    ['DELETE', `/1/checklists/${theirs.id}/checkItems/${item.id}`],
    ['DELETE', `/1/cards/${other.id}/checklists/${mine.id}`],
    ['GET', `/1/checklists/${item.id}`],
  ])
    assert.equal((await client.call(method, path)).status, 404, `${method} ${path}`);
  const wrong = await client.call('PUT', `/1/cards/${card.id}/checkItem/${item.id}`, {
    state: 'perhaps',
  });
  assert.equal(wrong.status, 400);
});

test('an open card is sent with its parts, a board without them', async (t) => {
  const { server, token, client, board, card } = await stage(t);
  const made = await client.post(`/1/cards/${card.id}/checklists`, { name: 'Tools' });
  const item = await client.post(`/1/checklists/${made.id}/checkItems`, { name: 'Spade' });
  const { state } = await client.get(`/v1/boards/${board.id}/state`);
  assert.deepEqual([...new Set(state.map(([kind]) => kind))].sort(), [
    'board',
    'card',
    'label',
    'list',
    'membership',
  ]);
  const live = await Live.open(server, board.id, { token });
  const answer = await live.get(card.id);
  assert.deepEqual(
    answer.parts.map(([kind, part]) => [kind, part.id, part.idCard]),
    [
      ['checklist', made.id, card.id],
      ['checkItem', item.id, card.id],
    ],
  );
  await live.close();
});

test('an item is given to oneself by the name of me', async (t) => {
  const { client, card, idMember } = await stage(t);
  const list = await client.post(`/1/cards/${card.id}/checklists`, { name: 'Tools' });
  const items = `/1/checklists/${list.id}/checkItems`;
  const made = await client.post(items, { name: 'Spade', idMember: 'me', due: '2030-01-01' });
  assert.equal(made.idMember, idMember);
  assert.equal(made.due, '2030-01-01T00:00:00.000Z');
  const path = `/1/cards/${card.id}/checkItem/${made.id}`;
  assert.equal((await client.put(path, { idMember: null })).idMember, null);
  assert.equal((await client.put(`${path}?idMember=me`)).idMember, idMember);
  assert.equal((await client.put(path, { idMember: '' })).idMember, null);
  const field = `/1/cards/${card.id}/checklist/${list.id}/checkItem/${made.id}/idMember`;
  assert.equal((await client.put(field, { value: 'me' })).idMember, idMember);
  assert.equal((await client.call('PUT', path, { idMember: 'you' })).status, 400);
});

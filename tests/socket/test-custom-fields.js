// test-custom-fields.js - custom fields of a board over REST, as Trello's clients use them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './lib/http.js';
import { serve } from './lib/server.js';

async function stage(t) {
  const server = await serve(t);
  const { token } = await server.signIn();
  const client = new Client(server, token);
  const board = await client.post('/1/boards', { name: 'B', defaultLists: false });
  const list = await client.post('/1/lists', { name: 'L', idBoard: board.id });
  const card = await client.post('/1/cards', { name: 'C', idList: list.id });
  const field = (type, more = {}) =>
    client.post('/1/customFields', {
      idModel: board.id,
      modelType: 'board',
      name: `My ${type}`,
      type,
      pos: 'bottom',
      display_cardFront: true,
      ...more,
    });
  return { client, board, list, card, field };
}

test('a field of every type is made, given a value, and emptied', async (t) => {
  const { client, board, list, card, field } = await stage(t);
  const values = {
    checkbox: { checked: 'true' },
    date: { date: '2026-12-24T10:00:00.000Z' },
    number: { number: '-3.5' },
    text: { text: 'Grüße' },
  };
  for (const [type, value] of Object.entries(values)) {
    const made = await field(type);
    assert.equal(made.type, type);
    assert.equal(made.idModel, board.id);
    assert.deepEqual(made.display, { cardFront: true });
    const path = `/1/cards/${card.id}/customField/${made.id}/item`;
    const item = await client.put(path, { value });
    assert.deepEqual(item.value, value);
    assert.equal(item.idCustomField, made.id);
    assert.equal(item.idModel, card.id);
    assert.equal((await client.call('PUT', path, { value: { text2: 'x' } })).status, 400);
  }
  assert.equal((await client.get(`/1/cards/${card.id}/customFieldItems`)).length, 4);
  const fields = await client.get(`/1/boards/${board.id}/customFields`);
  assert.deepEqual(
    fields.map(({ type }) => type),
    Object.keys(values),
  );
  const nested = await client.get(`/1/cards/${card.id}?customFieldItems=true`);
  assert.equal(nested.customFieldItems.length, 4);
  const [listed] = await client.get(`/1/lists/${list.id}/cards?customFieldItems=true`);
  assert.equal(listed.customFieldItems.length, 4);
  const cleared = { value: '', idValue: '' };
  const path = `/1/cards/${card.id}/customField/${fields[0].id}/item`;
  assert.deepEqual(await client.put(path, cleared), {});
  assert.equal((await client.get(`/1/cards/${card.id}/customFieldItems`)).length, 3);
  await client.delete(`/1/customFields/${fields[1].id}`);
  assert.equal((await client.get(`/1/cards/${card.id}/customFieldItems`)).length, 2);
});

test('a list has options in order, and cards one of them', async (t) => {
  const { client, card, field, board } = await stage(t);
  const made = await field('list', {
    options: [
      { color: 'red', value: { text: 'High' }, pos: 1 },
      { color: 'none', value: { text: 'Low' }, pos: 2 },
    ],
  });
  assert.deepEqual(
    made.options.map(({ value, color }) => [value.text, color]),
    [
      ['High', 'red'],
      ['Low', 'none'],
    ],
  );
  const path = `/1/customFields/${made.id}/options`;
  const middle = await client.post(path, { value: { text: 'Middle' }, color: 'blue', pos: 'top' });
  assert.deepEqual(
    (await client.get(path)).map(({ value }) => value.text),
    ['Middle', 'High', 'Low'],
  );
  await client.put(`${path}/${middle.id}`, { value: { text: 'Between' } });
  assert.equal((await client.get(`${path}/${middle.id}`)).value.text, 'Between');
  const item = `/1/cards/${card.id}/customField/${made.id}/item`;
  assert.equal((await client.put(item, { idValue: middle.id })).idValue, middle.id);
  assert.equal((await client.call('PUT', item, { value: { text: 'x' } })).status, 400);
  assert.equal((await client.call('PUT', item, { idValue: made.id })).status, 400);
  const exported = await client.get(`/1/boards/${board.id}/export`);
  assert.equal(exported.customFields[0].options.length, 3);
  assert.equal(exported.cards[0].customFieldItems[0].idValue, middle.id);
  assert.deepEqual(await client.delete(`${path}/${middle.id}`), {});
  assert.deepEqual(await client.get(`/1/cards/${card.id}/customFieldItems`), []);
  const renamed = { name: 'Weight', 'display/cardFront': false, pos: 'top' };
  const changed = await client.put(`/1/customFields/${made.id}`, renamed);
  assert.equal(changed.name, 'Weight');
  assert.deepEqual(changed.display, { cardFront: false });
});

test('faces say what cards have, and the badges of Trello do not', async (t) => {
  const { client, board, list, card, field } = await stage(t);
  const number = await field('number');
  const path = `/1/cards/${card.id}/customField/${number.id}/item`;
  await client.put(path, { value: { number: '3' } });
  const face = async (id) => {
    const { state } = await client.get(`/v1/boards/${board.id}/state`);
    return state.find(([kind, one]) => kind === 'card' && one.id === id)[1].badges.customFields;
  };
  const has = { [number.id]: { number: '3' } };
  assert.deepEqual(await face(card.id), has);
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.customFields, undefined);
  const copy = await client.post('/1/cards', { idList: list.id, idCardSource: card.id });
  assert.deepEqual(await face(copy.id), has);
  const lists = await client.post('/1/lists', { idBoard: board.id, idListSource: list.id });
  const [inList] = await client.get(`/1/lists/${lists.id}/cards`);
  assert.deepEqual(await face(inList.id), has);
  const [s] = (await client.get(`/v1/boards/${board.id}/state`)).pos;
  await client.delete(`/1/customFields/${number.id}`);
  await client.post(`/v1/boards/${board.id}/revert`, { s: s + 1 });
  assert.deepEqual(await face(card.id), has);
  assert.equal((await client.get(`/1/cards/${card.id}/customFieldItems`)).length, 1);
});

// test-copies.js - copies of lists and boards, and what stays behind with the original.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/http.js';
import { newStranger, newWorld } from './lib/world.js';

/** A list with a card that has something of everything, one more and an archived one. */
async function newHost(t) {
  const world = await newWorld(t);
  const api = new Client(world.server, world.admin.token);
  const bea = await world.server.newMember('Bea', world.board);
  const list = await api.post('/1/lists', {
    name: 'Source',
    idBoard: world.board,
    pos: 'bottom',
    color: 'green',
  });
  const label = await api.post('/1/labels', { name: 'red', color: 'red', idBoard: world.board });
  const field = await api.post('/1/customFields', {
    idModel: world.board,
    modelType: 'board',
    name: 'Size',
    type: 'number',
  });
  const card = await api.post('/1/cards', {
    name: 'Full',
    idList: list.id,
    desc: 'What **to do**',
    due: '2030-01-02T03:04:05.000Z',
    idLabels: label.id,
    idMembers: bea.idMember,
  });
  const checklist = await api.post('/1/checklists', { name: 'Steps', idCard: card.id });
  for (const [name, state] of [
    ['one', 'true'],
    ['two', 'false'],
  ])
    await api.post(`/1/checklists/${checklist.id}/checkItems`, { name, checked: state });
  const value = { value: { number: '12' } };
  await api.put(`/1/cards/${card.id}/customField/${field.id}/item`, value);
  await api.post(`/1/cards/${card.id}/attachments`, { url: 'https://example.org/', name: 'Link' });
  await api.post(`/1/cards/${card.id}/actions/comments`, { text: 'Stays behind' });
  await api.post('/1/cards', { name: 'Second', idList: list.id, pos: 'bottom' });
  const gone = await api.post('/1/cards', { name: 'Archived', idList: list.id });
  await api.put(`/1/cards/${gone.id}`, { closed: true });
  const full = `/1/cards/${card.id}?checklists=all&customFieldItems=true&attachments=true`;
  return { ...world, api, bea, list, label, field, card: await api.get(full) };
}

const copyOf = (host, more = {}) =>
  host.api.post('/1/lists', { idBoard: host.board, idListSource: host.list.id, ...more });

const fullCard = (api, id) =>
  api.get(`/1/cards/${id}?checklists=all&customFieldItems=true&attachments=true`);

test('a list is copied with its open cards and what hangs on them', async (t) => {
  const host = await newHost(t);
  const head = Number((await host.api.get(`/1/boards/${host.board}`)).ixUpdate);
  const copy = await copyOf(host, { name: 'Copy', pos: 'bottom' });
  assert.notEqual(copy.id, host.list.id);
  assert.deepEqual([copy.name, copy.color, copy.closed], ['Copy', 'green', false]);
  assert.ok(copy.pos > host.list.pos);
  const after = Number((await host.api.get(`/1/boards/${host.board}`)).ixUpdate);
  assert.equal(after, head + 1, 'in one event');

  const cards = await host.api.get(`/1/lists/${copy.id}/cards/all`);
  assert.deepEqual(cards.map((card) => card.name), ['Full', 'Second']);
  const [made] = cards;
  const card = await fullCard(host.api, made.id);
  const was = await fullCard(host.api, host.card.id);
  for (const same of ['name', 'desc', 'due', 'idLabels', 'idMembers', 'pos'])
    assert.deepEqual(card[same], was[same], same);
  for (const other of ['id', 'idShort', 'shortLink', 'idList'])
    assert.notEqual(card[other], was[other], other);
  assert.equal(card.badges.comments, 0);
  for (const badge of ['checkItems', 'checkItemsChecked', 'attachments', 'description'])
    assert.equal(card.badges[badge], was.badges[badge], badge);
  const [checklist] = card.checklists;
  assert.equal(checklist.name, 'Steps');
  assert.deepEqual(
    checklist.checkItems.map((item) => [item.name, item.state]),
    was.checklists[0].checkItems.map((item) => [item.name, item.state]),
  );
  assert.notEqual(checklist.checkItems[0].id, was.checklists[0].checkItems[0].id);
  assert.deepEqual(card.customFieldItems[0].value, { number: '12' });
  assert.equal(card.attachments[0].url, 'https://example.org/');
  const items = checklist.checkItems;
  await host.api.put(`/1/cards/${card.id}/checkItem/${items[0].id}`, { name: 'changed' });
  assert.equal((await fullCard(host.api, was.id)).checklists[0].checkItems[0].name, 'one');
});

test('a copied list has the name of its original unless it is given another', async (t) => {
  const host = await newHost(t);
  const copy = await copyOf(host);
  assert.equal(copy.name, 'Source');
  assert.ok(copy.pos < host.list.pos, 'at the top, as a new list');
  const between = await copyOf(host, { pos: host.list.pos + 1 });
  assert.equal(between.pos, host.list.pos + 1);
});

test('a copy that is asked for twice under one key is made once', async (t) => {
  const host = await newHost(t);
  const json = { idBoard: host.board, idListSource: host.list.id, name: 'Once' };
  const headers = { 'idempotency-key': 'once' };
  const first = await host.api.ok('POST', '/1/lists', json, { headers });
  const second = await host.api.ok('POST', '/1/lists', json, { headers });
  assert.equal((second.json ?? second).id, (first.json ?? first).id);
  const lists = await host.api.get(`/1/boards/${host.board}/lists`);
  assert.equal(lists.filter((list) => list.name === 'Once').length, 1);
});

test('who may not change the board copies nothing, and no list comes from elsewhere', async (t) => {
  const host = await newHost(t);
  const observer = await host.server.newMember('Olga', host.board);
  await host.api.put(`/1/boards/${host.board}/members/${observer.idMember}`, { type: 'observer' });
  const stranger = await newStranger(host, 'Sam');
  const ask = { idBoard: host.board, idListSource: host.list.id };
  for (const [who, status] of [
    [observer, 403],
    [stranger, 404],
  ]) {
    const client = new Client(host.server, who.token);
    assert.equal((await client.call('POST', '/1/lists', ask)).status, status);
  }
  const other = await host.api.post('/1/boards', { name: 'Other' });
  const across = await host.api.call('POST', '/1/lists', { ...ask, idBoard: other.id });
  assert.equal(across.status, 501);
  const nothing = await host.api.call('POST', '/1/lists', { ...ask, idListSource: other.id });
  assert.equal(nothing.status, 404);
});

test('a list that is too large for one event is refused, and nothing is copied', async (t) => {
  const host = await newHost(t);
  const list = await host.api.post('/1/lists', { name: 'Large', idBoard: host.board });
  const desc = 'x'.repeat(16_000);
  for (let i = 0; i < 60; i += 1)
    await host.api.post('/1/cards', { name: `${i}`, idList: list.id, desc });
  const ask = { idBoard: host.board, idListSource: list.id };
  const refused = await host.api.call('POST', '/1/lists', ask);
  assert.equal(refused.status, 413);
  assert.match(refused.text, /cards/);
  assert.equal((await host.api.get(`/1/boards/${host.board}/lists`)).length, 2);
});

/* -- boards */

const namesOf = (things) => things.map((one) => one.name);

test('a board is copied with what is open on it, and without its people', async (t) => {
  const host = await newHost(t);
  await host.api.put(`/1/boards/${host.board}`, {
    desc: 'About it',
    'prefs/background': 'red',
    'prefs/isTemplate': true,
  });
  const closed = await host.api.post('/1/lists', { name: 'Gone', idBoard: host.board });
  await host.api.post('/1/cards', { name: 'In an archived list', idList: closed.id });
  await host.api.put(`/1/lists/${closed.id}/closed`, { value: true });
  const ask = { idBoardSource: host.board, name: 'Copy', keepFromSource: 'cards' };
  const copy = await host.api.post('/1/boards', ask);
  assert.equal(copy.name, 'Copy');
  assert.equal(copy.desc, 'About it');
  assert.equal(copy.prefs.background, 'red');
  assert.equal(copy.prefs.isTemplate, false, 'a board of a template is none');
  const path = `/1/boards/${copy.id}`;
  assert.deepEqual(namesOf(await host.api.get(`${path}/lists/all`)), ['Source']);
  const cards = await host.api.get(`${path}/cards/all`);
  assert.deepEqual(namesOf(cards).sort(), ['Full', 'Second']);
  const card = await fullCard(host.api, cards.find((one) => one.name === 'Full').id);
  assert.equal(card.desc, 'What **to do**');
  assert.deepEqual(card.labels.map((label) => label.color), ['red']);
  assert.notEqual(card.idLabels[0], host.label.id);
  assert.deepEqual(card.idMembers, []);
  assert.deepEqual(
    card.checklists[0].checkItems.map((item) => [item.name, item.state]),
    [
      ['one', 'complete'],
      ['two', 'incomplete'],
    ],
  );
  assert.deepEqual(card.customFieldItems[0].value, { number: '12' });
  assert.equal(card.attachments[0].url, 'https://example.org/');
  assert.equal(card.badges.comments, 0);
  const members = await host.api.get(`${path}/memberships`);
  assert.deepEqual(members.map((one) => [one.idMember, one.memberType]), [
    [host.admin.idMember, 'admin'],
  ]);
});

test('a board is copied without its cards, by whoever may read it', async (t) => {
  const host = await newHost(t);
  const bea = new Client(host.server, host.bea.token);
  const { shortLink } = await bea.get(`/1/boards/${host.board}`);
  const ask = { idBoardSource: shortLink, keepFromSource: 'none', prefs_background: 'sky' };
  const copy = await bea.post('/1/boards', ask);
  assert.equal(copy.name, 'Board');
  assert.equal(copy.prefs.background, 'sky');
  assert.deepEqual(namesOf(await bea.get(`/1/boards/${copy.id}/lists`)), ['Source']);
  assert.deepEqual(await bea.get(`/1/boards/${copy.id}/cards/all`), []);
  assert.equal((await host.api.call('GET', `/1/boards/${copy.id}`)).status, 404, 'it is hers');

  const stranger = new Client(host.server, (await newStranger(host, 'Sam')).token);
  assert.equal((await stranger.call('POST', '/1/boards', ask)).status, 404);
  const odd = await bea.call('POST', '/1/boards', { ...ask, keepFromSource: 'half' });
  assert.equal(odd.status, 400);
  assert.match(odd.text, /cards or none/);
  const keyed = await bea.call('POST', '/1/boards', ask, { headers: { 'idempotency-key': 'x' } });
  assert.equal(keyed.status, 400);
});

test('a copy may be asked for and followed like an import', async (t) => {
  const host = await newHost(t);
  const asked = await host.api.call('POST', `/v1/boards/${host.board}/copy`, { name: 'Later' });
  assert.equal(asked.status, 202);
  for (;;) {
    const state = await host.api.get(asked.json.status);
    assert.notEqual(state.state, 'failed', state.error);
    if (state.state !== 'done') continue;
    assert.equal((await host.api.get(`/1/boards/${state.idBoard}`)).name, 'Later');
    return;
  }
});

// test-rest-objects.js - boards, lists, cards and labels over REST, in Trello's shape.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { newBoard } from './lib/trello.js';
import { newWorld } from './lib/world.js';

async function newApi(t) {
  const world = await newWorld(t);
  return { world, api: new Client(world.server, world.admin.token) };
}

test('a board is made, read, changed, closed and deleted', async (t) => {
  const { api, world } = await newApi(t);
  const made = await api.post('/1/boards', { name: 'Plans', desc: 'of ours' });
  assert.match(made.id, /^[0-9a-f]{24}$/);
  assert.equal(made.name, 'Plans');
  assert.equal(made.desc, 'of ours');
  assert.equal(made.closed, false);
  assert.equal(made.idMemberCreator, world.admin.idMember);
  assert.equal(made.shortUrl, `${world.server.origin}/b/${made.shortLink}`);
  const lists = await api.get(`/1/boards/${made.id}/lists`);
  assert.deepEqual(
    lists.map((list) => list.name),
    ['To Do', 'Doing', 'Done'],
  );
  const labels = await api.get(`/1/boards/${made.shortLink}/labels`);
  assert.deepEqual(labels.map((label) => label.color).sort(), [
    'blue',
    'green',
    'orange',
    'purple',
    'red',
    'yellow',
  ]);
  const changed = await api.put(`/1/boards/${made.id}`, { name: 'Other', desc: 'x', closed: true });
  assert.equal(changed.name, 'Other');
  assert.equal(changed.desc, 'x');
  assert.equal(changed.closed, true);
  assert.deepEqual(await api.get(`/1/boards/${made.id}/name`), { _value: 'Other' });
  assert.deepEqual(await api.delete(`/1/boards/${made.id}`), { _value: null });
  assert.equal((await api.call('GET', `/1/boards/${made.id}`)).status, 404);
  assert.equal((await api.call('GET', `/1/lists/${lists[0].id}`)).status, 404);
});

test('preferences come in three spellings and are merged', async (t) => {
  const { api, world } = await newApi(t);
  const path = `/1/boards/${world.board}`;
  await api.put(`${path}?prefs%2FpermissionLevel=private`);
  await api.put(path, { prefs_background: 'green' });
  await api.put(`${path}/prefs/cardCovers?value=false`);
  const { prefs } = await api.get(path);
  assert.equal(prefs.permissionLevel, 'private');
  assert.equal(prefs.background, 'green');
  assert.equal(prefs.cardCovers, false);
});

test('a list is made, moved, renamed and archived', async (t) => {
  const { api, world } = await newApi(t);
  const a = await api.post(`/1/lists?name=A&idBoard=${world.board}&pos=bottom`);
  const b = await api.post(`/1/boards/${world.board}/lists`, { name: 'B', pos: 'bottom' });
  assert.equal(b.idBoard, world.board);
  assert.ok(b.pos > a.pos);
  const moved = await api.put(`/1/lists/${b.id}/pos?value=top`);
  assert.equal(moved.pos, a.pos / 2);
  assert.equal((await api.put(`/1/lists/${b.id}/pos`, { value: 12345.25 })).pos, 12345.25);
  assert.equal((await api.put(`/1/lists/${a.id}`, { name: 'Aa', closed: 'true' })).closed, true);
  const names = async (filter) =>
    (await api.get(`/1/boards/${world.board}/lists${filter}`)).map((list) => list.name);
  assert.deepEqual(await names(''), ['B']);
  assert.deepEqual(await names('/closed'), ['Aa']);
  assert.deepEqual(await names('?filter=all'), ['B', 'Aa']);
  assert.deepEqual(await names('/none'), []);
  assert.equal((await api.get(`/1/lists/${a.id}/board`)).id, world.board);
});

test('a card is made, changed field by field and at once, moved and deleted', async (t) => {
  const { api } = await newApi(t);
  const board = await newBoard(api, { lists: ['A', 'B'] });
  const [a, b] = board.lists;
  const card = await api.post('/1/cards', {
    idList: a.id,
    name: 'One',
    desc: 'Long',
    due: '2026-12-01T10:00:00.000Z',
  });
  assert.equal(card.idBoard, board.id);
  assert.equal(card.idShort, 1);
  assert.equal(card.desc, 'Long');
  const path = `/1/cards/${card.shortLink}`;
  assert.equal((await api.put(`${path}/name?value=Two`)).name, 'Two');
  assert.equal((await api.put(`${path}/due?value=null`)).due, null);
  assert.equal((await api.put(`${path}?dueComplete=true`)).dueComplete, true);
  const all = await api.put(path, {
    name: 'Three',
    desc: 'other',
    idList: b.id,
    pos: 'top',
    closed: true,
    start: '2026-11-01T00:00:00.000Z',
  });
  assert.equal(all.name, 'Three');
  assert.equal(all.desc, 'other');
  assert.equal(all.idList, b.id);
  assert.equal(all.closed, true);
  assert.deepEqual(await api.get(`${path}/closed`), { _value: true });
  assert.deepEqual(await api.get(`/1/lists/${b.id}/cards`), []);
  assert.equal((await api.get(`/1/lists/${b.id}/cards/closed`))[0].id, card.id);
  assert.equal((await api.get(`/1/lists/${b.id}/cards?filter=all`)).length, 1);
  assert.equal((await api.get(`${path}/list`)).id, b.id);
  assert.equal((await api.get(`${path}?list=true&board=true&fields=name`)).list.id, b.id);
  assert.deepEqual(await api.delete(path), { limits: {} });
  assert.equal((await api.call('GET', path)).status, 404);
});

test('labels are made, put on cards and taken off', async (t) => {
  const { api } = await newApi(t);
  const board = await newBoard(api, { lists: ['A'], cards: 1 });
  const [card] = board.cards;
  const red = await api.post('/1/labels', { name: 'Red', color: 'red', idBoard: board.id });
  const none = await api.post(`/1/boards/${board.id}/labels`, { name: 'None', color: 'null' });
  assert.equal(none.color, null);
  assert.deepEqual(await api.post(`/1/cards/${card.id}/idLabels?value=${red.id}`), [red.id]);
  const third = await api.post(`/1/cards/${card.id}/labels`, { name: 'New', color: 'sky' });
  assert.deepEqual((await api.get(`/1/cards/${card.id}`)).idLabels, [red.id, third.id]);
  assert.deepEqual(
    (await api.get(`/1/cards/${card.id}`)).labels.map((label) => label.name),
    ['Red', 'New'],
  );
  assert.deepEqual(await api.delete(`/1/cards/${card.id}/idLabels/${red.id}`), { _value: null });
  const set = await api.put(`/1/cards/${card.id}`, { idLabels: `${none.id},${red.id}` });
  assert.deepEqual([...set.idLabels].sort(), [none.id, red.id].sort());
  assert.equal((await api.get(`/1/labels/${red.id}`)).uses, 1);
  assert.equal((await api.put(`/1/labels/${red.id}/color?value=blue`)).color, 'blue');
  assert.deepEqual(await api.delete(`/1/labels/${red.id}`), { limits: {} });
  assert.deepEqual((await api.get(`/1/cards/${card.id}`)).idLabels, [none.id]);
});

test('members join boards and cards, change their role and leave', async (t) => {
  const { api, world } = await newApi(t);
  const board = await newBoard(api, { lists: ['A'], cards: 1 });
  const elsewhere = await newBoard(api, { lists: [] });
  const bob = await world.server.newMember('Bob Baker', elsewhere.id);
  const path = `/1/boards/${board.id}/members`;
  const joined = await api.put(`${path}/${bob.idMember}?type=observer`);
  assert.deepEqual(joined.members.map((one) => one.username).sort(), ['admin', 'bobbaker']);
  await api.put(`${path}/${bob.idMember}`, { type: 'normal' });
  const roles = (await api.get(`/1/boards/${board.id}/memberships`)).map((one) => one.memberType);
  assert.deepEqual(roles.sort(), ['admin', 'normal']);
  assert.equal((await api.get(`${path}/admins`)).length, 1);
  const [card] = board.cards;
  const on = await api.post(`/1/cards/${card.id}/idMembers`, { value: bob.idMember });
  assert.deepEqual(
    on.map((one) => one.fullName),
    ['Bob Baker'],
  );
  assert.equal((await api.get(`/1/members/${bob.idMember}`)).username, 'bobbaker');
  assert.equal((await api.get('/1/members/bobbaker')).id, bob.idMember);
  const his = new Client(world.server, bob.token);
  assert.deepEqual(
    (await his.get('/1/members/me/cards')).map((one) => one.id),
    [card.id],
  );
  assert.equal((await his.get('/1/members/me/boards')).length, 2);
  assert.deepEqual(await api.delete(`/1/cards/${card.id}/idMembers/${bob.idMember}`), []);
  await his.delete(`${path}/${bob.idMember}`);
  assert.equal((await his.call('GET', `/1/boards/${board.id}`)).status, 404);
  const last = await api.call('DELETE', `${path}/${world.admin.idMember}`);
  assert.equal(last.status, 409);
});

test('a list stays on its board, and says so', async (t) => {
  const { api } = await newApi(t);
  const board = await newBoard(api, { lists: ['A'], cards: 0 });
  const [list] = board.lists;
  const other = await api.post('/1/boards', { name: 'Other', defaultLists: false });
  const own = await api.put(`/1/lists/${list.id}/idBoard`, { value: board.id });
  assert.equal(own.idBoard, board.id);
  for (const [path, json] of [
    [`/1/lists/${list.id}/idBoard`, { value: other.id }],
    [`/1/lists/${list.id}`, { idBoard: other.id }],
  ]) {
    const refused = await api.call('PUT', path, json);
    assert.equal(refused.status, 501, path);
    assert.match(refused.text, /idBoard/);
  }
  assert.deepEqual(await api.get(`/1/boards/${other.id}/lists`), []);
});

test('archiveAllCards and moveAllCards', async (t) => {
  const { api } = await newApi(t);
  const board = await newBoard(api, { lists: ['A', 'B'], cards: 6 });
  const [a, b] = board.lists;
  await api.post(`/1/lists/${a.id}/moveAllCards`, { idBoard: board.id, idList: b.id });
  assert.equal((await api.get(`/1/lists/${b.id}/cards`)).length, 6);
  await api.post(`/1/lists/${b.id}/archiveAllCards`);
  assert.equal((await api.get(`/1/lists/${b.id}/cards`)).length, 0);
  assert.equal((await api.get(`/1/boards/${board.id}/cards/closed`)).length, 6);
});

test('nested collections, fields and paging', async (t) => {
  const { api } = await newApi(t);
  const board = await newBoard(api, { lists: ['A', 'B'], cards: 5 });
  const got = await api.get(
    `/1/boards/${board.id}?fields=name&lists=open&list_fields=name&cards=visible` +
      '&card_fields=name,idList&labels=all&members=all&memberships=all&actions=none',
  );
  assert.deepEqual(Object.keys(got).sort(), [
    'cards',
    'id',
    'labels',
    'lists',
    'members',
    'memberships',
    'name',
  ]);
  assert.deepEqual(Object.keys(got.cards[0]).sort(), ['id', 'idList', 'name']);
  assert.equal(got.members[0].username, 'admin');
  const lists = await api.get(`/1/boards/${board.id}/lists?cards=open&card_fields=name`);
  assert.deepEqual(
    lists.map((list) => list.cards.length),
    [3, 2],
  );
  const ids = board.cards.map((card) => card.id).sort();
  const first = await api.get(`/1/boards/${board.id}/cards?limit=2`);
  assert.deepEqual(
    first.map((card) => card.id),
    [ids[4], ids[3]],
  );
  const next = await api.get(`/1/boards/${board.id}/cards?limit=2&before=${ids[3]}`);
  assert.deepEqual(
    next.map((card) => card.id),
    [ids[2], ids[1]],
  );
  const one = await api.get(`/1/boards/${board.id}/cards/${board.cards[0].id}`);
  assert.equal(one.name, 'Card 1');
});

test('an answer of many megabytes arrives whole, also at a slow reader', async (t) => {
  const { api, world } = await newApi(t);
  const board = await newBoard(api, { lists: ['A'] });
  const text = 'é"'.repeat(8000);
  for (let i = 0; i < 120; i += 1)
    await api.post('/1/cards', { idList: board.lists[0].id, name: `Card ${i}`, desc: text });
  const got = await api.get(`/1/boards/${board.id}/cards`, { ms: 30_000 });
  assert.equal(got.length, 120);
  assert.ok(got.every((card) => card.desc === text));
  const out = await request(world.server, {
    path: `/1/boards/${board.id}/export`,
    token: world.admin.token,
    ms: 30_000,
  });
  assert.equal(out.headers['transfer-encoding'], 'chunked');
  assert.equal(out.json.cards.length, 120);
  assert.equal(out.json.members.length, 1);
});

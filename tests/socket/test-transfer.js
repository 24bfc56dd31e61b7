// test-transfer.js - a card that goes to another board: all of it, at once, for who may.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { Live } from './lib/live.js';
import { newBoard } from './lib/trello.js';
import { newStranger, newWorld } from './lib/world.js';

const types = (actions) => actions.map((action) => action.type);
const ids = (objects) => objects.map((object) => object.id);

/** Two boards of the administrator: on the first one a card with something of everything. */
async function newStage(t, options) {
  const world = await newWorld(t, options);
  const api = new Client(world.server, world.admin.token);
  const from = await newBoard(api, { name: 'From', lists: ['Here', 'Beside'], cards: 3 });
  const to = await newBoard(api, { name: 'To', lists: ['First', 'Second'], cards: 2 });
  const bea = await world.server.newMember('Bea', from.id);
  const red = await api.post('/1/labels', { name: 'Soon', color: 'red', idBoard: from.id });
  const there = await api.post('/1/labels', { name: 'Soon', color: 'red', idBoard: to.id });
  const blue = await api.post('/1/labels', { name: 'Only here', color: 'blue', idBoard: from.id });
  const field = await api.post('/1/customFields', {
    idModel: from.id,
    modelType: 'board',
    name: 'Size',
    type: 'number',
  });
  const [{ id }] = from.cards;
  await api.put(`/1/cards/${id}`, {
    name: 'Full',
    desc: 'What **to do**',
    due: '2030-01-02T03:04:05.000Z',
    idLabels: `${red.id},${blue.id}`,
    idMembers: `${world.admin.idMember},${bea.idMember}`,
  });
  const checklist = await api.post('/1/checklists', { name: 'Steps', idCard: id });
  const items = `/1/checklists/${checklist.id}/checkItems`;
  await api.post(items, { name: 'one', checked: 'true' });
  await api.put(`/1/cards/${id}/customField/${field.id}/item`, { value: { number: '12' } });
  await api.post(`/1/cards/${id}/attachments`, { url: 'https://example.org/', name: 'Link' });
  await new Client(world.server, bea.token).post(`/1/cards/${id}/actions/comments`, {
    text: 'Said by Bea',
  });
  const full = (card = id) =>
    api.get(`/1/cards/${card}?checklists=all&customFieldItems=true&attachments=true&board=true`);
  const follow = (board) => Live.open(world.server, board.id, { token: world.admin.token });
  const names = async (list) => (await api.get(`/1/lists/${list.id}/cards`)).map((c) => c.name);
  return { world, api, from, to, bea, red, there, blue, field, id, full, follow, names };
}

test('a card goes to another board with all that hangs on it', async (t) => {
  const { world, api, from, to, there, id, full, names } = await newStage(t);
  const was = await full();
  const [, second] = to.lists;
  const put = { idBoard: to.id, idList: second.id, pos: 'top', name: 'Renamed', closed: false };
  const moved = await api.put(`/1/cards/${id}`, put);
  assert.deepEqual(
    [moved.id, moved.shortLink, moved.idBoard, moved.idList, moved.name],
    [id, was.shortLink, to.id, second.id, 'Renamed'],
  );
  for (const key of [id, was.shortLink]) {
    const now = await full(key);
    assert.equal(now.board.name, 'To');
    for (const same of ['desc', 'due', 'id', 'shortLink']) assert.deepEqual(now[same], was[same]);
    assert.notEqual(now.idShort, 0);
    assert.deepEqual(now.idMembers, [world.admin.idMember], 'Bea is not on that board');
    assert.equal(now.idLabels[0], there.id, 'by name and colour');
    assert.deepEqual(now.labels.map((one) => one.name), ['Soon', 'Only here']);
    assert.deepEqual(ids(now.checklists), ids(was.checklists));
    assert.deepEqual(now.checklists[0].checkItems, was.checklists[0].checkItems);
    assert.deepEqual(ids(now.attachments), ids(was.attachments));
    assert.deepEqual(now.customFieldItems[0].value, { number: '12' });
    for (const badge of ['comments', 'attachments', 'checkItems', 'checkItemsChecked'])
      assert.equal(now.badges[badge], was.badges[badge], badge);
  }
  assert.deepEqual((await api.get(`/1/boards/${from.id}/cards`)).length, 2);
  assert.deepEqual(await names(second), ['Renamed', 'Card 2']);
  const fields = await api.get(`/1/boards/${to.id}/customFields`);
  assert.deepEqual(fields.map((field) => field.name), ['Size']);
  const [comment] = await api.get(`/1/cards/${id}/actions?filter=commentCard`);
  assert.deepEqual(
    [comment.data.text, comment.memberCreator.fullName, comment.data.board.id],
    ['Said by Bea', 'Bea', to.id],
  );
  assert.equal((await api.call('GET', `/1/boards/${from.id}/cards/${id}`)).status, 404);
});

test('the board alone is enough: the first open list, at its end', async (t) => {
  const { api, from, to, id, names } = await newStage(t);
  const [first] = to.lists;
  assert.equal((await api.put(`/1/cards/${id}`, { idBoard: to.shortLink })).idList, first.id);
  assert.deepEqual(await names(first), ['Card 1', 'Full']);
  const other = from.cards[1].id;
  await api.put(`/1/lists/${first.id}/closed`, { value: true });
  const second = await api.put(`/1/cards/${other}/idBoard`, { value: to.id });
  assert.deepEqual([second.idBoard, second.idList], [to.id, to.lists[1].id]);
  const back = { value: from.shortLink, idList: from.lists[1].id };
  assert.equal((await api.put(`/1/cards/${other}/idBoard`, back)).idList, from.lists[1].id);
  await api.put(`/1/cards/${other}/idBoard?value=${to.id}&pos=top`);
  const own = await api.put(`/1/cards/${other}`, { idBoard: to.id, name: 'Stays' });
  assert.deepEqual([own.name, own.idList], ['Stays', to.lists[1].id]);
});

test('what else is given is of the other board; what is wrong is said first', async (t) => {
  const { api, from, to, id, blue, there } = await newStage(t);
  const ask = (more) => api.call('PUT', `/1/cards/${id}`, { idBoard: to.id, ...more });
  for (const wrong of [{ due: 'some day' }, { name: 'x'.repeat(20_000) }, { idLabels: 'none' }]) {
    const answer = await ask(wrong);
    assert.equal(answer.status, 400, `${Object.keys(wrong)} ${answer.text}`);
  }
  assert.equal((await ask({ idList: from.lists[1].id })).status, 404);
  assert.equal((await api.get(`/1/cards/${id}`)).idBoard, from.id, 'nothing has happened');
  const late = await ask({ idLabels: blue.id });
  assert.equal(late.status, 404, 'a label of the other board');
  assert.match(late.text, /^the card has moved, but not all/);
  assert.equal((await api.get(`/1/cards/${id}`)).idBoard, to.id);
  const set = await ask({ idLabels: there.id, idMembers: '', due: null });
  assert.deepEqual([set.json.idLabels, set.json.idMembers, set.json.due], [[there.id], [], null]);
});

test('all cards of a list go to a list of another board in one event', async (t) => {
  const { api, from, to, names, follow } = await newStage(t);
  const [here] = from.lists;
  await api.put(`/1/cards/${from.cards[1].id}`, { idList: here.id });
  const gone = await api.post('/1/cards', { name: 'Archived', idList: here.id });
  await api.put(`/1/cards/${gone.id}`, { closed: true });
  const before = await names(here);
  const live = await follow(to);
  const count = live.count;
  const path = `/1/lists/${here.id}/moveAllCards`;
  const json = { idBoard: to.id, idList: to.lists[1].id };
  const headers = { 'idempotency-key': 'all of them' };
  assert.deepEqual(await api.ok('POST', path, json, { headers }), []);
  await live.reach(live.pos[0] + (live.count === count ? 1 : 0));
  assert.equal(live.count, count + 1);
  assert.deepEqual(await names(here), []);
  assert.deepEqual(await names(to.lists[1]), ['Card 2', ...before]);
  assert.equal((await api.get(`/1/cards/${gone.id}`)).idBoard, from.id, 'what is archived stays');
  await api.ok('POST', path, json, { headers });
  await api.post(path, json); // there is none any more
  assert.deepEqual(await names(to.lists[1]), ['Card 2', ...before]);
  await live.close();
});

test('only who may change both boards moves a card between them', async (t) => {
  const { world, api, from, to, bea, id } = await newStage(t);
  const onto = async (board, who, type) =>
    api.put(`/1/boards/${board.id}/members/${who.idMember}`, { type });
  const stranger = await newStranger(world, 'Stan');
  const people = {};
  for (const name of ['reads from', 'reads to', 'changes both', 'only to'])
    people[name] = await world.server.newMember(name, to.id);
  await onto(from, people['reads from'], 'observer');
  await onto(from, people['reads to'], 'normal');
  await onto(to, people['reads to'], 'observer');
  await onto(from, people['changes both'], 'normal');
  const idList = to.lists[0].id;
  const rows = [
    [undefined, 401],
    [stranger, 404],
    [people['only to'], 404],
    [people['reads from'], 403],
    [bea, 404], // does not see the other board
    [people['reads to'], 403],
  ];
  const asks = [
    ['PUT', `/1/cards/${id}`, { idBoard: to.id, idList }],
    ['PUT', `/1/cards/${id}/idBoard`, { value: to.id }],
    ['POST', `/1/lists/${from.lists[0].id}/moveAllCards`, { idBoard: to.id, idList }],
    ['POST', `/v1/boards/${from.id}/ops`, { ops: [{ op: 'card.transfer', id, idBoard: to.id }] }],
  ];
  const state = async () =>
    Promise.all([from, to].map(async (b) => (await api.get(`/v1/boards/${b.id}/state`)).pos));
  const before = await state();
  for (const [who, status] of rows) {
    for (const [method, path, json] of asks) {
      const answer = await request(world.server, { method, path, json, token: who?.token });
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
    }
  }
  const nowhere = await api.call('PUT', `/1/cards/${id}`, { idBoard: 'f'.repeat(24) });
  assert.equal(nowhere.status, 404);
  assert.equal((await api.call('PUT', `/1/cards/${id}`, { idBoard: 'nothing' })).status, 400);
  assert.deepEqual(await state(), before, 'nothing has happened');
  const may = new Client(world.server, people['changes both'].token);
  assert.equal((await may.put(`/1/cards/${id}`, { idBoard: to.id })).idBoard, to.id);
});

test('a move that is asked for twice under one key is made once', async (t) => {
  const { api, from, to, names } = await newStage(t);
  const [, second] = to.lists;
  for (const [more, { id }] of [
    [{}, from.cards[0]],
    [{ name: 'Once' }, from.cards[1]],
  ]) {
    const json = { idBoard: to.id, idList: second.id, pos: 'top', ...more };
    const headers = { 'idempotency-key': `to the other board ${id}` };
    const again = () => api.call('PUT', `/1/cards/${id}`, json, { headers });
    assert.equal((await again()).status, 200);
    await api.put(`/1/cards/${id}`, { pos: 'bottom', name: 'Since' });
    const repeated = await again();
    assert.deepEqual([repeated.status, repeated.json.name], [200, 'Since']);
    assert.equal((await names(second)).at(-1), 'Since');
    json.name = 'Another';
    assert.equal((await again()).status, 422);
  }
});

test('If-Match is of the card that moves', async (t) => {
  const { api, to, id } = await newStage(t);
  const { etag } = (await api.call('GET', `/1/cards/${id}`)).headers;
  const json = { idBoard: to.id, name: 'M' };
  const move = (tag) =>
    api.call('PUT', `/1/cards/${id}`, json, { headers: { 'If-Match': tag } });
  assert.equal((await move('"1"')).status, 409);
  const moved = await move(etag);
  assert.deepEqual([moved.status, moved.json.name], [200, 'M']);
});

test('both boards tell their followers, each its half', async (t) => {
  const { world, api, from, to, id, follow } = await newStage(t);
  const [left, right] = [await follow(from), await follow(to)];
  const verdict = await left.ok({ op: 'card.transfer', id, idBoard: to.id });
  await right.reach(right.pos[0] + (right.events.length === 0 ? 1 : 0));
  const [gone, came] = [left.events.at(-1), right.events.at(-1)];
  assert.equal(gone.s, verdict.s);
  assert.deepEqual([gone.tx.to, came.tx.from], [to.id, from.id]);
  assert.equal(gone.tx.id, came.tx.id);
  assert.ok(gone.e.some(([form, kind, of]) => form === 'del' && kind === 'card' && of === id));
  assert.ok(came.e.some(([form, kind, of]) => form === 'add' && kind === 'card' && of === id));
  assert.equal((await left.op({ op: 'card.set', id, name: 'late' })).why, 'gone');
  const text = { op: 'text', kind: 'card', id, field: 'desc', delta: [[3, 'late']] };
  assert.ok((await left.op(text, { base: gone.s - 1 })).rej, 'a draft of whoever wrote it');
  assert.equal((await right.ok({ op: 'card.set', id, name: 'there' })).ok, true);
  assert.equal((await left.op({ op: 'card.transfer', id, idBoard: to.id })).rej, true);
  assert.equal((await right.op({ op: 'card.transfer', id, idBoard: to.id })).why, 'invalid');
  const back = await right.op({ op: 'card.transfer', id, idBoard: from.id });
  assert.equal(back.ok, true);
  const card = await api.get(`/1/cards/${id}`);
  assert.deepEqual([card.idBoard, card.name], [from.id, 'there']);
  assert.equal(card.idMembers.includes(world.admin.idMember), true);
  await left.close();
  await right.close();
});

test('both boards have an action of it, with the name of the other for who may know', async (t) => {
  const { world, api, from, to, bea, id, full } = await newStage(t);
  const was = await full();
  await api.put(`/1/cards/${id}`, { idBoard: to.id, idList: to.lists[0].id });
  const of = async (who, board, query) => who.get(`/1/boards/${board.id}/actions?${query}`);
  const [gone] = await of(api, from, 'limit=1');
  assert.equal(gone.type, 'moveCardFromBoard');
  assert.deepEqual(gone.data, {
    board: { id: from.id, name: 'From', shortLink: from.shortLink },
    boardTarget: { id: to.id, name: 'To' },
    card: { id, idShort: was.idShort, name: 'Full', shortLink: was.shortLink },
    list: { id: from.lists[0].id, name: 'Here' },
  });
  const [came, ...more] = await of(api, to, 'filter=moveCardToBoard');
  assert.deepEqual(more, []);
  assert.deepEqual(came.data.boardSource, { id: from.id, name: 'From' });
  assert.deepEqual(came.data.list, { id: to.lists[0].id, name: 'First' });
  assert.equal(came.idMemberCreator, world.admin.idMember);
  const beas = new Client(world.server, bea.token);
  const [seen] = await of(beas, from, 'limit=1');
  assert.deepEqual(seen.data.boardTarget, { id: to.id }, 'not the name of a board she cannot see');
  const card = await api.get(`/1/cards/${id}/actions?filter=all`);
  assert.deepEqual(types(card).sort(), ['commentCard', 'moveCardToBoard']);
  assert.deepEqual(types(await api.get(`/1/cards/${id}/actions`)), ['commentCard']);
  const list = await api.get(`/1/lists/${from.lists[0].id}/actions?filter=moveCardFromBoard`);
  assert.deepEqual(ids(list), [gone.id]);
  const count = await of(api, from, 'filter=moveCardFromBoard&format=count');
  assert.deepEqual(count, { _value: 1 });
  assert.equal((await of(api, from, 'filter=deleteCard')).length, 0);
  assert.equal((await of(api, from, 'filter=removeChecklistFromCard')).length, 0);
  assert.deepEqual(await api.get(`/1/actions/${gone.id}`), gone);
  for (const [board, type] of [
    [from, 'moveCardFromBoard'],
    [to, 'moveCardToBoard'],
  ]) {
    const file = await api.get(`/1/boards/${board.id}/export`);
    assert.ok(types(file.actions).includes(type), `${type} is exported`);
  }
});

test('the past of both boards is as it was; no half is taken back alone', async (t) => {
  const { api, from, to, id } = await newStage(t);
  const seq = async (board) => (await api.get(`/v1/boards/${board.id}/state`)).pos[0];
  const state = (board, at) => api.get(`/v1/boards/${board.id}/state?at=${at}`);
  const before = { from: await seq(from), to: await seq(to) };
  const was = await api.get(`/v1/boards/${from.id}/state`);
  await api.put(`/1/cards/${id}`, { idBoard: to.id });
  const holds = ({ state: rows }) => rows.some(([, fields]) => fields.id === id);
  assert.deepEqual((await state(from, before.from)).state.sort(), was.state.sort());
  assert.equal(holds(await state(from, before.from + 1)), false);
  assert.equal(holds(await state(to, before.to)), false);
  assert.equal(holds(await state(to, before.to + 1)), true);
  const revert = (board, what) => api.call('POST', `/v1/boards/${board.id}/revert`, what);
  for (const [board, s] of [
    [from, before.from + 1],
    [to, before.to + 1],
  ]) {
    const answer = await revert(board, { s });
    assert.equal(answer.status, 409, answer.text);
    assert.match(answer.text, /mov/);
  }
  assert.ok((await revert(from, { id })).status >= 400, 'it lives elsewhere');
  assert.equal((await api.get(`/1/cards/${id}`)).idBoard, to.id);
});

test('a file is there after the move, and after a restart', async (t) => {
  const { world, api, to, id } = await newStage(t);
  const body = [
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n',
    'what it says\r\n--b--\r\n',
  ].join('');
  const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
  const { token } = world.admin;
  const path = `/1/cards/${id}/attachments`;
  const made = await request(world.server, { method: 'POST', path, token, body, headers });
  const { pathname } = new URL(made.json.url);
  const moved = await api.put(`/1/cards/${id}`, { idBoard: to.id });
  const check = async () => {
    const got = await request(world.server, { path: pathname, token });
    assert.deepEqual([got.status, got.text], [200, 'what it says']);
    const now = await api.get(`/1/cards/${id}?attachments=true`);
    assert.equal(now.idBoard, to.id);
    assert.ok(ids(now.attachments).includes(made.json.id));
    assert.equal((await api.get(`/1/cards/${moved.shortLink}`)).id, id);
  };
  await check();
  await world.server.stop();
  await world.server.start();
  await check();
});

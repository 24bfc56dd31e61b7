// test-history.js - what happened, in Trello's actions, and a board as it was.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { Live } from './lib/live.js';
import { newBoard } from './lib/trello.js';
import { newWorld } from './lib/world.js';

async function newStage(t, shape = {}) {
  const world = await newWorld(t);
  const api = new Client(world.server, world.admin.token);
  const board = await newBoard(api, { name: 'Plans', cards: 1, ...shape });
  return { world, api, board, card: board.cards[0], lists: board.lists };
}

const types = (actions) => actions.map((action) => action.type);

test('every change is an action in the shape of Trello', async (t) => {
  const { api, world, board, card, lists } = await newStage(t);
  const path = `/1/cards/${card.id}`;
  await api.put(path, { name: 'Paint the boat' });
  await api.put(path, { idList: lists[1].id });
  await api.put(path, { due: '2026-05-01T12:00:00.000Z' });
  const label = await api.post('/1/labels', { name: 'Soon', color: 'red', idBoard: board.id });
  await api.post(`${path}/idLabels`, { value: label.id });
  await api.delete(`${path}/idLabels/${label.id}`);
  await api.post(`${path}/idMembers`, { value: world.admin.idMember });
  await api.put(path, { desc: 'blue and white' });
  await api.put(path, { closed: true });
  const actions = await api.get(`${path}/actions?filter=all`);
  assert.deepEqual(types(actions), [
    'updateCard',
    'updateCard',
    'addMemberToCard',
    'removeLabelFromCard',
    'addLabelToCard',
    'updateCard',
    'updateCard',
    'updateCard',
    'createCard',
  ]);
  const [closed, desc, member, , labelled, due, moved, named, created] = actions;
  assert.deepEqual(closed.data.old, { closed: false });
  assert.equal(closed.data.card.closed, true);
  assert.deepEqual(desc.data.old, { desc: '' });
  assert.equal(desc.data.card.desc, 'blue and white');
  assert.equal(member.data.idMember, world.admin.idMember);
  assert.equal(member.member.id, world.admin.idMember);
  assert.deepEqual(labelled.data.label, { color: 'red', id: label.id, name: 'Soon' });
  assert.deepEqual(due.data.old, { due: null });
  assert.equal(due.data.card.due, '2026-05-01T12:00:00.000Z');
  assert.deepEqual(moved.data.old, { idList: lists[0].id });
  assert.deepEqual(moved.data.listBefore, { id: lists[0].id, name: 'To do' });
  assert.deepEqual(moved.data.listAfter, { id: lists[1].id, name: 'Doing' });
  assert.deepEqual(named.data.old, { name: 'Card 1' });
  assert.equal(named.data.card.name, 'Paint the boat');
  assert.deepEqual(created.data, {
    board: { id: board.id, name: 'Plans', shortLink: board.shortLink },
    card: { id: card.id, idShort: 1, name: 'Card 1', shortLink: card.shortLink },
    list: { id: lists[0].id, name: 'To do' },
  });
  for (const action of actions) {
    assert.match(action.id, /^[0-9a-f]{24}$/);
    assert.equal(action.idMemberCreator, world.admin.idMember);
    assert.equal(action.memberCreator.id, world.admin.idMember);
    assert.equal(parseInt(action.id.slice(0, 8), 16), Math.floor(Date.parse(action.date) / 1000));
    const alone = await api.get(`/1/actions/${action.id}`);
    assert.deepEqual(alone, action);
  }
  const about = (what) => api.get(`/1/actions/${moved.id}/${what}`);
  assert.deepEqual(await about('type'), { _value: 'updateCard' });
  assert.equal((await about('card')).closed, true);
  assert.equal((await about('board')).name, 'Plans');
  assert.equal((await about('memberCreator')).id, world.admin.idMember);
  for (const what of ['list', 'member', 'nothing'])
    assert.equal((await api.call('GET', `/1/actions/${moved.id}/${what}`)).status, 404, what);
});

test('names are those of the time', async (t) => {
  const { api, board, card, lists } = await newStage(t);
  await api.put(`/1/cards/${card.id}`, { idList: lists[1].id });
  await api.put(`/1/lists/${lists[0].id}`, { name: 'Later' });
  await api.put(`/1/cards/${card.id}`, { name: 'Other' });
  const [moved, ...others] = await api.get(`/1/cards/${card.id}/actions`);
  assert.deepEqual(others, [], 'comments and moves, unless more is asked for');
  assert.equal(moved.data.listBefore.name, 'To do');
  assert.equal(moved.data.card.name, 'Card 1');
  await api.delete(`/1/cards/${card.id}`);
  const [gone, , , , created] = await api.get(`/1/boards/${board.id}/actions`);
  assert.equal(gone.type, 'deleteCard');
  assert.equal(gone.data.card.name, 'Other');
  assert.equal(gone.data.list.name, 'Doing');
  assert.equal(created.type, 'createCard');
  assert.equal(created.data.card.name, 'Card 1');
  assert.equal((await api.call('GET', `/1/cards/${card.id}/actions`)).status, 404);
});

test('a list has the actions of its cards while they were on it', async (t) => {
  const { api, board, card, lists } = await newStage(t);
  await api.put(`/1/cards/${card.id}`, { idList: lists[1].id });
  await api.put(`/1/cards/${card.id}`, { name: 'Elsewhere' });
  const from = await api.get(`/1/lists/${lists[0].id}/actions`);
  assert.deepEqual(types(from), ['updateCard', 'createCard', 'createList']);
  const to = await api.get(`/1/lists/${lists[1].id}/actions`);
  assert.deepEqual(types(to), ['updateCard', 'updateCard', 'createList']);
  const all = await api.get(`/1/boards/${board.id}/actions?filter=createBoard,createList`);
  assert.deepEqual(types(all), ['createList', 'createList', 'createList', 'createBoard']);
});

test('actions are filtered, cut, counted and paged', async (t) => {
  const { api, board, card } = await newStage(t);
  for (let i = 0; i < 12; i += 1) await api.put(`/1/cards/${card.id}`, { name: `Name ${i}` });
  const path = `/1/cards/${card.id}/actions?filter=all`;
  const all = await api.get(path);
  assert.equal(all.length, 13);
  assert.deepEqual(await api.get(`${path}&format=count`), { _value: 13 });
  assert.deepEqual(await api.get(`${path}&limit=0`), []);
  const ids = (list) => list.map((action) => action.id);
  assert.deepEqual(ids(await api.get(`${path}&limit=5`)), ids(all.slice(0, 5)));
  assert.deepEqual(ids(await api.get(`${path}&limit=5&page=1`)), ids(all.slice(5, 10)));
  assert.deepEqual(
    ids(await api.get(`${path}&limit=5&before=${all[4].id}`)),
    ids(all.slice(5, 10)),
  );
  assert.deepEqual(ids(await api.get(`${path}&since=${all[3].id}`)), ids(all.slice(0, 3)));
  const late = await api.get(`${path}&since=${encodeURIComponent('2100-01-01')}`);
  assert.deepEqual(late, []);
  const early = await api.get(`${path}&before=2001-01-01T00:00:00.000Z`);
  assert.deepEqual(early, []);
  const coming = await api.get(`${path}&before=2100-01-01T00:00:00.000Z&since=null`);
  assert.equal(coming.length, 13);
  const [lean] = await api.get(`${path}&fields=type,date&memberCreator=false&limit=1`);
  assert.deepEqual(Object.keys(lean).sort(), ['date', 'id', 'type']);
  for (const query of ['limit=1001', 'limit=x', 'page=500&limit=10', 'before=soon', 'format=x'])
    assert.equal((await api.call('GET', `${path}&${query}`)).status, 400, query);
  const none = '0'.repeat(24);
  for (const id of [none, `${all[0].id.slice(0, 23)}f`, 'f'.repeat(24)])
    assert.equal((await api.call('GET', `/1/actions/${id}`)).status, 404, id);
  assert.equal((await api.call('GET', '/1/actions/x')).status, 400);
  // our own: a page says where the next one begins
  const seen = [];
  for (let before = ''; before !== undefined; ) {
    const query = before === '' ? '' : `&before=${before}`;
    const page = await api.get(`/v1/boards/${board.id}/activity?card=${card.id}&limit=5${query}`);
    seen.push(...page.list);
    before = page.before;
  }
  assert.deepEqual(ids(seen), ids(all));
  assert.ok(seen.every((action, i) => i === 0 || action.s < seen[i - 1].s));
});

test('actions come with their card or board, and with an export', async (t) => {
  const { api, board, card } = await newStage(t);
  await api.put(`/1/cards/${card.id}`, { name: 'Other' });
  const all = await api.get(`/1/cards/${card.id}/actions?filter=all`);
  const whole = await api.get(`/1/cards/${card.id}?actions=all&list=true`);
  assert.deepEqual(whole.actions, all);
  assert.equal(whole.list.name, 'To do');
  const some = await api.get(`/1/cards/${card.id}?actions=createCard&action_fields=type`);
  assert.deepEqual(
    some.actions.map(({ type, date }) => [type, date]),
    [['createCard', undefined]],
  );
  const nested = await api.get(`/1/boards/${board.id}?actions=all&actions_limit=2&cards=open`);
  assert.deepEqual(types(nested.actions), ['updateCard', 'createCard']);
  assert.equal(nested.cards.length, 1);
  assert.equal((await api.get(`/1/cards/${card.id}?actions=none`)).actions, undefined);
  const file = await api.get(`/v1/boards/${board.id}/export`);
  assert.deepEqual(file.actions, await api.get(`/1/boards/${board.id}/actions?limit=1000`));
});

test('what one person types is one action', async (t) => {
  const { api, world, board, card } = await newStage(t);
  const live = await Live.open(world.server, board.id, { token: world.admin.token });
  for (let i = 0; i < 8; i += 1)
    await live.op({
      op: 'text',
      kind: 'card',
      id: card.id,
      field: 'desc',
      delta: i === 0 ? ['a'] : [i, 'a'],
    });
  await live.close();
  const actions = await api.get(`/1/cards/${card.id}/actions?filter=updateCard:desc`);
  assert.equal(actions.length, 1);
  assert.equal(actions[0].data.card.desc, 'aaaaaaaa');
  assert.equal(actions[0].data.old.desc, 'aaaaaaa');
});

test('moves of many are told for each, their places for none', async (t) => {
  const { api, board, lists } = await newStage(t, { cards: 9 });
  await api.post(`/1/lists/${lists[0].id}/moveAllCards`, { idList: lists[1].id });
  await api.post(`/v1/boards/${board.id}/ops`, {
    ops: [{ op: 'list.sort', id: lists[1].id, by: 'name' }],
  });
  const actions = await api.get(`/1/boards/${board.id}/actions?filter=updateCard`);
  assert.equal(actions.length, 3);
  assert.equal(new Set(actions.map((action) => action.id)).size, 3);
  for (const action of actions) assert.equal(action.data.listBefore.id, lists[0].id);
});

test('a board and a card say when they changed last', async (t) => {
  const { api, board, card } = await newStage(t);
  const before = Date.now();
  const changed = await api.put(`/1/cards/${card.id}`, { name: 'Now' });
  const at = Date.parse(changed.dateLastActivity);
  assert.ok(at >= before - 1 && at <= Date.now() + 1);
  const shown = await api.get(`/1/boards/${board.id}?fields=dateLastActivity`);
  assert.equal(shown.dateLastActivity, changed.dateLastActivity);
  const { ts } = await api.get(`/v1/boards/${board.id}/state`);
  assert.equal(new Date(ts).toISOString(), shown.dateLastActivity);
  const mine = await api.get('/1/members/me/boards?fields=dateLastActivity');
  assert.equal(mine.find((one) => one.id === board.id).dateLastActivity, shown.dateLastActivity);
});

test('a board is shown as it was', async (t) => {
  const { api, board, card, lists } = await newStage(t, { cards: 3 });
  const path = `/v1/boards/${board.id}/state`;
  const was = [];
  const note = async () => was.push(await api.get(path));
  await note();
  await api.put(`/1/cards/${card.id}`, { idList: lists[2].id, name: 'Moved', desc: 'once' });
  await note();
  await api.delete(`/1/cards/${card.id}`);
  await note();
  await api.post(`/1/lists/${lists[1].id}/moveAllCards`, { idList: lists[0].id });
  await note();
  const field = { idModel: board.id, modelType: 'board', name: 'Size', type: 'text' };
  await api.post('/1/customFields', field);
  const list = await api.post(`/1/cards/${board.cards[1].id}/checklists`, { name: 'Steps' });
  await note();
  await api.delete(`/1/checklists/${list.id}`);
  await api.put(`/1/boards/${board.id}`, { name: 'Renamed' });
  for (const then of was) {
    const past = await api.get(`${path}?at=${then.pos[0]}`);
    assert.deepEqual(past.pos, then.pos);
    assert.deepEqual(past.state, then.state);
    assert.deepEqual(past.who, then.who);
    const timed = await api.get(`${path}?time=${new Date(past.ts).toISOString()}`);
    assert.ok(timed.pos[0] >= past.pos[0] && timed.ts === past.ts);
  }
  // and the description of a card, which may be gone by now
  const desc = async (at) => (await api.get(`${path}?at=${at}&card=${card.id}`)).desc;
  assert.equal(await desc(was[1].pos[0]), 'once');
  assert.equal(await desc(was[0].pos[0]), '');
  assert.equal(await desc(was[2].pos[0]), undefined);
  const empty = await api.get(`${path}?at=0`);
  assert.deepEqual(empty.state, []);
  for (const query of ['at=1&card=x', 'at=x', 'at=-1', 'at=999999', 'time=soon', 'since=1'])
    assert.equal((await api.call('GET', `${path}?${query}`)).status, 400, query);
  const answer = await request(api.place, { path: `${path}?at=1` });
  assert.equal(answer.status, 401);
});

test('an event is taken back, and taking it back is, too', async (t) => {
  const { api, board, card, lists } = await newStage(t, { cards: 3 });
  const path = `/v1/boards/${board.id}`;
  const shape = async () => {
    const state = await api.get(`${path}/state`);
    return state.state.map(([kind, { s, dateLastActivity, ...fields }]) => [kind, fields]);
  };
  const newest = async () => (await api.get(`${path}/state`)).pos[0];
  const changes = [
    () => api.put(`/1/cards/${card.id}`, { name: 'Other', idList: lists[1].id, due: '2026-05-01' }),
    () => api.put(`/1/cards/${card.id}`, { closed: true }),
    () => api.put(`/1/cards/${card.id}`, { desc: 'words' }),
    () => api.post(`/1/cards/${card.id}/labels`, { name: 'New', color: 'red' }),
    () => api.put(`/1/lists/${lists[2].id}`, { name: 'Ready', pos: 'top' }),
    () => api.post(`/1/lists/${lists[1].id}/moveAllCards`, { idList: lists[2].id }),
    () => api.post('/1/cards', { name: 'One more', idList: lists[0].id, desc: 'x' }),
    () => api.post('/1/lists', { name: 'One more', idBoard: board.id }),
    () => api.put(`/1/boards/${board.id}`, { name: 'Renamed', prefs_background: 'red' }),
    () => api.delete(`/1/cards/${card.id}`),
    () => api.post(`${path}/ops`, { ops: [{ op: 'list.delete', id: lists[1].id }] }),
  ];
  for (const [i, change] of changes.entries()) {
    const before = await shape();
    await change();
    const after = await shape();
    assert.notDeepEqual(after, before);
    const done = await api.post(`${path}/revert`, { s: await newest() });
    assert.equal(done.t, 'ok');
    assert.deepEqual(await shape(), before, `change ${i}`);
    await api.post(`${path}/revert`, { s: done.s });
    assert.deepEqual(await shape(), after, `change ${i} again`);
    if (i < 9) continue;
    await api.post(`${path}/revert`, { s: await newest() });
  }
});

test('what was changed since is not taken back, and it is said what', async (t) => {
  const { api, world, board, card, lists } = await newStage(t);
  const path = `/v1/boards/${board.id}`;
  const newest = async () => (await api.get(`${path}/state`)).pos[0];
  const revert = (json) => api.call('POST', `${path}/revert`, json);
  await api.put(`/1/cards/${card.id}`, { name: 'Mine' });
  const s = await newest();
  await api.put(`/1/cards/${card.id}`, { name: 'Hers' });
  const answer = await revert({ s });
  assert.equal(answer.status, 409);
  assert.equal(answer.json.why, 'conflict');
  assert.equal(answer.json.d.field, 'name');
  assert.equal(answer.json.current.name, 'Hers');
  // what is elsewhere on the card does not matter
  await api.put(`/1/cards/${card.id}`, { due: '2026-05-01' });
  assert.equal((await revert({ s: s + 1 })).status, 200);
  assert.equal((await api.get(`/1/cards/${card.id}`)).name, 'Mine');
  // of text only the words
  await api.put(`/1/cards/${card.id}`, { desc: 'one two three' });
  await api.put(`/1/cards/${card.id}`, { desc: 'one 2 three' });
  const words = await newest();
  await api.put(`/1/cards/${card.id}`, { desc: 'zero one 2 three' });
  assert.equal((await revert({ s: words })).status, 200);
  assert.equal((await api.get(`/1/cards/${card.id}`)).desc, 'zero one two three');
  // a made list that has cards by now stays
  const list = await api.post('/1/lists', { name: 'L', idBoard: board.id });
  const made = await newest();
  await api.put(`/1/cards/${card.id}`, { idList: list.id });
  assert.equal((await revert({ s: made })).status, 409);
  // people are not put on and off a board by it
  await world.server.newMember('guest', board.id);
  assert.equal((await revert({ s: await newest() })).status, 400);
  for (const json of [{}, { s: 0 }, { s: 99999 }, { s: 'x' }, { id: 'x' }])
    assert.equal((await revert(json)).status, 400, JSON.stringify(json));
  assert.equal((await revert({ id: lists[0].id })).status, 404);
});

test('a deleted card comes back as it was, with its id', async (t) => {
  const { api, board, card, lists } = await newStage(t);
  const path = `/1/cards/${card.id}`;
  const label = await api.post('/1/labels', { name: 'Soon', color: 'red', idBoard: board.id });
  await api.put(path, { desc: 'long story', due: '2026-05-01T12:00:00.000Z', idLabels: label.id });
  const was = await api.get(path);
  await api.delete(path);
  assert.equal((await api.call('GET', path)).status, 404);
  await api.post(`/v1/boards/${board.id}/revert`, { id: card.id });
  const { dateLastActivity, ...is } = await api.get(path);
  assert.deepEqual({ ...is, dateLastActivity: was.dateLastActivity }, was);
  assert.ok(dateLastActivity >= was.dateLastActivity);
  assert.equal((await api.get(`/1/cards/${was.shortLink}`)).id, card.id);
  // its label and list are gone when it comes back once more
  await api.delete(path);
  await api.delete(`/1/labels/${label.id}`);
  await api.post(`/v1/boards/${board.id}/ops`, { ops: [{ op: 'list.delete', id: lists[0].id }] });
  await api.post(`/v1/boards/${board.id}/revert`, { id: card.id });
  const again = await api.get(path);
  assert.equal(again.idList, lists[1].id);
  assert.deepEqual(again.idLabels, []);
  assert.equal(again.desc, 'long story');
  const twice = await api.call('POST', `/v1/boards/${board.id}/revert`, { id: card.id });
  assert.equal(twice.status, 409);
});

test('what a member did is told of all boards that the asker sees, newest first', async (t) => {
  const { world, api, board, card } = await newStage(t);
  const bea = await world.server.newMember('Bea', board.id);
  const beas = new Client(world.server, bea.token);
  const own = await newBoard(beas, { name: 'Hers', lists: ['L'], cards: 0 });
  const names = [];
  for (let i = 0; i < 6; i += 1) {
    const name = `step ${i}`;
    const path = i % 2 ? `/1/cards/${card.id}` : `/1/lists/${own.lists[0].id}`;
    await beas.put(path, { name });
    names.unshift(name);
  }
  await beas.post(`/1/cards/${card.id}/actions/comments`, { text: 'said' });
  await api.put(`/1/cards/${card.id}`, { name: 'by another' });
  const mine = await beas.get('/1/members/me/actions?filter=updateCard,updateList');
  const named = (action) => (action.data.card ?? action.data.list).name;
  assert.deepEqual(mine.map(named), names);
  const page = await beas.get('/1/members/me/actions?filter=updateCard,updateList&limit=2&page=1');
  assert.deepEqual(page.map(named), names.slice(2, 4));
  assert.deepEqual(await beas.get('/1/members/me/actions?filter=updateList&format=count'), {
    _value: 3,
  });
  const seen = await api.get(`/1/members/${bea.idMember}/actions`);
  assert.deepEqual(types(seen), ['commentCard', 'updateCard', 'updateCard', 'updateCard']);
  assert.ok(seen.every((action) => action.data.board.id === board.id));
  const since = await beas.get(`/1/members/me/actions?since=${encodeURIComponent(mine[2].date)}`);
  assert.ok(since.every((action) => action.date > mine[2].date));
  assert.equal((await api.call('GET', '/1/members/me/actions?limit=2000')).status, 400);
  assert.equal((await api.call('GET', `/1/members/${'f'.repeat(24)}/actions`)).status, 404);
});

test('what hangs on cards, and where the board is, is told too', async (t) => {
  const { api, board, card, world } = await newStage(t);
  const me = { id: world.admin.idMember };
  const newest = async (count) =>
    (await api.get(`/1/boards/${board.id}/actions?limit=${count}`)).map(({ type, data }) => {
      const { board: at, card: on, list, ...rest } = data;
      assert.equal(at.id, board.id);
      if (on !== undefined) assert.equal(on.id, card.id);
      if (on !== undefined) assert.equal(list.name, 'To do');
      return [type, rest];
    });

  const path = `/1/cards/${card.id}`;
  const comment = await api.post(`${path}/actions/comments`, { text: 'Said in haste' });
  await api.delete(`/1/actions/${comment.id}`);
  assert.deepEqual(await newest(1), [['deleteComment', { action: { id: comment.id } }]]);
  const [{ id: told }] = await api.get(`${path}/actions?filter=deleteComment`);
  assert.equal((await api.get(`/1/actions/${told}`)).type, 'deleteComment');

  const checklist = await api.post(`${path}/checklists`, { name: 'Tools' });
  const spade = await api.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'Spade' });
  const itemPath = `${path}/checkItem/${spade.id}`;
  await api.put(itemPath, { idMember: me.id });
  await api.put(itemPath, { idMember: null });
  const who = (await api.get('/1/members/me')).fullName;
  const item = (idMember, old) => [
    'updateCheckItem',
    {
      checkItem: { id: spade.id, name: 'Spade', idMember },
      idMember: me.id,
      member: { id: me.id, name: who },
      old: { idMember: old },
    },
  ];
  assert.deepEqual(await newest(2), [item(null, me.id), item(me.id, null)]);

  const url = 'https://example.org/plan';
  const attachment = await api.post(`${path}/attachments`, { url, name: 'Plan' });
  await api.put(`${path}/attachments/${attachment.id}`, { name: 'Old plan' });
  assert.deepEqual(await newest(1), [
    [
      'updateAttachment',
      { attachment: { id: attachment.id, name: 'Old plan', url }, old: { name: 'Plan' } },
    ],
  ]);

  const field = await api.post('/1/customFields', {
    idModel: board.id,
    name: 'Size',
    type: 'list',
    options: [{ value: { text: 'Small' } }],
  });
  assert.equal((await newest(1))[0][0], 'createCustomField', 'its options are told with it');
  const options = `/1/customFields/${field.id}/options`;
  const { id } = await api.post(options, { value: { text: 'Big' } });
  await api.put(`${options}/${id}`, { value: { text: 'Large' } });
  await api.delete(`${options}/${id}`);
  const customField = { id: field.id, name: 'Size' };
  assert.deepEqual(await newest(3), [
    ['deleteCustomFieldOption', { customFieldOption: { id, text: 'Large' }, customField }],
    [
      'updateCustomFieldOption',
      { customFieldOption: { id, text: 'Large' }, customField, old: { text: 'Big' } },
    ],
    ['createCustomFieldOption', { customFieldOption: { id, text: 'Big' }, customField }],
  ]);
  await api.delete(`/1/customFields/${field.id}`);
  assert.equal((await newest(1))[0][0], 'deleteCustomField');

  const place = await api.post('/1/organizations', { displayName: 'Garden club' });
  const organization = { id: place.id, name: 'Garden club' };
  await api.put(`/1/boards/${board.id}`, { idOrganization: place.id });
  await api.put(`/1/boards/${board.id}`, { idOrganization: '' });
  assert.deepEqual(await newest(2), [
    ['removeFromOrganizationBoard', { organization, old: { idOrganization: place.id } }],
    ['addToOrganizationBoard', { organization, old: { idOrganization: null } }],
  ]);
  const bea = await world.server.newMember('Bea', board.id);
  const beas = new Client(world.server, bea.token);
  const [left] = await beas.get(`/1/boards/${board.id}/actions?filter=removeFromOrganizationBoard`);
  assert.deepEqual(left.data.organization, { id: place.id }, 'its name is for who is in it');

  await api.post(`${path}/actions/comments`, { text: 'Goes with the card' });
  await api.delete(path);
  const gone = await api.get(`/1/boards/${board.id}/actions?filter=deleteCard,deleteComment`);
  assert.deepEqual(types(gone), ['deleteCard', 'deleteComment']);
});

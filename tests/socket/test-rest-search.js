// test-rest-search.js - GET /1/search in Trello's shape: what is found, how it is shown, and that
// nothing of a board is found by whoever is not on it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { newBoard, newStranger, newWorld } from './lib/world.js';

/** Cards by name on one list. */
async function fill(client, board, names, more = {}) {
  const list = await client.post('/1/lists', { name: 'Doing', idBoard: board });
  const cards = {};
  for (const name of names)
    cards[name] = await client.post('/1/cards', { name, idList: list.id, ...more[name] });
  return { list, cards };
}

const search = (query, more = {}) =>
  `/1/search?${new URLSearchParams({ query, ...more }).toString()}`;
const names = (answer) => answer.cards.map((card) => card.name);

test('cards are found by words, operators and descriptions', async (t) => {
  const world = await newWorld(t);
  const client = new Client(world.server, world.admin.token);
  const { cards, list } = await fill(
    client,
    world.board,
    ['Paint the Café', 'Repaint', 'Order chairs', 'Done long ago'],
    {
      'Order chairs': { desc: 'and PAINT for the wall', idMembers: world.admin.idMember },
      Repaint: { due: new Date(Date.now() + 3_600_000).toISOString() },
    },
  );
  await client.put(`/1/cards/${cards['Done long ago'].id}`, { closed: true });
  const find = async (query, more) => names(await client.get(search(query, more)));
  assert.deepEqual(await find('paint'), ['Paint the Café', 'Order chairs']);
  assert.deepEqual(await find('cafe'), ['Paint the Café']);
  assert.deepEqual(await find('chair'), []);
  assert.deepEqual(await find('chair', { partial: 'true' }), ['Order chairs']);
  assert.deepEqual(await find('@me'), ['Order chairs']);
  assert.deepEqual(await find('due:day'), ['Repaint']);
  assert.deepEqual(await find('is:archived'), ['Done long ago']);
  assert.deepEqual(await find('list:doing -paint is:open -due:day'), []);
  assert.deepEqual(await find('"the wall"'), ['Order chairs']);
  assert.deepEqual(await find('paint', { idCards: cards['Order chairs'].id }), ['Order chairs']);
  assert.deepEqual(await find('nothing'), []);
  // Comments and checklists are read, too.
  await client.post(`/1/cards/${cards.Repaint.id}/actions/comments`, { text: 'mind the Größe' });
  const checklist = await client.post('/1/checklists', {
    idCard: cards['Order chairs'].id,
    name: 'Before',
  });
  await client.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'measure twice' });
  assert.deepEqual(await find('größe'), ['Repaint']);
  assert.deepEqual(await find('comment:größe'), ['Repaint']);
  assert.deepEqual(await find('checklist:measure'), ['Order chairs']);
  assert.deepEqual(await find('checklist:größe'), []);
  assert.deepEqual(await find('has:comments'), ['Repaint']);
  assert.deepEqual(await find('has:checklist'), ['Order chairs']);
  // What was just changed is found at once.
  await client.put(`/1/cards/${cards.Repaint.id}`, { name: 'Varnish' });
  assert.deepEqual(await find('varnish'), ['Varnish']);
  assert.deepEqual(await find('repaint'), []);
  await client.put(`/1/lists/${list.id}`, { closed: true });
  assert.deepEqual(await find('varnish is:open'), []);
});

test('the answer has the shape that clients of Trello know', async (t) => {
  const world = await newWorld(t);
  const client = new Client(world.server, world.admin.token);
  await client.put(`/1/boards/${world.board}`, { name: 'Workshop' });
  const { cards, list } = await fill(client, world.board, ['Glue', 'Glue more']);
  const all = await client.get(search('glue -x label:red'));
  assert.deepEqual(Object.keys(all), [
    'options',
    'actions',
    'boards',
    'cards',
    'members',
    'organizations',
  ]);
  assert.deepEqual(all.options, {
    terms: [{ text: 'glue' }, { text: 'x', negated: true }],
    modifiers: [{ text: 'label', value: 'red' }],
    modelTypes: ['actions', 'boards', 'cards', 'members', 'organizations'],
    partial: false,
  });
  const found = await client.get(
    search('glue', {
      modelTypes: 'cards',
      cards_limit: 1,
      card_fields: 'name,idList',
      card_board: 'true',
      card_list: 'true',
      card_members: 'true',
      board_fields: 'name',
    }),
  );
  assert.deepEqual(Object.keys(found), ['options', 'cards']);
  assert.equal(found.cards.length, 1);
  const [card] = found.cards;
  assert.equal(card.idList, list.id);
  assert.deepEqual(card.board, { id: world.board, name: 'Workshop' });
  assert.equal(card.list.name, 'Doing');
  assert.deepEqual(card.members, []);
  const next = await client.get(
    search('glue', { modelTypes: 'cards', cards_limit: 1, cards_page: 1 }),
  );
  assert.equal(next.cards.length, 1);
  assert.deepEqual(
    [card.id, next.cards[0].id].sort(),
    [cards.Glue.id, cards['Glue more'].id].sort(),
  );
  assert.equal(next.cards[0].desc, '', 'all fields, unless said otherwise');
  const boards = await client.get(search('work', { modelTypes: 'boards', partial: 'true' }));
  assert.deepEqual(
    boards.boards.map((board) => board.name),
    ['Workshop'],
  );
});

test('sorting is as asked for', async (t) => {
  const world = await newWorld(t);
  const client = new Client(world.server, world.admin.token);
  const due = (day) => ({ due: `2030-01-0${day}T00:00:00.000Z` });
  await fill(client, world.board, ['b', 'c', 'a', 'none'], { a: due(1), b: due(2), c: due(3) });
  const find = async (query) => names(await client.get(search(query)));
  assert.deepEqual(await find('list:doing sort:due'), ['a', 'b', 'c', 'none']);
  assert.deepEqual(await find('list:doing sort:-due'), ['c', 'b', 'a', 'none']);
});

test('only boards of whoever asks are searched', async (t) => {
  const world = await newWorld(t);
  const client = new Client(world.server, world.admin.token);
  const ann = await world.server.newMember('Ann', world.board);
  const stranger = await newStranger(world, 'Sven');
  const secret = await newBoard(world.server, world.admin, 'Secret plans');
  await fill(client, world.board, ['Shared plan']);
  const hidden = await fill(client, secret, ['Secret plan'], {
    'Secret plan': { desc: 'the plan' },
  });
  const asks = async (who, query, more) =>
    (await new Client(world.server, who.token).get(search(query, more))) ?? {};
  assert.deepEqual(names(await asks(world.admin, 'plan')).sort(), ['Secret plan', 'Shared plan']);
  assert.deepEqual(names(await asks(ann, 'plan')), ['Shared plan']);
  assert.deepEqual(names(await asks(stranger, 'plan')), []);
  for (const more of [
    { idBoards: secret },
    { idCards: hidden.cards['Secret plan'].id },
    { idBoards: `${secret},${world.board}`, idCards: hidden.cards['Secret plan'].id },
  ])
    assert.deepEqual(names(await asks(ann, 'plan', more)), []);
  assert.deepEqual(names(await asks(ann, `board:${secret}`)), []);
  assert.deepEqual((await asks(ann, 'secret')).boards, []);
  assert.deepEqual(
    (await asks(world.admin, 'secret', { partial: 'true' })).boards.map((board) => board.name),
    ['Secret plans'],
  );
  assert.deepEqual(names(await asks(world.admin, 'plan', { idBoards: secret })), ['Secret plan']);
  // A loss of access is one for the search too; a closed board has to be named.
  await client.delete(`/1/boards/${world.board}/members/${ann.idMember}`);
  assert.deepEqual(names(await asks(ann, 'plan')), []);
  await client.put(`/1/boards/${secret}/closed`, { value: true });
  assert.deepEqual(names(await asks(world.admin, 'plan')), ['Shared plan']);
  assert.deepEqual(names(await asks(world.admin, 'plan', { idBoards: secret })), ['Secret plan']);
});

test('people are found among those one shares a board with', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann Léa', world.board);
  await newStranger(world, 'Anna Far');
  const client = new Client(world.server, world.admin.token);
  const mine = new Client(world.server, ann.token);
  const who = (people) => people.map((one) => one.fullName).sort();
  const members = (query) => `/1/search/members?query=${encodeURIComponent(query)}`;
  assert.deepEqual(who(await client.get(members('ann'))), ['Ann Léa', 'Anna Far']);
  assert.deepEqual(who(await mine.get(members('ann'))), ['Ann Léa']);
  assert.deepEqual(who(await mine.get(members('lea'))), ['Ann Léa']);
  assert.deepEqual(who(await mine.get(members('far'))), []);
  assert.deepEqual(who(await client.get(`${members('ann')}&idBoard=${world.board}`)), ['Ann Léa']);
  assert.equal((await client.get(`${members('ann')}&limit=1`)).length, 1);
  const found = await mine.get(search('ann', { modelTypes: 'members' }));
  assert.deepEqual(who(found.members), ['Ann Léa']);
});

test('what cannot be asked is refused by name', async (t) => {
  const world = await newWorld(t);
  const ask = async (path) => await request(world.server, { path, token: world.admin.token });
  for (const [path, name] of [
    ['/1/search', 'query'],
    ['/1/search?query=', 'query'],
    [`/1/search?query=${'x'.repeat(8_193)}`, 'query'],
    [search('x', { modelTypes: 'cards,dogs' }), 'modelTypes'],
    [search('x', { cards_limit: '1001' }), 'cards_limit'],
    [search('x', { cards_page: '101' }), 'cards_page'],
    [search('x', { cards_limit: '-1' }), 'cards_limit'],
    [search('x', { idBoards: 'nonsense' }), 'idBoards'],
    [search('x', { idCards: 'nonsense' }), 'idCards'],
    [search('x', { partial: 'maybe' }), 'partial'],
    [search('x', { card_fields: 'wings' }), 'card_fields'],
    [search('x', { wings: '2' }), 'wings'],
    ['/1/search/members', 'query'],
  ]) {
    const answer = await ask(path);
    assert.equal(answer.status, 400, `${path.slice(0, 80)}: ${answer.text.slice(0, 200)}`);
    assert.ok(answer.text.includes(name), `${path.slice(0, 80)}: ${answer.text.slice(0, 200)}`);
  }
  for (const query of ['-', '""', '@', ':', '\u0301', '"', '-"', 'a'.repeat(8000), 'x '.repeat(99)])
    assert.equal((await ask(search(query))).status, 200, query.slice(0, 20));
});

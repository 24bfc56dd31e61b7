// test-import.js - boards that Trello exported: what comes in is what comes out again.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RawConnection, request } from './lib/http.js';
import { importBoard, newApi } from './lib/import.js';
import { ROOT, tavla } from './lib/server.js';
import { compareBoards, makeExport } from './lib/trello.js';

const FIXTURES = join(ROOT, 'tests/fixtures/trello');
const SAMPLES = join(ROOT, '../shared/samples/trello');
const FILES = ['garden.json', 'traps.json'].map((name) => join(FIXTURES, name));
const SAMPLE_FILES = [
  'nextcloud-deck-minimal.json',
  'trello-to-deck-kanban-template.json',
  'trello2planka-simple-project-board.json',
  'wekan-project100.json',
].map((name) => join(SAMPLES, name));

/** What every import must keep, found by place and name where ids may have changed. */
function same(sent, got) {
  const order = (list) => [...list].sort((a, b) => a.pos - b.pos || (a.id < b.id ? -1 : 1));
  const names = (list) => order(list).map((one) => one.name);
  assert.deepEqual(names(got.lists).sort(), names(sent.lists).sort());
  const listName = (board, id) => board.lists.find((list) => list.id === id)?.name;
  const labelText = (board, card) =>
    (card.idLabels ?? [])
      .map((id) => board.labels?.find((label) => label.id === id))
      .filter((label) => label)
      .map((label) => `${label.name}/${label.color}`)
      .sort();
  const shape = (board) =>
    board.cards
      .map((card) => ({
        name: card.name,
        desc: card.desc,
        closed: card.closed,
        pos: card.pos,
        due: card.due ?? null,
        dueComplete: card.dueComplete ?? false,
        list: listName(board, card.idList),
        labels: labelText(board, card),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.pos - b.pos));
  assert.deepEqual(shape(got), shape(sent));
}

test('a generated board comes out field by field, with its ids', async (t) => {
  const { api, world } = await newApi(t);
  const sent = makeExport({ seed: 7, lists: 8, cards: 700, labels: 12 });
  const status = await importBoard(api, JSON.stringify(sent));
  assert.equal(status.state, 'done', status.error);
  assert.deepEqual(status.report.imported, {
    attachments: 0,
    cards: 700,
    checkItems: 0,
    checklists: 0,
    comments: 0,
    customFieldItems: 0,
    customFields: 0,
    labels: 12,
    lists: 8,
  });
  assert.equal(status.objects, 720);
  const got = await api.get(`/1/boards/${status.idBoard}/export`);
  assert.equal(compareBoards(sent, got), '');
  assert.equal(got.name, sent.name);
  assert.equal(got.desc, sent.desc);
  assert.equal(got.memberships[0].idMember, world.admin.idMember);
  assert.equal(got.memberships[0].memberType, 'admin');
  const [card] = sent.cards;
  assert.equal((await api.get(`/1/cards/${card.shortLink}`)).id, card.id);
});

test('the same file a second time gets new ids, and after a delete too', async (t) => {
  const { api } = await newApi(t);
  const sent = makeExport({ seed: 8, lists: 3, cards: 50, labels: 4 });
  const first = await importBoard(api, JSON.stringify(sent));
  const second = await importBoard(api, JSON.stringify(sent), { name: 'A copy & more' });
  assert.equal(second.state, 'done', second.error);
  assert.equal(second.report.mapped, 57);
  const copy = await api.get(`/1/boards/${second.idBoard}/export`);
  assert.equal(copy.name, 'A copy & more');
  same(sent, copy);
  await api.delete(`/1/boards/${first.idBoard}`);
  const third = await importBoard(api, JSON.stringify(sent));
  assert.equal(third.state, 'done', third.error);
  same(sent, await api.get(`/1/boards/${third.idBoard}/export`));
});

test('two imports of one file at once both arrive', async (t) => {
  const { api } = await newApi(t);
  const sent = makeExport({ seed: 9, lists: 3, cards: 300, labels: 4 });
  const both = await Promise.all([1, 2].map(() => importBoard(api, JSON.stringify(sent))));
  for (const one of both) {
    assert.equal(one.state, 'done', one.error);
    same(sent, await api.get(`/1/boards/${one.idBoard}/export`));
  }
  const boards = await api.get('/1/members/me/boards?fields=name');
  assert.equal(boards.length, 3);
});

test('an export is imported again and is the same', async (t) => {
  const { api } = await newApi(t);
  const sent = makeExport({ seed: 10, lists: 4, cards: 120, labels: 5 });
  const first = await importBoard(api, JSON.stringify(sent));
  const text = (await api.call('GET', `/1/boards/${first.idBoard}/export`)).text;
  const second = await importBoard(api, text);
  assert.equal(second.state, 'done', second.error);
  same(JSON.parse(text), await api.get(`/1/boards/${second.idBoard}/export`));
});

for (const file of FILES) {
  test(`the fixture ${file.split('/').pop()}`, async (t) => {
    const { api } = await newApi(t);
    const status = await importBoard(api, readFileSync(file));
    assert.equal(status.state, 'done', status.error);
    const got = await api.get(`/1/boards/${status.idBoard}/export`);
    const { imported } = status.report;
    assert.deepEqual(
      [got.cards.length, got.labels.length, got.lists.length],
      [imported.cards, imported.labels, imported.lists],
    );
  });
}

/** Every field that is imported, by what it says: ids and order in the file apart. */
function everything(board) {
  const sort = (list) => list.map((one) => JSON.stringify(one)).sort();
  const order = (list) => [...list].sort((a, b) => a.pos - b.pos || (a.id < b.id ? -1 : 1));
  const find = (list, id) => (list ?? []).find((one) => one.id === id);
  const fields = board.customFields ?? [];
  const option = (field, id) => find(field.options, id)?.value.text;
  const items = (card) =>
    (card.customFieldItems ?? []).map((item) => {
      const field = find(fields, item.idCustomField);
      const value = item.idValue ? option(field, item.idValue) : item.value;
      return [field.name, value];
    });
  const checklists = (card) =>
    order((board.checklists ?? []).filter((one) => one.idCard === card.id)).map((one) => [
      one.name,
      order(one.checkItems).map((item) => [item.name, item.state, item.due ?? null]),
    ]);
  const said = (board.actions ?? []).filter((action) => action.type === 'commentCard');
  const comments = (card) =>
    said
      .filter((action) => action.data.card.id === card.id)
      .map((action) => [action.data.text, action.date]);
  const links = (card) => (card.attachments ?? []).map((one) => [one.name, one.url]);
  const cards = board.cards.map((card) => ({
    name: card.name,
    desc: card.desc,
    closed: card.closed,
    pos: card.pos,
    due: card.due ?? null,
    dueComplete: card.dueComplete ?? false,
    dueReminder: card.dueReminder ?? null,
    start: card.start ?? null,
    isTemplate: card.isTemplate ?? false,
    dateLastActivity: card.dateLastActivity,
    color: card.cover?.color ?? null,
    list: find(board.lists, card.idList)?.name,
    labels: sort((card.idLabels ?? []).map((id) => find(board.labels, id)?.name ?? null)),
    checklists: checklists(card),
    comments: sort(comments(card)),
    items: sort(items(card)),
    links: sort(links(card)),
  }));
  return {
    name: board.name,
    desc: board.desc,
    closed: board.closed,
    lists: order(board.lists).map((list) => [
      list.name,
      list.pos,
      list.closed,
      list.softLimit ?? null,
    ]),
    labels: sort(board.labels.map((label) => [label.name, label.color])),
    fields: sort(
      fields.map((field) => [
        field.name,
        field.type,
        order(field.options ?? []).map((one) => [one.value.text, one.color]),
      ]),
    ),
    cards: cards.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

/** What the file has of what is imported, and of what is counted. */
function counted(file) {
  const of = (list) => list?.length ?? 0;
  const sum = (list, get) => (list ?? []).reduce((all, one) => all + of(get(one)), 0);
  return {
    imported: {
      attachments: sum(file.cards, (card) => card.attachments),
      cards: of(file.cards),
      checkItems: sum(file.checklists, (one) => one.checkItems),
      checklists: of(file.checklists),
      comments: of((file.actions ?? []).filter((one) => one.type === 'commentCard')),
      customFieldItems: sum(file.cards, (card) => card.customFieldItems),
      customFields: of(file.customFields),
      labels: of(file.labels),
      lists: of(file.lists),
    },
    idMembers: sum(file.cards, (card) => card.idMembers),
  };
}

for (const file of SAMPLE_FILES) {
  const skip = existsSync(file) ? false : 'wants ../shared';
  test(`the sample ${file.split('/').pop()}`, { skip }, async (t) => {
    const { api } = await newApi(t);
    const status = await importBoard(api, readFileSync(file));
    assert.equal(status.state, 'done', status.error);
    const sent = JSON.parse(readFileSync(file));
    const { text } = await api.call('GET', `/1/boards/${status.idBoard}/export`);
    assert.deepEqual(everything(JSON.parse(text)), everything(sent));
    const { imported, idMembers } = counted(sent);
    assert.deepEqual(status.report.imported, imported);
    assert.equal(status.report.unsupported.idMembers ?? 0, idMembers);
    const again = await importBoard(api, text);
    assert.deepEqual(
      everything(await api.get(`/1/boards/${again.idBoard}/export`)),
      everything(sent),
    );
  });
}

test('comments that the file has no more are counted: found of known', async (t) => {
  const { api } = await newApi(t);
  const file = makeExport({ seed: 5, lists: 1, cards: 1 });
  file.cards[0].badges = { comments: 7 };
  file.actions = [1, 2].map((n) => ({
    id: `5f${n.toString(16).padStart(22, '0')}`,
    type: 'commentCard',
    date: '2026-01-01T00:00:00.000Z',
    data: { text: `Said ${n}`, card: { id: file.cards[0].id } },
  }));
  const { report } = await importBoard(api, JSON.stringify(file));
  assert.equal(report.imported.comments, 2);
  assert.match(report.notes.join('\n'), /2.*7/);
});

test('what is no board fails and leaves nothing', async (t) => {
  const { api } = await newApi(t);
  const before = await api.get('/1/members/me/boards?fields=name');
  const board = makeExport({ seed: 3, cards: 400 });
  const text = JSON.stringify(board);
  for (const [body, error] of [
    ['[]', /line 1, column 1/],
    ['{"name":', /line 1/],
    ['{"a":1}', /neither a name nor lists nor cards/],
    [text.slice(0, -20), /line 1, column \d+/],
    [text.replace('"cards":[{', '"cards":[7,{'), null],
    [`${text.slice(0, -1)},"x":"\xff"}`, /./],
    ['\n\n  x', /line 3, column 3/],
  ]) {
    const status = await importBoard(api, Buffer.from(body, 'latin1'));
    if (error === null) continue;
    assert.equal(status.state, 'failed', body.slice(0, 40));
    assert.match(status.error, error);
  }
  const after = await api.get('/1/members/me/boards?fields=name');
  assert.ok(after.length <= before.length + 1);
  assert.equal((await api.call('POST', '/1/boards/import', undefined, { body: '' })).status, 400);
  const form = { headers: { 'Content-Type': 'text/plain' }, body: '{}' };
  assert.equal((await api.call('POST', '/1/boards/import', undefined, form)).status, 415);
});

test('a name that would not be kept whole is refused', async (t) => {
  const { api } = await newApi(t);
  const file = JSON.stringify(makeExport({ seed: 3, cards: 1 }));
  const name = 'é'.repeat(255);
  const done = await importBoard(api, file, { name });
  assert.equal((await api.get(`/1/boards/${done.idBoard}`)).name, name);
  const path = `/1/boards/import?name=${encodeURIComponent('é'.repeat(256))}`;
  const headers = { 'Content-Type': 'application/json' };
  const answer = await api.call('POST', path, undefined, { body: file, headers });
  assert.equal(answer.status, 400, answer.text);
  assert.match(answer.text, /name: is too long/);
});

test('nothing is stored for a stranger, nor of an upload that breaks off', async (t) => {
  const { api, world } = await newApi(t);
  const answer = await request(world.server, {
    method: 'POST',
    path: '/1/boards/import',
    json: makeExport({}),
  });
  assert.equal(answer.status, 401);
  for (let i = 0; i < 20; i += 1) {
    const raw = await RawConnection.open(world.server);
    await raw.send(
      `POST /1/boards/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"name":"half",',
    );
    raw.close();
  }
  // The server hears of the last few a moment later: until then they count as under way.
  const body = JSON.stringify(makeExport({ cards: 3 }));
  let status;
  while (status === undefined)
    status = await importBoard(api, body).catch((error) => {
      if (!/too many imports/.test(error.message)) throw error;
    });
  assert.equal(status.state, 'done');
  const job = await request(world.server, {
    path: `/1/boards/import/${'a'.repeat(24)}`,
    token: api.token,
  });
  assert.equal(job.status, 404);
});

test('the command line imports, exports and reports', async (t) => {
  const { world } = await newApi(t);
  const sent = makeExport({ seed: 21, lists: 2, cards: 30, labels: 2 });
  const file = join(world.server.data, 'board.json');
  writeFileSync(file, JSON.stringify(sent));
  const run = () => {
    const done = tavla(['import', file, '--data', world.server.data, '--name', 'By hand']);
    assert.equal(done.status, 0, done.stderr);
    const id = done.stdout.match(/^board ([0-9a-f]{24})$/m)[1];
    assert.match(done.stdout, /^report \{"imported":\{"attachments":0,"cards":30/m);
    const out = tavla(['export', id, '--data', world.server.data]);
    assert.equal(out.status, 0, out.stderr);
    const got = JSON.parse(out.stdout);
    same(sent, got);
    assert.equal(got.name, 'By hand');
    assert.equal(got.memberships[0].idMember, world.admin.idMember);
  };
  run();
  await world.server.stop();
  run(); // without a running server
  assert.equal(tavla(['import', '/nowhere', '--data', world.server.data]).status, 1);
  assert.equal(tavla(['export', 'f'.repeat(24), '--data', world.server.data]).status, 1);
});

test('a server that stops in the middle of an import takes the half board back', async (t) => {
  const { api, world } = await newApi(t);
  const { server } = world;
  const body = JSON.stringify(makeExport({ seed: 33, lists: 5, cards: 6000 }));
  const answer = await request(server, {
    method: 'POST',
    path: '/1/boards/import',
    token: api.token,
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  assert.equal(answer.status, 202);
  const until = Date.now() + 10_000;
  while ((await api.get(answer.json.status)).objects < 500) assert.ok(Date.now() < until);
  await server.stop();
  await server.start();
  const boards = await api.get('/1/members/me/boards?fields=name');
  assert.deepEqual(
    boards.map((board) => board.name),
    ['Board'],
  );
});

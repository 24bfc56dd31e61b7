// test-nonsense.js - random ops and requests, right ones bent a little: every message gets exactly
// one answer, the server stays up, and what it stored verifies.
//
// A fixed seed always, and one that changes with each run, which is printed; TAVLA_SEED repeats it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, RawConnection, requestBytes } from './lib/http.js';
import { Live, newId } from './lib/live.js';
import { tavla } from './lib/server.js';
import { random } from './lib/trello.js';
import { newBoard, newWorld } from './lib/world.js';

const SEEDS = [1, Number(process.env.TAVLA_SEED ?? Date.now() % 1e9)];
const MESSAGES = Number(process.env.TAVLA_COUNT_NONSENSE ?? 600);
const REQUESTS = Number(process.env.TAVLA_COUNT_NONSENSE ?? 600);

/** JSON that JSON.stringify would not write: its text stands as it is. */
class Raw {
  constructor(text) {
    this.text = text;
  }
}

function text(value) {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map((one) => text(one)).join(',')}]`;
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${members.map(([key, one]) => `${JSON.stringify(key)}:${text(one)}`).join(',')}}`;
}

const NUMBERS = [
  0,
  1,
  -1,
  0.5,
  65536,
  2 ** 31,
  2 ** 32,
  new Raw('9007199254740991'),
  new Raw('9007199254740992'),
  new Raw('9223372036854775807'),
  new Raw('-9223372036854775808'),
  new Raw('18446744073709551615'),
  new Raw('5e-324'),
  new Raw('1e-300'),
  new Raw('9007199254740991.9'),
  new Raw('1e18'),
  new Raw('1e308'),
  new Raw('1e999'),
  new Raw('-0.0'),
];
const TEXTS = [
  '',
  ' ',
  'a',
  'desc',
  'name',
  'top',
  'bottom',
  'admin',
  'observer',
  'card',
  'board',
  'list',
  'membership',
  'red',
  'red_dark',
  '_dark',
  '0000-01-01',
  '0000-01-01T00:00:00+23:59',
  '9999-12-31T23:59:59.999Z',
  '99999-01-01',
  '2026-02-30',
  '2026-11-20T09:15:00.000Z',
  '__proto__',
  '%s%n%s',
  '\u0001\u001f\u007f\u0085\u2028',
  '🌿'.repeat(40),
  'é'.repeat(300),
  'x'.repeat(600),
  'x'.repeat(16_384),
  '🌿'.repeat(8192),
  '🌿'.repeat(8193),
  new Raw('"\\u0000"'),
  new Raw('"a\\u0000b"'),
  new Raw('"\\ud83c"'),
  new Raw('"\\udf3f\\ud83c"'),
  '000000000000000000000000',
  'ffffffffffffffffffffffff',
  'FFFFFFFFFFFFFFFFFFFFFFFF',
];
const TREES = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  { a: { b: { c: [1, 'x', null] } } },
  new Raw('['.repeat(8) + ']'.repeat(8)),
  new Raw('['.repeat(14) + ']'.repeat(14)),
  new Raw('['.repeat(40) + ']'.repeat(40)),
  new Raw(`[${'0,'.repeat(1999)}0]`),
  new Raw(`[${'{},'.repeat(1998)}{}]`),
  new Raw('{"a":1,"a":2}'),
  { big: 'x'.repeat(17_000) },
  { '\u{1f33f}': 1, '\uffee': 2, '': 3 },
];

/** What an op's keys usually hold; the rest of the grammar is bending it. */
class Nonsense {
  constructor(seed) {
    this.next = random(seed);
  }

  /** On this board from now on. */
  at({ board, elsewhere, member, other }) {
    const boards = [board, elsewhere];
    this.ids = { board: boards, member: [member, other], list: [], card: [], label: [] };
    for (const kind of PART_KINDS) this.ids[kind] = [];
  }

  pick(from) {
    return from[Math.floor(this.next() * from.length)];
  }

  chance(share) {
    return this.next() < share;
  }

  /** One of that kind, mostly. */
  id(kind = undefined) {
    if (this.chance(0.04)) return newId();
    const known = kind && this.chance(0.95) ? this.ids[kind] : Object.values(this.ids).flat();
    return known?.length ? this.pick(known) : newId();
  }

  fresh(kind, isNew = false) {
    if (!isNew && this.chance(0.03)) return this.id();
    const id = newId();
    this.ids[kind]?.push(id);
    if (this.ids[kind]?.length > 20) this.ids[kind].shift();
    return id;
  }

  anything() {
    return this.pick([NUMBERS, TEXTS, TEXTS, TREES].map((all) => this.pick(all)).concat(this.id()));
  }

  delta() {
    const parts = [];
    for (let i = Math.floor(this.next() * 4); i >= 0; i -= 1)
      parts.push(this.pick([1, 2, -1, -2, 5, 'x', '🌿', 100_000, -100_000, 0, '']));
    return parts;
  }

  value(key, kind = undefined) {
    if (this.chance(0.02)) return this.anything();
    switch (key) {
      case 'pos':
        return this.chance(0.6) ? this.pick(['top', 'bottom', 1, 65536]) : this.pick(NUMBERS);
      case 'on':
      case 'closed':
      case 'force':
      case 'lists':
      case 'dueComplete':
      case 'isTemplate':
        return this.chance(0.5);
      case 'name':
      case 'text':
      case 'desc':
      case 'address':
      case 'locationName':
      case 'cardRole':
        return this.chance(0.8) ? `Some ${Math.floor(this.next() * 100)}` : this.pick(TEXTS);
      case 'due':
      case 'start':
        return this.chance(0.7) ? this.pick([null, '2026-11-20T09:15:00.000Z']) : this.pick(TEXTS);
      case 'color':
        return this.pick([null, 'red', 'sky_light', 'blue_dark', 'mauve', '_dark']);
      case 'dueReminder':
      case 'softLimit':
        return this.chance(0.5) ? null : this.pick(NUMBERS);
      case 'cover':
      case 'coordinates':
      case 'prefs':
        return this.chance(0.6) ? { color: 'red' } : this.pick(TREES);
      case 'if':
        return this.chance(0.7) ? 1e6 : this.pick([...NUMBERS, { name: this.pick(NUMBERS), x: 1 }]);
      case 'ids':
        return this.some('card', 6);
      case 'idLabels':
        return this.some('label', 2);
      case 'idMembers':
        return this.some('member', 2);
      case 'by':
        return this.pick(['name', 'due', 'dateLastActivity', 'pos', 'id']);
      case 'role':
        return this.pick(['admin', 'normal', 'observer', 'ghost']);
      case 'kind':
        return this.pick(['card', 'card', 'board', 'list']);
      case 'field':
        return this.chance(0.95) ? 'desc' : 'name';
      case 'delta':
        return this.delta();
      case 'after':
      case 'before':
        return this.chance(0.3) ? '' : this.id(kind);
      case 'fields':
        return { name: this.value('name'), due: this.value('due') };
      case 'cards':
        return Array.from({ length: Math.floor(this.next() * 4) }, () => ({
          id: this.fresh('card'),
          idList: this.id('list'),
          ...this.members(['name', 'pos', 'desc', 'idLabels', 'idMembers']),
        }));
      case 'record':
        return ['{}', '[]'];
      case 's':
      case 'at':
        return 1 + Math.floor(this.next() * 40);
      case 'objects':
        return [['card', { id: newId() }]];
      case 'idBoard':
        return this.id('board');
      case 'idList':
        return this.id('list');
      case 'idCard':
        return this.id('card');
      case 'idChecklist':
        return this.id('checklist');
      case 'idCustomField':
        return this.id('customField');
      case 'idValue':
        return this.chance(0.5) ? null : this.id('customFieldOption');
      case 'state':
        return this.pick(['complete', 'incomplete', 'half']);
      case 'type':
        return this.pick(['list', 'list', 'number', 'text', 'date', 'checkbox', 'colour']);
      case 'emoji':
        return this.pick(['👍', '🌿', '"', '', 'x'.repeat(41)]);
      case 'value':
        return this.pick([null, { number: '1' }, { text: 'x' }, { number: 'x' }, {}, []]);
      case 'url':
        return this.pick(['https://example.org/c/abcd1234', 'javascript:x', 'http:///', '', null]);
      case 'display':
        return this.chance(0.8) ? { cardFront: true } : this.pick(TREES);
      case 'idMember':
        return this.id('member');
      default:
        return this.id(kind);
    }
  }

  some(kind, most) {
    const length = Math.floor(this.next() * (most + 1));
    const all = Array.from({ length }, () => this.id(kind));
    return this.chance(0.9) ? [...new Set(all)] : all;
  }

  members(keys) {
    return Object.fromEntries(
      keys.filter(() => this.chance(0.8)).map((key) => [key, this.value(key)]),
    );
  }

  op(name) {
    const kind = name.replace(/s?\..*/, '');
    const op = { op: name };
    for (const key of KEYS[name] ?? ['id']) {
      const plain = key.replace('?', '');
      if (this.chance(key === plain ? 0.01 : 0.7)) continue;
      if (plain === 'id' && name.endsWith('.create')) op.id = this.fresh(kind);
      else if (plain === 'element') op.element = this.id(name.slice(5));
      else op[plain] = this.value(plain, kind === 'text' ? op.kind : kind);
    }
    if (this.chance(0.02)) op[this.pick(TEXTS.filter((one) => typeof one === 'string'))] = 1;
    return op;
  }

  ops(names) {
    if (this.chance(0.01)) return this.anything();
    const count = this.chance(0.8) ? 1 : 1 + Math.floor(this.next() * 6);
    return Array.from({ length: count }, () =>
      this.chance(0.01) ? this.anything() : this.op(this.pick(names)),
    );
  }
}

const CARD = [
  'name?',
  'due?',
  'start?',
  'dueComplete?',
  'cover?',
  'coordinates?',
  'dueReminder?',
  'cardRole?',
  'locationName?',
  'isTemplate?',
];
const PLACE = ['after?', 'before?', 'pos?'];
const PART_KINDS = [
  'checklist',
  'checkItem',
  'comment',
  'attachment',
  'customField',
  'customFieldOption',
];
const KEYS = {
  'board.create': ['name', 'desc?', 'lists?', 'prefs?', 'closed?'],
  'board.set': ['name?', 'prefs?', 'idOrganization?', 'if?'],
  'board.close': ['if?'],
  'board.reopen': ['if?'],
  'board.delete': ['force?', 'if?'],
  'list.create': ['id', 'name', 'color?', 'softLimit?', 'closed?', ...PLACE],
  'list.set': ['id', 'name?', 'color?', 'softLimit?', 'if?'],
  'list.move': ['id', 'if?', ...PLACE],
  'list.close': ['id', 'if?'],
  'list.reopen': ['id', 'if?'],
  'list.sort': ['id', 'by', 'desc?'],
  'list.archiveCards': ['id'],
  'list.copy': ['objects', ...PLACE],
  'list.moveCards': ['id', 'idList'],
  'list.delete': ['id', 'idList?', 'if?'],
  'card.create': ['id', 'idList', 'name', 'desc?', 'idLabels?', 'idMembers?', ...PLACE, ...CARD],
  'card.copy': ['id', 'idSource', 'idList', 'keep?', 'desc?', ...PLACE, ...CARD],
  'card.set': ['id', 'if?', ...CARD],
  'card.move': ['id', 'idList?', 'if?', ...PLACE],
  'card.transfer': ['id', 'idBoard', 'idList?', 'if?', ...PLACE],
  'card.close': ['id', 'if?'],
  'card.reopen': ['id', 'if?'],
  'card.delete': ['id', 'force?', 'if?'],
  'card.label': ['id', 'element', 'on', 'if?'],
  'card.member': ['id', 'element', 'on', 'if?'],
  'card.vote': ['id', 'on'],
  'cards.create': ['cards'],
  'cards.move': ['ids', 'idList', ...PLACE],
  'cards.set': ['ids', 'fields?', ...CARD],
  'checklist.create': ['id', 'idCard', 'name', ...PLACE],
  'checklist.set': ['id', 'name', 'if?'],
  'checklist.move': ['id', 'if?', ...PLACE],
  'checklist.delete': ['id', 'if?'],
  'checkItem.create': ['id', 'idChecklist', 'name', 'state?', 'due?', 'idMember?', ...PLACE],
  'checkItem.set': ['id', 'name?', 'state?', 'due?', 'dueReminder?', 'idMember?', 'if?'],
  'checkItem.move': ['id', 'idChecklist?', 'if?', ...PLACE],
  'checkItem.delete': ['id', 'if?'],
  'comment.create': ['id', 'idCard', 'text'],
  'comment.set': ['id', 'text', 'if?'],
  'comment.delete': ['id', 'if?'],
  'comment.react': ['id', 'emoji', 'on'],
  'attachment.create': ['id', 'idCard', 'url', 'name?', 'mimeType?', ...PLACE],
  'attachment.file': ['id', 'idCard', 'file', 'fileName', 'bytes?'],
  'attachment.set': ['id', 'name', 'if?'],
  'attachment.move': ['id', 'if?', ...PLACE],
  'attachment.delete': ['id', 'if?'],
  'customField.create': ['id', 'name', 'type', 'display?', ...PLACE],
  'customField.set': ['id', 'name?', 'display?', 'if?'],
  'customField.move': ['id', 'if?', ...PLACE],
  'customField.delete': ['id', 'if?'],
  'customFieldOption.create': ['id', 'idCustomField', 'text', 'color?', ...PLACE],
  'customFieldOption.set': ['id', 'text?', 'color?', 'if?'],
  'customFieldOption.move': ['id', 'if?', ...PLACE],
  'customFieldOption.delete': ['id', 'if?'],
  'customFieldItem.set': ['id', 'idCard', 'idCustomField', 'idValue?', 'value?'],
  'label.create': ['id', 'name?', 'color?'],
  'label.set': ['id', 'name?', 'color?', 'if?'],
  'label.delete': ['id', 'if?'],
  text: ['kind', 'id', 'field', 'delta'],
  'text.put': ['kind', 'id', 'field', 'text', 'if?'],
  'member.add': ['idMember', 'role'],
  'member.remove': ['idMember'],
  'member.role': ['idMember', 'role'],
  'member.join': [],
  'import.add': ['objects'],
  'cards.badges': ['ids'],
  'event.revert': ['record', 'id?'],
};
/** What ends everything for everyone is sent more rarely. */
const RARE = new Set(['board.delete', 'member.remove', 'board.create']);

function opNames(nonsense) {
  const all = JSON.parse(tavla(['ops', '--json']).stdout).map(({ op }) => op);
  for (const name of all)
    if (!/^(dir|organization)\./.test(name))
      assert.ok(KEYS[name], `${name} is not in this test's grammar`);
  return { op: () => (nonsense.chance(0.01) ? all : all.filter((name) => !RARE.has(name))) };
}

/** The data of a stopped server holds together. */
async function verify(world) {
  await world.server.stop();
  const done = tavla(['verify', '--data', world.server.data]);
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
}

async function newPlace(world, name) {
  const board = await newBoard(world.server, world.admin, name);
  const client = new Client(world.server, world.admin.token);
  const elsewhere = (await client.post('/1/boards', { name: `Beside ${name}` })).id;
  const other = (await world.server.newMember(`Other of ${name}`, board)).idMember;
  return { board, elsewhere, member: world.admin.idMember, other };
}

/** The one answer to the op message n: its verdict, or an err. A second one fails the next wait. */
async function answered(live, n, bytes) {
  const verdict = new Promise((resolve, reject) => live.pending.set(n, { resolve, reject }));
  verdict.catch(() => {});
  const err = live.wait((m) => m.t === 'err', `answer to ${bytes.slice(0, 3000)}`);
  err.catch(() => {});
  live.sent = (live.sent ?? 0) + 1;
  live.sendRaw(bytes);
  return await Promise.race([verdict, err]);
}

/** A live that counts what comes as an answer, so that a second one to the same op shows. */
async function openCounting(world, board) {
  const live = await Live.open(world.server, board, { token: world.admin.token });
  live.answers = 0;
  live.ws.on('message', (data) => {
    const message = JSON.parse(data.toString());
    const own = message.t === 'op' && message.cl === live.cl;
    if (own || ['rej', 'dup', 'err'].includes(message.t)) live.answers += 1;
  });
  return live;
}

async function checkAnswers(live) {
  await live.ping();
  if (live.isLive) assert.equal(live.answers, live.sent, 'answers to so many messages');
}

async function throwOps(t, world, seed) {
  const nonsense = new Nonsense(seed);
  const names = opNames(nonsense);
  const client = new Client(world.server, world.admin.token);
  const counts = { ok: 0, rej: 0, dup: 0, err: 0 };
  let place = null;
  let live = null;
  for (let i = 0; i < MESSAGES; i += 1) {
    if (live === null) {
      place = await newPlace(world, `Seed ${seed} at ${i}`);
      nonsense.at(place);
      live = await openCounting(world, place.board);
      live.sent = 8;
      for (const kind of ['list', 'list', 'label', 'label', 'card', 'card', 'card', 'card'])
        await live.ok({
          op: `${kind}.create`,
          id: nonsense.fresh(kind, true),
          name: kind,
          idList: kind === 'card' ? nonsense.ids.list[0] : undefined,
        });
    }
    live.n += 1;
    const base = nonsense.chance(0.3) ? nonsense.pick([1, i, ...NUMBERS]) : live.pos[0];
    const n = nonsense.chance(0.03) ? nonsense.pick(NUMBERS) : live.n;
    const bytes = text({ t: 'op', n, base, ops: nonsense.ops(names.op()) });
    const answer = await answered(live, Number(n instanceof Raw ? n.text : n), bytes);
    counts[answer.t ?? Object.keys(answer).find((key) => key in counts)] += 1;
    if (answer.rej) assert.ok(answer.why && answer.d.msg, JSON.stringify(answer));
    if (i % 10 !== 0 && !answer.dup) continue;
    if (!live.end) await checkAnswers(live);
    const here = await client.call('GET', `/1/boards/${place.board}`);
    if (here.status === 200 && !answer.dup && !nonsense.chance(0.05)) continue;
    await live.close().catch(() => {});
    live = null;
  }
  await live?.close();
  t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.ok > MESSAGES / 20 && counts.rej > MESSAGES / 20, JSON.stringify(counts));
}

for (const seed of SEEDS) {
  test(`bent ops are each answered once and leave a whole board, seed ${seed}`, async (t) => {
    const world = await newWorld(t);
    await throwOps(t, world, seed);
    await verify(world);
  });
}

test('messages with numbers that nobody can count to are answered', async (t) => {
  const world = await newWorld(t);
  const live = await Live.open(world.server, world.board, { token: world.admin.token, sub: false });
  for (const x of NUMBERS) {
    const one = text(x);
    for (const message of [
      `{"t":"sub","id":${one},"since":1}`,
      `{"t":"get","id":${one},"card":1}`,
      `{"t":"op","n":${one},"ops":[]}`,
    ]) {
      const err = live.wait((m) => m.t === 'err', `answer to ${message}`);
      live.sendRaw(message);
      assert.ok((await err).msg, message);
    }
  }
  await live.ping();
  await live.close();
});

test('a body of ever more parts is refused before it is one too many', async (t) => {
  const world = await newWorld(t);
  const most = 2000; // items of one array
  const statuses = new Map();
  for (let count = 10_000; count <= 345_000; count += 15_000) {
    const row = `[${'{},'.repeat(most - 1)}{}]`;
    const rows = Array.from({ length: Math.ceil(count / most) }, () => row);
    const raw = await RawConnection.open(world.server);
    await raw.send(
      requestBytes({
        method: 'POST',
        path: '/v1/link',
        headers: { 'Content-Type': 'application/json' },
        body: `{"token":[${rows.join(',')}]}`,
      }),
    );
    const answer = await raw.response();
    raw.close();
    assert.ok(answer, `${count} objects: closed without an answer`);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 400) assert.match(answer.text, /too many parts/);
  }
  assert.ok(statuses.get(400) > 0 && statuses.size > 1, JSON.stringify([...statuses]));
});

/** Requests as bent as the ops: the server's own routes, with parameters right and wrong. */
class Requests {
  constructor(nonsense) {
    this.nonsense = nonsense;
    this.routes = JSON.parse(tavla(['routes', '--json']).stdout).filter(
      ({ pattern }) => !/live$|session|import/.test(pattern),
    );
  }

  segment(name, pattern) {
    const { nonsense } = this;
    if (nonsense.chance(0.04))
      return encodeURIComponent(String(nonsense.pick(TEXTS).text ?? nonsense.pick([1, '%', 'ü'])));
    if (/board/.test(pattern) && name === 'id') return nonsense.ids.board[0];
    if (name === 'idMember') return nonsense.id('member');
    if (name === 'field') return nonsense.pick(['name', 'desc', 'pos', 'closed', 'idList', 'x']);
    if (name === 'filter') return nonsense.pick(['open', 'closed', 'all', 'none', 'x']);
    if (name === 'name') return nonsense.pick(['background', 'voting', 'x']);
    return nonsense.id(pattern.split('/')[2]?.replace(/s$/, ''));
  }

  one() {
    const { nonsense } = this;
    const route = nonsense.pick(this.routes);
    const path = route.pattern.replace(/\{(\w+)\}/g, (_, name) =>
      this.segment(name, route.pattern),
    );
    const given = {};
    for (const name of route.parameters)
      if (nonsense.chance(0.35)) given[name] = nonsense.value(name.replace(/^prefs.*/, 'name'));
    if (/\/ops$/.test(path) && route.method === 'POST') given.ops = nonsense.ops(Object.keys(KEYS));
    const headers = { 'Content-Type': 'application/json' };
    if (nonsense.chance(0.05)) headers['If-Match'] = `"${text(nonsense.pick(NUMBERS))}"`;
    if (nonsense.chance(0.05)) headers['Idempotency-Key'] = `k${Math.floor(nonsense.next() * 9)}`;
    if (route.method === 'GET') {
      const query = Object.entries(given).map(
        ([key, one]) => `${key}=${encodeURIComponent(wellFormed(text(one).slice(0, 500)))}`,
      );
      return { method: 'GET', path: `${path}?${query.join('&')}`, headers: {} };
    }
    return { method: route.method, path, headers, body: text(given) };
  }
}

/** Without the half of a pair that slice may leave. */
function wellFormed(one) {
  return one.replace(/[\ud800-\udbff]$/, '');
}

for (const seed of SEEDS) {
  test(`bent requests are each answered and leave a whole board, seed ${seed}`, async (t) => {
    const world = await newWorld(t);
    const nonsense = new Nonsense(seed);
    const requests = new Requests(nonsense);
    const client = new Client(world.server, world.admin.token);
    const statuses = {};
    let here = false;
    for (let i = 0; i < REQUESTS; i += 1) {
      if (!here) {
        nonsense.at(await newPlace(world, `Seed ${seed} at ${i}`));
        const idBoard = nonsense.ids.board[0];
        const list = await client.post('/1/lists', { name: 'a', idBoard });
        nonsense.ids.list.push(list.id);
        for (let k = 0; k < 3; k += 1)
          nonsense.ids.card.push((await client.post('/1/cards', { idList: list.id })).id);
        const label = await client.post('/1/labels', { name: 'a', idBoard, color: 'red' });
        nonsense.ids.label.push(label.id);
      }
      const one = requests.one();
      const raw = await RawConnection.open(world.server);
      await raw.send(requestBytes({ ...one, token: world.admin.token }));
      const answer = await raw.response({ method: one.method });
      raw.close();
      assert.ok(answer, `closed without an answer: ${JSON.stringify(one).slice(0, 3000)}`);
      const said = `${answer.status}: ${JSON.stringify(one).slice(0, 3000)}`;
      assert.ok(answer.status < 500 || answer.status === 501, said);
      if (answer.status >= 400) assert.ok(answer.text.length > 0, JSON.stringify(one));
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (i % 10 === 0)
        here = (await client.call('GET', `/1/boards/${nonsense.ids.board[0]}`)).status === 200;
      else here = true;
    }
    t.diagnostic(`seed ${seed}: ${JSON.stringify(statuses)}`);
    assert.ok(statuses[200] > REQUESTS / 20, JSON.stringify(statuses));
    await verify(world);
  });
}

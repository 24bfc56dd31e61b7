// test-harness.js - what the other tests stand on: one that sees no fault would make them all pass.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { parseResponse, RawConnection, request } from './lib/http.js';
import { Live, Lost } from './lib/live.js';
import { Replica } from './lib/replica.js';
import { compareBoards, makeExport } from './lib/trello.js';

const H = '0123456789abcdef';
const event = (s, more = {}) => ({ t: 'op', s, h: H, by: 'x', ts: 1, e: [], ...more });

/** A server that says to every sub what the test tells it to. */
async function fakeServer(t, answer) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((done) => server.once('listening', done));
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', (ws) => {
    const say = (message) => ws.send(JSON.stringify(message));
    ws.on('message', (data) => {
      const message = JSON.parse(data.toString());
      if (message.t === 'hello') say({ t: 'hello', v: 1, sid: 's' });
      else answer(message, say, ws);
    });
  });
  return { host: '127.0.0.1', port: server.address().port };
}

const begin = (id, s = 5) => [
  { t: 'sub', id, pos: [s, H], mode: 'snapshot', n: 0, refused: [] },
  {
    t: 'snap',
    pos: [s, H],
    part: 1,
    last: false,
    who: [],
    state: [['list', { id: 'l1', name: 'A', pos: 1 }]],
  },
  {
    t: 'snap',
    pos: [s, H],
    part: 2,
    last: true,
    state: [['card', { id: 'c1', idList: 'l1', pos: 2, idLabels: [] }]],
  },
  { t: 'live', pos: [s, H], roster: [] },
];

/** A live client of a fake server that says these after a good beginning. */
async function after(t, messages, start = begin) {
  const place = await fakeServer(t, (message, say) => {
    if (message.t === 'sub') for (const one of [...start(message.id), ...messages]) say(one);
  });
  const live = await Live.open(place, 'b');
  return live;
}

test('a contiguous stream is accepted and folded', async (t) => {
  const live = await after(t, [
    event(6, { e: [['set', 'card', 'c1', { idList: 'l2', desc: 'not of tier 1' }]] }),
    event(7, {
      e: [
        ['tag', 'card', ['c1'], 'idLabels', 'g', 1],
        ['add', 'list', 'l2', { name: 'B', pos: 2 }],
      ],
    }),
    event(8, {
      e: [
        ['set', 'list', ['l1', 'l2'], { pos: [9, 8], closed: true }],
        ['del', 'card', 'c1'],
      ],
    }),
  ]);
  const replica = Replica.follow(live);
  await live.reach(8);
  assert.equal(live.count, 3);
  assert.deepEqual(
    replica.all('list').map((list) => [list.id, list.pos, list.closed]),
    [
      ['l2', 8, true],
      ['l1', 9, true],
    ],
  );
  assert.equal(replica.get('card', 'c1'), undefined);
  const other = new Replica([['list', { id: 'l1', name: 'A', pos: 9, closed: true }]]);
  assert.match(replica.difference(other), /list\/l2 is only in the first/);
  assert.equal(replica.difference(replica), '');
  await live.close();
});

const broken = {
  'a gap': [event(7)],
  'a repeat': [event(6), event(6)],
  'old on the wire': [event(6, { old: [] })],
  'a heartbeat elsewhere': [{ t: 'hb', now: 1, pos: [9, H] }],
  'a rej that overtook': [{ t: 'rej', n: 1, why: 'conflict', at: 6, d: {} }],
  'a second snapshot': [begin(1)[1]],
  'a hash that is none': [event(6, { h: 'h' })],
};
for (const [name, messages] of Object.entries(broken)) {
  test(`${name} breaks the stream`, async (t) => {
    const live = await after(t, messages);
    await assert.rejects(
      live.reach(99, 2000),
      (error) => !(error instanceof Lost) && !/no seq 99/.test(error.message),
    );
    await assert.rejects(live.close());
  });
}

const begins = {
  'an event before live': (id) => [...begin(id).slice(0, 3), event(6)],
  'live at another seq': (id) => [...begin(id).slice(0, 3), { t: 'live', pos: [6, H] }],
  'a missing snapshot part': (id) => [begin(id)[0], begin(id)[2]],
  'a catch-up with a hole': (id) => [...begin(id).slice(0, 3), { t: 'ops', list: [event(7)] }],
};
for (const [name, start] of Object.entries(begins)) {
  test(`${name} is refused at the beginning`, async (t) => {
    await assert.rejects(
      after(t, [], start),
      (error) => !(error instanceof Lost) && !/^no live/.test(error.message),
    );
  });
}

test('verdicts reach their op, and a lost connection rejects the others', async (t) => {
  const place = await fakeServer(t, (message, say, ws) => {
    if (message.t === 'sub') for (const one of begin(message.id)) say(one);
    if (message.n === 1) say(event(6, { cl: 'me', n: 1 }));
    if (message.n === 2) say({ t: 'rej', n: 2, why: 'gone', at: 6, d: { id: 'x' } });
    if (message.n === 3) say({ t: 'dup', n: 3, s: 6, refused: [2] });
    if (message.n === 4) ws.close(4200, 'drain');
  });
  const live = await Live.open(place, 'b', { cl: 'me' });
  assert.equal((await live.ok({ op: 'x' })).s, 6);
  assert.deepEqual(await live.op({ op: 'x' }), { rej: true, why: 'gone', at: 6, d: { id: 'x' } });
  assert.deepEqual(await live.op({ op: 'x' }), { dup: true, s: 6, refused: [2] });
  await assert.rejects(live.op({ op: 'x' }), Lost);
  assert.equal((await live.ended).code, 4200);
});

test('a resync replaces the state, a replay goes on from the position asked for', async (t) => {
  const place = await fakeServer(t, (message, say) => {
    if (message.t !== 'sub') return;
    if (message.since?.[0] === 3) {
      say({ t: 'sub', id: message.id, pos: [5, H], mode: 'replay', n: 0, refused: [] });
      say({ t: 'ops', list: [event(4), event(5)] });
      say({ t: 'live', pos: [5, H] });
      return;
    }
    say({ t: 'sub', id: message.id, pos: [5, H], mode: 'replay', n: 0, refused: [] });
    say({ t: 'resync', why: 'position' });
    for (const one of begin(message.id).slice(1)) say(one);
  });
  const replayed = await Live.open(place, 'b', { since: [3, H] });
  assert.deepEqual(
    replayed.events.map((one) => one.s),
    [4, 5],
  );
  const resynced = await Live.open(place, 'b', { since: [9, H] });
  assert.deepEqual(
    [resynced.resyncs, resynced.pos, resynced.snapshot.state.length],
    [['position'], [5, H], 2],
  );
  await replayed.close();
  await resynced.close();
});

test('responses are read whole, however they are cut and framed', async (t) => {
  const texts = {
    length: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    chunks: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    none: 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n',
  };
  for (const [name, text] of Object.entries(texts)) {
    for (let cut = 0; cut < text.length; cut += 1)
      assert.equal(parseResponse(Buffer.from(text.slice(0, cut))), null, name);
    const answer = parseResponse(Buffer.from(text + 'HTTP/1.1'));
    assert.equal(answer.bytes, text.length);
    assert.equal(answer.text, name === 'none' ? '' : 'hello');
  }
  assert.throws(() => parseResponse(Buffer.from('HTTP/2 200\r\n\r\n')));
  const server = net.createServer((socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"to":"the end"}'),
    );
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  assert.deepEqual((await request({ port: server.address().port }, { path: '/' })).json, {
    to: 'the end',
  });
});

test('a connection closed without an answer is told from an answer', async (t) => {
  const server = net.createServer((socket) => socket.destroy());
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const raw = await RawConnection.open({ port: server.address().port });
  assert.equal(await raw.response(), null);
});

test('an export is the same for the same seed, and a changed board is told apart', () => {
  assert.deepEqual(makeExport({ seed: 7 }), makeExport({ seed: 7 }));
  const sent = makeExport({ seed: 7 });
  assert.equal(compareBoards(sent, makeExport({ seed: 7 })), '');
  for (const change of [
    (b) => {
      b.cards[3].pos += 1;
    },
    (b) => b.lists.pop(),
    (b) => {
      b.cards[0].idLabels = ['x'];
    },
    (b) => {
      b.lists[0].closed = true;
    },
  ]) {
    const got = makeExport({ seed: 7 });
    change(got);
    assert.notEqual(compareBoards(sent, got), '');
  }
});

/** Whether a range of versions, as package.json writes them, takes node 18.20. */
function takesNode18(range) {
  return range.split('||').some((part) =>
    part
      .trim()
      .replace(/([<>=^~]+)\s+/g, '$1')
      .split(/\s+/)
      .every((one) => {
        const [, sign, major, minor] = one.match(/^([<>=^~]*)v?(\d+|\*|x)(?:\.(\d+|\*|x))?/) ?? [];
        if (major === undefined) throw new Error(`a range not understood: ${range}`);
        const [a, b] = [Number(major), Number(minor) || 0];
        if (Number.isNaN(a)) return true;
        if (sign === '>=') return a < 18 || (a === 18 && b <= 19);
        if (sign === '>') return a < 18;
        if (sign === '<') return a > 18;
        if (sign === '<=') return a >= 18;
        return a === 18 && (sign === '^' || sign === '' ? b <= 19 : b >= 19);
      }),
  );
}

test('every package of the lockfile runs on node 18', () => {
  for (const [range, fits] of [
    ['>=10.0.0', true],
    ['>=20', false],
    ['^18.0.0 || ^20.0.0', true],
    ['>= 18.17', true],
    ['>=20.19.0 || ^22', false],
    ['*', true],
    ['>=12 <17', false],
    ['18 || 20', true],
  ]) {
    assert.equal(takesNode18(range), fits, range);
  }
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', import.meta.url), 'utf8'));
  for (const [name, one] of Object.entries(lock.packages)) {
    if (one.engines?.node)
      assert.ok(takesNode18(one.engines.node), `${name} wants node ${one.engines.node}`);
    if (name) assert.ok(one.integrity, `${name} has no integrity in the lockfile`);
  }
});

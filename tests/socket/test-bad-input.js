// test-bad-input.js - whoever sends nonsense is told what was wrong; everyone else is served on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, RawConnection, request } from './lib/http.js';
import { newBoard } from './lib/trello.js';
import { newStranger, newWorld } from './lib/world.js';

async function newApi(t) {
  const world = await newWorld(t);
  const api = new Client(world.server, world.admin.token);
  const board = await newBoard(api, { lists: ['A'], cards: 1 });
  const stillServed = async () =>
    assert.equal((await api.call('GET', `/1/boards/${board.id}`)).status, 200);
  return { world, api, board, card: board.cards[0], list: board.lists[0], stillServed };
}

/** Sends bytes and gives what came back until the connection ended, or one answer. */
async function send(server, bytes, { whole = true } = {}) {
  const raw = await RawConnection.open(server);
  try {
    await raw.send(bytes);
    return await raw.response({ ms: 15_000, method: whole ? 'GET' : 'HEAD' });
  } finally {
    raw.close();
  }
}

test('malformed JSON is answered with line and column', async (t) => {
  const { world, api, stillServed } = await newApi(t);
  for (const [body, place] of [
    ['{', /line 1, column 1/],
    ['{"name":}', /line 1, column 9/],
    ['{"name":"a",\n "idBoard" "b"}', /line 2, column 1\d/],
    ['{"a":1,"a":2}', /line 1/],
    ['{"a":"\\ud800"}', /line 1/],
    ['{"a":"\\u0000"}', /line 1/],
    ['{"a":1}x', /line 1/],
    [`${'['.repeat(40)}${']'.repeat(40)}`, /line 1|depth|deep/],
  ]) {
    const answer = await request(world.server, {
      method: 'POST',
      path: '/1/boards',
      token: api.token,
      body,
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(answer.status, 400, body);
    assert.match(answer.text, place, body);
  }
  await stillServed();
});

test('a wrong value names the field, what was wrong and what was expected', async (t) => {
  const { api, card, list, board, stillServed } = await newApi(t);
  for (const [method, path, json, text] of [
    [
      'PUT',
      `/1/cards/${card.id}`,
      { pos: 'middle' },
      /pos: is "middle"; expected a positive number, "top" or "bottom"/,
    ],
    ['PUT', `/1/cards/${card.id}`, { pos: -1 }, /pos: is .*-1.*; expected a positive number/],
    [
      'PUT',
      `/1/cards/${card.id}`,
      { due: 'tomorrow' },
      /due: is "tomorrow"; expected an ISO 8601 date or null/,
    ],
    [
      'PUT',
      `/1/cards/${card.id}`,
      { closed: 'maybe' },
      /closed: is "maybe"; expected true or false/,
    ],
    ['PUT', `/1/cards/${card.id}`, { closed: 7 }, /closed: is .*; expected true or false/],
    ['PUT', `/1/cards/${card.id}`, { name: ['a'] }, /name: is an array; expected text/],
    ['PUT', `/1/cards/${card.id}`, { name: 'x'.repeat(16_385) }, /name: .*16,?384/],
    ['PUT', `/1/cards/${card.id}`, { desc: 'x'.repeat(16_385) }, /16,?384/],
    ['PUT', `/1/cards/${card.id}`, { idLabels: 'a,b' }, /idLabels: is "a,b"; expected ids/],
    ['PUT', `/1/cards/${card.id}`, { cover: 'red' }, /cover: is "red"; expected an object/],
    ['PUT', `/1/cards/${card.id}`, { colour: 'red' }, /colour: is not a parameter of this address/],
    ['PUT', `/1/cards/${card.id}?nonsense=1`, {}, /nonsense/],
    ['POST', '/1/cards', { name: 'x' }, /idList: is missing/],
    ['POST', '/1/boards', {}, /name: is missing/],
    ['POST', '/1/boards', { name: '' }, /name: is missing/],
    ['POST', '/1/labels', { idBoard: board.id, name: 'x', color: 'mauve' }, /color/],
    ['PUT', `/1/lists/${list.id}`, { name: '' }, /name: is empty/],
    [
      'GET',
      `/1/boards/${board.id}?lists=some`,
      undefined,
      /lists: is "some"; expected open, closed, all, none or visible/,
    ],
    ['GET', `/1/boards/${board.id}?fields=nam`, undefined, /fields/],
    ['GET', `/1/boards/${board.id}/cards?limit=0`, undefined, /limit/],
    ['GET', '/1/boards/xyz', undefined, /id: is not an id/],
    ['GET', `/1/boards/${'F'.repeat(24)}`, undefined, /id: is not an id/],
    ['GET', `/1/boards/${board.id}?name=%ff`, undefined, /percent-encoded/],
  ]) {
    const answer = await api.call(method, path, json);
    assert.equal(
      answer.status,
      400,
      `${method} ${path} ${JSON.stringify(json)?.slice(0, 80)}: ${answer.status} ${answer.text}`,
    );
    assert.match(answer.text, text);
    assert.match(answer.headers['content-type'], /^text\/plain/);
  }
  assert.equal((await api.call('PUT', `/1/cards/${card.id}/nofield`, { value: 1 })).status, 404);
  assert.equal((await api.call('GET', `/1/cards/${card.id}/nofield`)).status, 404);
  await stillServed();
});

test('unknown, foreign, deleted and removed look the same, to the byte', async (t) => {
  const { world, api, board, card, list } = await newApi(t);
  const stranger = new Client(world.server, (await newStranger(world, 'Stranger')).token);
  const gone = await api.post('/1/cards', { name: 'x', idList: list.id });
  await api.delete(`/1/cards/${gone.id}`);
  const closed = await api.post('/1/boards', { name: 'x' });
  await api.delete(`/1/boards/${closed.id}`);
  const answers = [];
  for (const [client, path] of [
    [api, `/1/boards/${'a'.repeat(24)}`],
    [api, '/1/boards/aaaaaaaa'],
    [api, `/1/cards/${'0'.repeat(24)}`],
    [api, `/1/boards/${'0'.repeat(24)}`],
    [api, `/1/cards/${'b'.repeat(24)}`],
    [api, `/1/cards/${gone.id}`],
    [api, `/1/boards/${closed.id}`],
    [api, `/1/lists/${card.id}`],
    [stranger, `/1/boards/${board.id}`],
    [stranger, `/1/boards/${board.shortLink}`],
    [stranger, `/1/cards/${card.id}`],
    [stranger, `/1/cards/${card.shortLink}`],
    [stranger, `/1/lists/${list.id}`],
    [stranger, `/1/members/${world.admin.idMember}0`.slice(0, -1)],
  ]) {
    const answer = await client.call('GET', path);
    const { date: _, ...headers } = answer.headers;
    answers.push(JSON.stringify([answer.status, headers, answer.text]));
  }
  answers.pop(); // a stranger here shares the other board with the administrator
  assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
  for (const [method, path, json] of [
    ['PUT', `/1/cards/${card.id}`, { name: 'x' }],
    ['DELETE', `/1/cards/${card.id}`],
    ['POST', '/1/cards', { idList: list.id }],
    ['POST', '/1/lists', { idBoard: board.id, name: 'x' }],
    ['DELETE', `/1/boards/${board.id}`],
    [
      'PUT',
      `/1/boards/${board.id}/members/${stranger.idMember ?? 'a'.repeat(24)}`,
      { type: 'admin' },
    ],
  ]) {
    const answer = await stranger.call(method, path, json);
    assert.equal(answer.status, 404, `${method} ${path}`);
    assert.equal(answer.text, 'The requested resource was not found.');
  }
  assert.equal((await api.get(`/1/cards/${card.id}`)).name, 'Card 1');
});

test('too much is refused: bodies, lines, heads', async (t) => {
  const { world, api, card, stillServed } = await newApi(t);
  const { server } = world;
  const big = await request(server, {
    method: 'PUT',
    path: `/1/cards/${card.id}`,
    token: api.token,
    json: { desc: 'x'.repeat(1_100_000) },
  });
  assert.equal(big.status, 413);
  const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
  const raw = await RawConnection.open(server);
  await raw.send(
    `PUT /1/cards/${card.id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.token}\r\n` +
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  for (let i = 0; i < 20 && !raw.isClosed; i += 1) await raw.send(chunk);
  assert.equal((await raw.response()).status, 413);
  raw.close();
  const line = `/1/members/me?x=${'y'.repeat(20_000)}`;
  assert.equal((await send(server, `GET ${line} HTTP/1.1\r\nHost: x\r\n\r\n`)).status, 431);
  const fields = Array.from({ length: 120 }, (_, i) => `X-${i}: y\r\n`).join('');
  assert.equal((await send(server, `GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`)).status, 431);
  const stranger = `/1/members/me?token=${'f'.repeat(64)}&x=${'y'.repeat(200_000)}`;
  const grown = await RawConnection.open(server);
  await grown.send(`GET ${stranger} HTTP/1.1\r\nHost: x\r\n\r\n`).catch(() => {});
  const answer = await grown.response().catch(() => null);
  assert.ok(answer === null || answer.status >= 400);
  grown.close();
  const form = { 'Content-Type': 'multipart/form-data; boundary=x' };
  const parts = await request(server, {
    method: 'POST',
    path: '/1/boards',
    token: api.token,
    body: 'x',
    headers: form,
  });
  assert.equal(parts.status, 415);
  await stillServed();
});

test('half requests and broken ones end their connection only', async (t) => {
  const { world, stillServed } = await newApi(t);
  const { server } = world;
  const half = await RawConnection.open(server);
  await half.send('GET /1/boards HTTP/1.1\r\nHost: x\r\n');
  const slow = await RawConnection.open(server);
  await slow.send('POST /1/boards HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
  for (const [bytes, status] of [
    ['GET / HTTP/1.1\n\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ]) {
    const answer = await send(server, bytes);
    assert.equal(answer?.status, status, JSON.stringify(bytes));
    assert.equal(answer.headers.connection, 'close');
  }
  await stillServed();
  assert.equal((await half.response({ ms: 20_000 }))?.status, 408);
  assert.equal((await slow.response({ ms: 20_000 }))?.status, 408);
  await half.closed();
  await slow.closed();
  await stillServed();
});

/** A client frame: opcode, payload, masked or not. */
function frame(first, payload, { masked = true, length = payload.length } = {}) {
  const mask = masked ? 0x80 : 0;
  const key = Buffer.from([1, 2, 3, 4]);
  let head = Buffer.from([first, mask | length]);
  if (length > 65535) {
    head = Buffer.alloc(10);
    head[0] = first;
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  } else if (length > 125) {
    head = Buffer.from([first, mask | 126, length >> 8, length & 255]);
  }
  const body = masked ? Buffer.from(payload.map((byte, i) => byte ^ key[i % 4])) : payload;
  return Buffer.concat([head, masked ? key : Buffer.alloc(0), body]);
}

test('broken WebSocket frames are answered with their close codes', async (t) => {
  const { world, board, stillServed } = await newApi(t);
  const text = Buffer.from('{"t":"ping"}');
  for (const [bytes, code] of [
    [frame(0x81, text, { masked: false }), 1002],
    [frame(0xc1, text), 1002],
    [frame(0x83, text), 1002],
    [frame(0x09, Buffer.from('x')), 1002],
    [frame(0x89, Buffer.alloc(126)), 1002],
    [frame(0x80, text), 1002],
    [frame(0x81, Buffer.from([0xc3, 0x28])), 1007],
    [frame(0x82, text), 1003],
    [frame(0x81, Buffer.from('{'), { length: 5000 }), 1009],
    [frame(0x81, Buffer.alloc(0), { length: 2 ** 40 }), 1009],
  ]) {
    const raw = await RawConnection.open(world.server);
    await raw.send(
      `GET /v1/boards/${board.id}/live HTTP/1.1\r\nHost: x\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        'Sec-WebSocket-Protocol: tavla.v1\r\n\r\n',
    );
    const opened = await raw.response({ method: 'HEAD' });
    assert.equal(opened.status, 101);
    await raw.send(bytes);
    const rest = await raw.closed();
    const at = rest.indexOf(0x88);
    assert.ok(at >= 0, `no close frame for ${bytes.subarray(0, 12).toString('hex')}`);
    assert.equal(rest.readUInt16BE(at + 2), code, bytes.subarray(0, 12).toString('hex'));
    raw.close();
  }
  await stillServed();
});

// test-live-hello.js - who may open a live, and how it begins and ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Live } from './lib/live.js';
import { ended, fill, newWorld, open, signOut, upgrade } from './lib/world.js';

/** Opens without a hello. */
async function raw(world) {
  const live = new Live(world.server, world.board, {});
  await live.opened;
  return live;
}

test('hello says who one is and what the limits are', async (t) => {
  const world = await newWorld(t);
  const live = await open(world, world.admin, { sub: false });
  assert.equal(live.hello.v, 1);
  assert.equal(live.hello.me.id, world.admin.idMember);
  assert.equal(typeof live.hello.me.fullName, 'string');
  assert.equal(live.hello.hb, 25);
  assert.deepEqual(live.hello.max, { op: 131072, msg: 1048576 });
  assert.match(live.hello.sid, /^[0-9a-f]{16}$/);
  assert.ok(Math.abs(live.hello.now - Date.now()) < 5000);
  await live.close();
});

test('without a token, with a wrong one or another version there is no way in', async (t) => {
  const world = await newWorld(t);
  for (const [hello, code, why] of [
    [{ t: 'hello', v: 1, cl: 'a' }, 4009, 'forbidden'],
    [{ t: 'hello', v: 1, cl: 'a', token: 'f'.repeat(64) }, 4010, 'forbidden'],
    [{ t: 'hello', v: 1, cl: 'a', token: '' }, 4010, 'forbidden'],
    [{ t: 'hello', v: 2, cl: 'a', token: world.admin.token }, 4006, 'invalid'],
    [{ t: 'hello', cl: 'a', token: world.admin.token }, 4006, 'invalid'],
  ]) {
    const live = await raw(world);
    const error = live.wait((m) => m.t === 'err', 'err');
    live.send(hello);
    assert.equal((await error).code, why, JSON.stringify(hello));
    assert.equal((await ended(live)).code, code, JSON.stringify(hello));
  }
});

test('a bad client id and a message before hello are said, and hello may still come', async (t) => {
  const world = await newWorld(t);
  const live = await raw(world);
  for (const bad of [
    { t: 'sub', id: 1 },
    { t: 'hello', v: 1, cl: '', token: world.admin.token },
    { t: 'hello', v: 1, cl: 'x'.repeat(33), token: world.admin.token },
    { t: 'hello', v: 1, cl: 'a b', token: world.admin.token },
    { t: 'hello', v: 1, cl: 7, token: world.admin.token },
  ]) {
    const error = live.wait((m) => m.t === 'err', 'err');
    live.send(bad);
    assert.equal((await error).code, 'invalid', JSON.stringify(bad));
  }
  live.send({ t: 'hello', v: 1, cl: 'good', token: world.admin.token });
  await live.wait((m) => m.t === 'hello', 'hello');
  const again = live.wait((m) => m.t === 'err', 'err');
  live.send({ t: 'hello', v: 1, cl: 'good', token: world.admin.token });
  assert.match((await again).msg, /already/);
  await live.close();
});

test('more than 4 KiB before hello closes 1009, binary 1003', async (t) => {
  const world = await newWorld(t);
  const large = await raw(world);
  large.send({ t: 'hello', v: 1, pad: 'x'.repeat(4096) });
  assert.equal((await ended(large)).code, 1009);
  const binary = await open(world);
  binary.sendRaw(Buffer.from('{"t":"ping"}'));
  assert.equal((await ended(binary)).code, 1003);
});

test('the cookie counts only for pages of the own origin', async (t) => {
  const world = await newWorld(t);
  const { server, board, admin } = world;
  const cookie = `session=${admin.token}`;
  const own = `http://127.0.0.1:${server.port}`;
  const local = `http://localhost:${server.port}`;
  for (const [origin, status] of [
    [own, 101],
    [local, 101],
    ['null', 403],
    ['', 403],
    ['http://127.0.0.1', 403],
    [`http://127.0.0.1:${server.port + 1}`, 403],
    [`https://127.0.0.1:${server.port}`, 403],
    [`http://127.0.0.1:${server.port}.evil.example`, 403],
    [`http://127.0.0.1:${server.port}/`, 403],
    [`http://127.0.0.1.:${server.port}`, 403],
    [`http://evil.example`, 403],
    [`HTTP://127.0.0.1:${server.port}`, 403],
    [`http://LOCALHOST:${server.port}`, 403],
    [`${own} ${own}`, 403],
    [`${own}, ${own}`, 403],
    [`http://user@127.0.0.1:${server.port}`, 403],
  ]) {
    const answer = await upgrade(server, board, { Cookie: cookie, Origin: origin });
    assert.equal(answer.status, status, origin);
  }
  // With the cookie of the own page no token is needed; without an Origin the cookie is not looked
  // at.
  const page = new Live(server, board, { headers: { Cookie: cookie, Origin: own } });
  await page.opened;
  page.send({ t: 'hello', v: 1, cl: 'page' });
  assert.equal((await page.wait((m) => m.t === 'hello')).me.id, admin.idMember);
  await page.close();
  const script = new Live(server, board, { headers: { Cookie: cookie } });
  await script.opened;
  script.send({ t: 'hello', v: 1, cl: 'script' });
  assert.equal((await ended(script)).code, 4009);
  // A token in hello is a program's own doing, wherever its page came from.
  const elsewhere = new Live(server, board, { headers: { Origin: 'http://evil.example' } });
  await elsewhere.opened;
  elsewhere.send({ t: 'hello', v: 1, cl: 'else', token: admin.token });
  await elsewhere.wait((m) => m.t === 'hello');
  await elsewhere.close();
});

test('an upgrade that is none is answered in HTTP', async (t) => {
  const { server, board } = await newWorld(t);
  for (const [headers, status] of [
    [{ Upgrade: undefined }, 426],
    [{ 'Sec-WebSocket-Version': '12' }, 426],
    [{ 'Sec-WebSocket-Key': 'short' }, 400],
    [{ 'Sec-WebSocket-Protocol': 'other' }, 400],
  ]) {
    const answer = await upgrade(server, board, headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
  }
});

test('malformed messages are said with their place, and the connection stays', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  for (const [text, pattern] of [
    ['{"t":"op",\n  "n": 1,}', /line 2/],
    ['[1,2]', /object/],
    ['"hello"', /object/],
    ['{"t":7}', /string/],
    ['{"t":"sub","since":[1]}', /since/],
    ['{"t":"sub","since":[1,"xyz"]}', /since/],
    ['{"t":"get","id":9,"card":"nope"}', /card/],
    ['{"t":"op","n":0,"ops":[]}', /n:/],
  ]) {
    const error = live.wait((m) => m.t === 'err', `err for ${text}`);
    live.sendRaw(text);
    const { code, msg } = await error;
    assert.equal(code, 'invalid', text);
    assert.match(msg, pattern, text);
  }
  live.sendRaw('{"t":"from the future","x":[1]}'); // not known: ignored
  await live.ping();
  await fill(live, 1);
  await live.close();
});

test('a person has at most 50 connections', async (t) => {
  const world = await newWorld(t);
  const lives = [];
  for (let i = 0; i < 50; i += 1) lives.push(await open(world, world.admin, { sub: false }));
  const one = await raw(world);
  one.send({ t: 'hello', v: 1, cl: 'one-too-many', token: world.admin.token });
  assert.equal((await ended(one)).code, 4100);
  await lives.pop().close();
  const next = await open(world);
  await next.close();
  for (const live of lives) await live.drop();
});

test('the end of a session closes its connections, and nobody elses', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const live = await open(world, ann);
  const other = await open(world);
  const began = Date.now();
  await signOut(world.server, ann);
  assert.equal((await ended(live)).code, 4015);
  assert.ok(Date.now() - began < 1000);
  await fill(other, 1);
  const again = await raw(world);
  again.send({ t: 'hello', v: 1, cl: 'again', token: ann.token });
  assert.equal((await ended(again)).code, 4010);
  await other.close();
});

test('a server that stops says bye and when to come back', async (t) => {
  const world = await newWorld(t);
  const lives = [await open(world), await open(world), await open(world)];
  const byes = lives.map((live) => live.wait((m) => m.t === 'bye', 'bye'));
  await world.server.stop();
  for (const bye of byes) {
    const { code, after } = await bye;
    assert.equal(code, 4200);
    assert.ok(after > 0);
  }
  for (const live of lives) assert.equal((await ended(live)).code, 4200);
});

test('too many messages that are not ops close 4101', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  for (let i = 0; i < 400; i += 1) live.sendRaw('{"t":"ping","x":1}');
  assert.equal((await ended(live)).code, 4101);
});

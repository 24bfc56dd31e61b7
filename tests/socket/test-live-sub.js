// test-live-sub.js - from nothing, or from a position, to every event: no gap, no repeat.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClientId, newId } from './lib/live.js';
import { Replica } from './lib/replica.js';
import { ops } from './lib/trello.js';
import { fill, newStranger, newWorld, open } from './lib/world.js';

test('a snapshot is the whole board, in parts cut between objects', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  const { cards } = await fill(author, 1500);
  const parts = [];
  const reader = await open(world, ann, { sub: false });
  reader.ws.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.t === 'snap') parts.push([data.length, message]);
  });
  await reader.sub();
  assert.ok(parts.length > 1, `${parts.length} parts`);
  for (const [bytes] of parts) assert.ok(bytes <= 256 * 1024, `${bytes} bytes`);
  assert.deepEqual(
    parts.map(([, part]) => [part.part, part.last, part.who !== undefined]),
    parts.map((_, i) => [i + 1, i === parts.length - 1, i === 0]),
  );
  const seen = reader.snapshot.state.filter(([kind]) => kind === 'card').map(([, card]) => card.id);
  assert.deepEqual(new Set(seen), new Set(cards));
  assert.equal(seen.length, cards.length);
  const people = reader.snapshot.who.map((one) => one.id);
  assert.ok(people.includes(ann.idMember) && people.includes(world.admin.idMember));
  for (const one of reader.snapshot.who) {
    assert.deepEqual(Object.keys(one).sort(), ['fullName', 'id', 'initials', 'username']);
  }
  assert.deepEqual(reader.pos, author.pos);
  assert.equal(
    Replica.follow(author).difference?.(Replica.follow(reader)) ?? '',
    '',
  );
  await author.close();
  await reader.close();
});

test('a position is resumed where it was left, under another client id too', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const { cards } = await fill(author, 10);
  const at = author.pos;
  const seqs = [];
  for (let i = 0; i < 20; i += 1) {
    seqs.push((await author.ok(ops.set(cards[i % 10], { name: `Name ${i}` }))).s);
  }
  const reader = await open(world, world.admin, { since: at });
  assert.equal(reader.subs[0].mode, 'replay');
  assert.deepEqual(
    reader.events.map((event) => event.s),
    seqs,
  );
  assert.deepEqual(
    reader.events.map((event) => event.h),
    author.events.slice(-20).map((event) => event.h),
  );
  const more = await author.ok(ops.set(cards[0], { name: 'More' }));
  await reader.reach(more.s);
  // Nothing happened since: nothing is sent.
  const late = await open(world, world.admin, { since: reader.pos });
  assert.equal(late.subs[0].mode, 'replay');
  assert.equal(late.events.length, 0);
  for (const live of [author, reader, late]) await live.close();
});

test('a position of another history gets a snapshot and an alarm', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  await fill(author, 3);
  const [seq, h] = author.pos;
  for (const since of [
    [seq, 'f'.repeat(16)],
    [seq - 1, h],
    [seq + 5, h],
    [2 ** 52, '0'.repeat(16)],
  ]) {
    const reader = await open(world, world.admin, { since });
    assert.deepEqual(reader.resyncs, ['position'], JSON.stringify(since));
    assert.equal(reader.subs[0].mode, 'snapshot');
    assert.deepEqual(reader.pos, author.pos);
    await reader.close();
  }
  await world.server.said(/position_differs/);
  await author.close();
});

test('a stretch that is dearer than a snapshot becomes one', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const { cards } = await fill(author, 2);
  const at = author.pos;
  for (let i = 0; i < 25; i += 1)
    await author.ok(ops.set(cards[0], { name: `${i} ${'x'.repeat(16000)}` }));
  const reader = await open(world, world.admin, { since: at });
  assert.deepEqual(reader.resyncs, ['lag']);
  assert.deepEqual(reader.pos, author.pos);
  await author.close();
  await reader.close();
});

test('a sub answers what was judged of this client', async (t) => {
  const world = await newWorld(t);
  const cl = newClientId();
  const author = await open(world, world.admin, { cl });
  const { cards } = await fill(author, 1);
  assert.equal((await author.op(ops.set(newId(), { name: 'x' }))).rej, true);
  const refused = [author.n];
  assert.equal((await author.op({ op: 'no.such' })).rej, true); // even what could not be decoded
  refused.push(author.n);
  await author.ok(ops.set(cards[0], { name: 'y' }));
  const n = author.n;
  await author.drop();
  const again = await open(world, world.admin, { cl, n });
  assert.equal(again.subs[0].n, n);
  assert.deepEqual(again.subs[0].refused, refused);
  const other = await open(world);
  assert.equal(other.subs[0].n, 0);
  await again.close();
  await other.close();
});

test('a second sub on a connection begins again', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const { cards } = await fill(author, 5);
  const reader = await open(world);
  for (let i = 0; i < 20; i += 1) {
    const writing = author.ok(ops.set(cards[0], { name: `Name ${i}` }));
    await reader.sub(i % 2 ? reader.pos : undefined);
    const { s } = await writing;
    await reader.reach(s);
  }
  await author.close();
  await reader.close();
});

test('an op before live is not taken', async (t) => {
  const world = await newWorld(t);
  const live = await open(world, world.admin, { sub: false });
  const error = live.wait((m) => m.t === 'err', 'err');
  live.send({ t: 'op', n: 1, base: 0, ops: [ops.list('Too early')] });
  assert.equal((await error).code, 'invalid');
  await live.sub();
  assert.ok(!live.snapshot.state.some(([kind]) => kind === 'list'));
  await live.close();
});

test('strangers and boards that are not there look alike', async (t) => {
  const world = await newWorld(t);
  const eve = await newStranger(world, 'Eve');
  const errors = [];
  for (const [who, board] of [
    [eve, world.board],
    [eve, newId()],
    [world.admin, newId()],
  ]) {
    const live = await open({ ...world, board }, who, { sub: false });
    const error = live.wait((m) => m.t === 'err', 'err');
    live.send({ t: 'sub', id: 7 });
    errors.push(await error);
    await live.ping(); // the connection stays
    await live.close();
  }
  assert.equal(errors[0].re, 7);
  assert.equal(errors[0].code, 'not_found');
  assert.deepEqual(errors[1], errors[0]);
  assert.deepEqual(errors[2], errors[0]);
});

test('positions and events survive a restart with another number of loops', async (t) => {
  const world = await newWorld(t, { loops: 4 });
  const cl = newClientId();
  const author = await open(world, world.admin, { cl });
  const { cards } = await fill(author, 20);
  const at = author.pos;
  const last = await author.ok(ops.set(cards[3], { name: 'before' }));
  const n = author.n;
  const replica = Replica.follow(author);
  await world.server.stop();
  world.server.loops = '1';
  await world.server.start();
  const back = await open(world, world.admin, { cl, n, since: at });
  assert.equal(back.subs[0].mode, 'replay');
  assert.equal(back.subs[0].n, n);
  assert.deepEqual(back.pos, [last.s, last.h]);
  const fresh = await open(world);
  assert.deepEqual(fresh.pos, [last.s, last.h]);
  assert.equal(fresh.snapshot.state.find(([, one]) => one.id === cards[3])[1].name, 'before');
  for (const [kind, fields] of fresh.snapshot.state) {
    assert.deepEqual(replica.get(kind, fields.id), fields);
  }
  await back.ok(ops.set(cards[3], { name: 'after' }));
  await back.close();
  await fresh.close();
});

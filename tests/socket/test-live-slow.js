// test-live-slow.js - readers that stop reading cost the others nothing and miss nothing.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { newId } from './lib/live.js';
import { Replica } from './lib/replica.js';
import { ops } from './lib/trello.js';
import { ended, fill, newWorld, open } from './lib/world.js';

const READERS = Number(process.env.TAVLA_COUNT_READERS ?? 60);
const PERSON_CONNS = 50; // the server's limit
// Those builds keep what was freed, and check the whole board at every batch.
const SANITIZED = /asan|tsan/.test(process.env.TAVLA_BUILD ?? '');
const ROUNDS = 12;
const PATIENCE_MS = SANITIZED ? 120_000 : 30_000;

/** `count` lives on the world's board, of as many people as that takes. */
async function crowd(world, count, options) {
  const lives = [];
  let who = null;
  for (let i = 0; i < count; i += 1) {
    if (i % PERSON_CONNS === 0) who = await world.server.newMember(`Person ${i}`, world.board);
    lives.push(await open(world, who, options));
  }
  return lives;
}

/** The fields of every object, to compare two replicas. */
function stateOf(live) {
  const replica = Replica.follow(live);
  return new Map([...replica.objects].sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('a tenth that stops reading is brought up again, the rest never waits', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const { cards } = await fill(author, 400);
  const lives = await crowd(world, READERS, { keep: false });
  const slow = lives.filter((_, i) => i % 10 === 0);
  const fast = lives.filter((_, i) => i % 10 !== 0);
  const before = world.server.rssAnon();
  for (const live of slow) live.pause();
  const text = 'x'.repeat(16000);
  let worst = 0;
  for (let i = 0; i < 300; i += 1) {
    const began = Date.now();
    await author.ok(ops.set(cards[i % 400], { name: `${i} ${text}` }));
    if (i < 190) worst = Math.max(worst, Date.now() - began); // then the author's own rate counts
  }
  await Promise.all(fast.map((live) => live.reach(author.pos[0])));
  assert.ok(worst < PATIENCE_MS / 10, `${worst} ms`);
  const grown = world.server.rssAnon() - before;
  if (!SANITIZED) assert.ok(grown < (32 + slow.length * 4) * 1024 * 1024, `${grown} bytes`);
  for (const live of slow) live.resume();
  await Promise.all(slow.map((live) => live.reach(author.pos[0], PATIENCE_MS)));
  const resynced = slow.filter((live) => live.resyncs.length > 0).length;
  t.diagnostic(`${slow.length} slow, ${resynced} resynced, worst ${worst} ms, ${grown} bytes`);
  for (const live of lives) assert.deepEqual(live.pos, author.pos);
  for (const live of [...lives, author]) await live.close();
});

const fallsBehind = async (t) => {
  const world = await newWorld(t);
  const authors = [await open(world), await open(world), await open(world)];
  const { cards } = await fill(authors[0], 16_000); // so that a snapshot is dear
  const reader = await open(world);
  let writing = true;
  const writers = authors.map(async (author, k) => {
    for (let i = 0; writing; i += 1) {
      const name = `${k} ${i} ${'y'.repeat(8000)}`;
      await author.ok(ops.set(cards[(3 * i + k) % cards.length], { name }));
    }
  });
  // How much the kernel takes for a reader that stopped is its own affair: more each round, until
  // that was not all. Beyond 3.8 MB a snapshot would be cheaper.
  for (let round = 0; round < ROUNDS && reader.catchups === 0; round += 1) {
    reader.pause();
    await authors[0].reach(authors[0].pos[0] + 250 + 100 * round, PATIENCE_MS);
    // The refusal of an op waits for what it stands on, which has to come from the log first.
    const refused = reader.op(ops.set(newId(), { name: 'nowhere' }));
    await sleep(100);
    reader.resume();
    assert.equal((await refused).why, 'not_found');
    await reader.reach(authors[0].pos[0], PATIENCE_MS);
  }
  writing = false;
  assert.ok(reader.catchups > 0, 'it never fell behind');
  await Promise.all(writers);
  const last = Math.max(...authors.map((author) => author.pos[0]));
  await Promise.all([reader, ...authors].map((live) => live.reach(last)));
  assert.deepEqual(stateOf(reader), stateOf(await open(world)));
  for (const live of [reader, ...authors]) await live.close();
};

// Checked builds write too little in the 30 s that a stalled reader is given.
if (!SANITIZED)
  test('a reader brought up from the log goes on without a gap while others write', fallsBehind);

test('what a reader writes while a snapshot overtakes it is done', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const { cards } = await fill(author, 400);
  const readers = await crowd(world, 6, { keep: false });
  for (const live of readers) live.pause();
  const text = 'x'.repeat(16000);
  for (let i = 0; i < 300; i += 1)
    await author.ok(ops.set(cards[i % 400], { name: `${i} ${text}` }));
  // Each has megabytes of the snapshot before it, of which it read nothing: it cannot know yet.
  const written = new Set();
  author.listeners.add((event) => written.add(event.cl));
  for (const [i, live] of readers.entries())
    live.op(ops.set(cards[i], { name: `by reader ${i}` }));
  const all = () => (readers.every((live) => written.has(live.cl)) ? true : undefined);
  await author.waiting(PATIENCE_MS, 'ops of the slow readers', all);
  for (const live of readers) live.resume();
  await Promise.all(readers.map((live) => live.reach(author.pos[0], PATIENCE_MS)));
  assert.ok(readers.some((live) => live.resyncs.length > 0), 'nobody fell behind');
  for (const live of [...readers, author]) await live.close();
});

test('answers held back for a reader that is behind do not pile up', async (t) => {
  const world = await newWorld(t);
  const author = await open(world);
  const list = ops.list('A list');
  await author.ok(list);
  const cards = Array.from({ length: 700 }, () => ops.card(list.id, 'z'.repeat(16_000)));
  const large = ops.card(list.id, '\u0001'.repeat(16_000));
  for (let i = 0; i < cards.length; i += 7)
    await author.ok({
      op: 'cards.create',
      cards: cards.slice(i, i + 7).map((card) => ({ ...card, op: undefined })),
    });
  await author.ok(large);
  const reader = await open(world, world.admin, { sub: false });
  reader.pause();
  reader.send({ t: 'sub', id: 1 });
  for (let id = 2; id < 60; id += 1) reader.send({ t: 'get', id, card: large.id });
  await sleep(1500);
  reader.resume();
  assert.equal((await ended(reader, 15_000)).code, 4202);
  await author.close();
});

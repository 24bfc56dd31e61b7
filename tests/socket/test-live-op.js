// test-live-op.js - verdicts: exactly one an op, in the board's order, once whatever happens to
// the connection.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClientId, newId } from './lib/live.js';
import { ops } from './lib/trello.js';
import { ended, fill, newWorld, open } from './lib/world.js';

test('an op comes back as its event, to everybody alike', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  const reader = await open(world, ann);
  const { cards } = await fill(author, 3);
  const { s, event } = await author.ok(ops.set(cards[0], { name: 'Ångström 看板 🌿' }));
  await reader.reach(s);
  assert.deepEqual(reader.events.at(-1), event);
  assert.equal(event.by, world.admin.idMember);
  assert.deepEqual([event.cl, event.n], [author.cl, author.n]);
  await author.close();
  await reader.close();
});

test('a refusal says what was wrong, what was expected and what is there now', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  const { cards } = await fill(live, 1);
  const { s } = await live.ok(ops.set(cards[0], { name: 'mine' }));
  const conflict = await live.op({ ...ops.set(cards[0], { name: 'yours' }), if: { name: s - 1 } });
  assert.deepEqual([conflict.rej, conflict.why, conflict.at], [true, 'conflict', s]);
  assert.equal(conflict.d.current.name, 'mine');
  assert.ok(conflict.d.wrong && conflict.d.expected);
  const unknown = await live.op(ops.set(newId(), { name: 'x' }));
  assert.equal(unknown.why, 'not_found');
  const invalid = await live.op({ op: 'card.set', id: cards[0], name: 7 });
  assert.deepEqual([invalid.why, invalid.d.field], ['invalid', 'name']);
  assert.equal((await live.op({ op: 'no.such' })).why, 'invalid');
  assert.equal((await live.op([])).why, 'invalid');
  const large = await live.op(ops.set(cards[0], { name: 'x'.repeat(131072) }));
  assert.equal(large.why, 'too_large');
  await live.ok(ops.set(cards[0], { name: 'still here' }));
  await live.close();
});

test('a message of ops is done whole or not at all', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  const { list, cards } = await fill(live, 1);
  const at = live.pos;
  const made = ops.card(list, 'never');
  assert.equal((await live.op([made, ops.set(newId(), { name: 'x' })])).rej, true);
  assert.deepEqual(live.pos, at);
  const { event } = await live.ok([ops.card(list, 'one'), ops.set(cards[0], { name: 'two' })]);
  assert.equal(event.s, at[0] + 1);
  await live.close();
});

test('an observer reads and may not write', async (t) => {
  const world = await newWorld(t);
  const olga = await world.server.newMember('Olga', world.board, 'observer');
  const author = await open(world);
  const { cards } = await fill(author, 1);
  const reader = await open(world, olga);
  assert.equal((await reader.op(ops.set(cards[0], { name: 'x' }))).why, 'forbidden');
  const { card } = await reader.get(cards[0]);
  assert.equal(card.id, cards[0]);
  await author.close();
  await reader.close();
});

test('a resent op is done once, and nobody is taken for somebody else', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const cl = newClientId();
  const first = await open(world, world.admin, { cl });
  const { list } = await fill(first, 1);
  const op = ops.card(list, 'once');
  const { s } = await first.ok(op);
  const n = first.n;
  const dup = await first.op(op, { n });
  assert.deepEqual([dup.dup, dup.s], [true, s]);
  await first.drop();
  const second = await open(world, world.admin, { cl, n });
  assert.equal((await second.op(op, { n })).dup, true);
  const thief = await open(world, ann, { cl, n });
  assert.equal((await thief.ok(ops.card(list, 'by Ann'), { n })).ok, true);
  assert.equal((await second.op(op, { n })).dup, true);
  await second.close();
  await thief.close();
});

test('ops sent without waiting are judged in their order, refusals among them', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  const { cards } = await fill(live, 4);
  const answers = [];
  const verdicts = [];
  for (let i = 0; i < 150; i += 1) {
    const id = i % 5 === 4 ? newId() : cards[i % 4];
    const op = ops.set(id, { name: `${i}` });
    verdicts.push(live.op(op).then((verdict) => answers.push([i, verdict])));
  }
  await Promise.all(verdicts);
  // Each kind in order; a refusal comes behind what it stands on (the client checks `at`), and may
  // come behind more.
  for (const isOk of [true, false]) {
    const numbers = answers.filter(([, verdict]) => (verdict.ok === true) === isOk).map(([i]) => i);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  }
  for (const [i, verdict] of answers) assert.equal(verdict.ok === true, i % 5 !== 4, `op ${i}`);
  await live.close();
});

test('a long queue of an honest client is read more slowly, never refused', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  const { cards } = await fill(live, 2);
  const count = 320;
  const began = Date.now();
  await Promise.all(
    Array.from({ length: count }, (_, i) => live.ok(ops.set(cards[i % 2], { name: `${i}` }))),
  );
  const took = Date.now() - began;
  // A burst of 200, then 50 a second.
  assert.ok(took > ((count - 200) / 50) * 1000 - 700, `${took} ms`);
  await live.close();
});

test('details of a card come in order with its events', async (t) => {
  const world = await newWorld(t);
  const live = await open(world);
  const { list } = await fill(live, 1);
  const card = { ...ops.card(list, 'With text'), desc: 'Zeile 1\n"zwei" 🌿' };
  await live.ok(card);
  for (let i = 0; i < 20; i += 1) {
    live.op(ops.set(card.id, { name: `Name ${i}` }));
    const answer = await live.get(card.id);
    assert.ok(answer.at <= live.pos[0], `${answer.at} at ${live.pos[0]}`);
    assert.equal(answer.card.desc, card.desc);
  }
  const none = await live.get(newId());
  assert.deepEqual([none.t, none.code], ['err', 'not_found']);
  await live.close();
});

test('what was acknowledged is there after kill -9', async (t) => {
  const world = await newWorld(t);
  const cl = newClientId();
  const live = await open(world, world.admin, { cl });
  const { list, cards } = await fill(live, 5);
  const since = live.pos;
  const acked = [];
  const sent = [];
  for (let i = 0; i < 190; i += 1) {
    const op = ops.card(list, `${i}`);
    sent.push(op);
    live.op(op).then(
      (verdict) => acked.push([op.id, verdict]),
      () => {},
    );
  }
  await live.reach(since[0] + 20);
  await world.server.kill();
  await ended(live);
  await world.server.start();
  const back = await open(world, world.admin, { cl, since, n: live.n });
  const there = new Set(
    back.events
      .flatMap((event) => event.e)
      .filter(([form, kind]) => form === 'add' && kind === 'card')
      .map(([, , id]) => id),
  );
  assert.ok(acked.length >= 20, `${acked.length} acknowledged`);
  for (const [id, verdict] of acked) assert.ok(verdict.ok && there.has(id), id);
  // Resending everything under the same numbers makes the rest, and nothing twice.
  const first = live.n - sent.length;
  const resent = await Promise.all(sent.map((op, i) => back.op(op, { n: first + i + 1 })));
  for (const verdict of resent) assert.ok(verdict.ok || verdict.dup, JSON.stringify(verdict));
  const fresh = await open(world);
  const all = fresh.snapshot.state.filter(([kind]) => kind === 'card').length;
  assert.equal(all, cards.length + sent.length);
  await back.close();
  await fresh.close();
});

test('a stop amid writing answers or closes, and keeps what was acknowledged', async (t) => {
  const world = await newWorld(t);
  const people = [];
  for (let i = 0; i < 4; i += 1) people.push(await open(world));
  const { cards } = await fill(people[0], 8);
  const acked = [];
  let writing = true;
  const writers = people.map(async (live, k) => {
    for (let i = 0; writing && !live.end; i += 1) {
      const op = ops.set(cards[(i + k) % 8], { name: `${k} ${i}` });
      live.op(op).then(
        (verdict) => acked.push(verdict),
        () => {},
      );
      if (i % 20 === 19) await live.ping().catch(() => {});
    }
  });
  await people[0].reach(people[0].pos[0] + 60);
  await world.server.stop();
  writing = false;
  await Promise.all(writers);
  for (const live of people) assert.equal((await ended(live)).code, 4200);
  await world.server.start();
  const back = await open(world);
  const last = Math.max(...acked.map((verdict) => verdict.s));
  assert.ok(acked.length >= 60 && acked.every((verdict) => verdict.ok));
  assert.ok(back.pos[0] >= last, `${back.pos[0]} of ${last}`);
  await back.close();
});

// test-live-rights.js - whoever loses access gets everything before that event and nothing from
// it on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/http.js';
import { ops } from './lib/trello.js';
import { ended, fill, newWorld, open } from './lib/world.js';

const remove = (who) => ({ op: 'member.remove', idMember: who.idMember });

test('a removed member gets what was before, is told, and is closed', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const ben = await world.server.newMember('Ben', world.board);
  const author = await open(world);
  const { cards } = await fill(author, 3);
  const gone = [await open(world, ann), await open(world, ann)];
  const stays = await open(world, ben);
  const errors = gone.map((live) => live.wait((m) => m.t === 'err', 'err'));
  const verdicts = [];
  for (let i = 0; i < 40; i += 1) verdicts.push(author.ok(ops.set(cards[i % 3], { name: `${i}` })));
  const cut = author.ok(remove(ann));
  for (let i = 0; i < 40; i += 1)
    verdicts.push(author.ok(ops.set(cards[i % 3], { name: `+${i}` })));
  const { s } = await cut;
  await Promise.all(verdicts);
  for (const error of errors) assert.equal((await error).code, 'forbidden');
  for (const live of gone) {
    assert.equal((await ended(live)).code, 4009);
    assert.equal(live.violation, null);
    assert.equal(live.pos[0], s - 1, 'everything before, nothing from it on');
  }
  await stays.reach(author.pos[0]);
  const again = await open(world, ann, { sub: false });
  const refused = again.wait((m) => m.t === 'err', 'err');
  again.send({ t: 'sub', id: 1, since: gone[0].pos });
  assert.equal((await refused).code, 'not_found');
  const card = await again.get(cards[0]);
  assert.equal(card.code, 'not_found');
  for (const live of [author, stays, again]) await live.close();
});

test('ops of a removed member that are on their way are refused', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  const { cards } = await fill(author, 1);
  const live = await open(world, ann);
  const cut = author.ok(remove(ann));
  const late = [];
  for (let i = 0; i < 30; i += 1) {
    late.push(live.op(ops.set(cards[0], { name: `Ann ${i}` })).catch(() => null));
  }
  const { s } = await cut;
  for (const verdict of await Promise.all(late)) {
    if (verdict?.ok) assert.ok(verdict.s < s, 'nothing of hers from the removal on');
  }
  await ended(live);
  await author.ok(ops.set(cards[0], { name: 'end' }));
  for (const event of author.events) assert.ok(event.s < s || event.by !== ann.idMember);
  await author.close();
});

test('a member who comes back is let in again', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  await fill(author, 1);
  for (let i = 0; i < 3; i += 1) {
    const live = await open(world, ann);
    await author.ok(remove(ann));
    assert.equal((await ended(live)).code, 4009);
    await author.ok({ op: 'member.add', idMember: ann.idMember, role: 'normal' });
  }
  const live = await open(world, ann);
  await live.reach(author.pos[0]);
  await live.close();
  await author.close();
});

test('removals amid joins never leak an event', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  const { cards } = await fill(author, 400);
  let writing = true;
  const writer = (async () => {
    for (let i = 0; writing; i += 1) await author.ok(ops.set(cards[i % 400], { name: `${i}` }));
  })();
  const manager = await open(world);
  for (let round = 0; round < 8; round += 1) {
    const lives = await Promise.all(
      Array.from({ length: 6 }, () => open(world, ann, { sub: false })),
    );
    for (const live of lives) live.sub().catch(() => {});
    // Those whose sub comes after the removal are only told; the others are closed, too.
    const told = lives.map((live) => live.wait((m) => m.t === 'err', 'err'));
    const { s } = await manager.ok(remove(ann));
    for (const [i, live] of lives.entries()) {
      await told[i];
      assert.equal(live.violation, null);
      assert.ok(!live.pos || live.pos[0] < s, `${live.pos} of ${s}`);
      await live.drop();
    }
    await manager.ok({ op: 'member.add', idMember: ann.idMember, role: 'normal' });
  }
  writing = false;
  await writer;
  await author.close();
  await manager.close();
});

test('a state is given only to those who are members in it', async (t) => {
  const world = await newWorld(t);
  const ann = await world.server.newMember('Ann', world.board);
  const author = await open(world);
  await fill(author, 400);
  const path = `/v1/boards/${world.board}/state`;
  const api = new Client(world.server, world.admin.token);
  const hers = new Client(world.server, ann.token);
  for (let round = 0; round < 20; round += 1) {
    const asked = Array.from({ length: 8 }, (_, i) => (i % 2 ? hers : api).call('GET', path));
    await author.ok(remove(ann));
    for (let i = 0; i < 8; i += 1) asked.push((i % 2 ? hers : api).call('GET', path));
    for (const [i, { status, json }] of (await Promise.all(asked)).entries()) {
      if (i % 2 === 0) assert.equal(status, 200);
      else if (i > 8 || status !== 200) assert.equal(status, 404);
      else assert.ok(json.who.some((one) => one.id === ann.idMember));
    }
    await author.ok({ op: 'member.add', idMember: ann.idMember, role: 'normal' });
  }
  await author.close();
});

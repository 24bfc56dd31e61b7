// test-live-presence.js - who is on a board and what they are at: told to everybody within moments,
// kept nowhere, and gone with the connection or with the right.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from './lib/live.js';
import { ended, newBoard, newWorld, open, signOut } from './lib/world.js';

const COUNT = 150; // below the burst of messages that are not ops

/** Follows what is said of who is here, from the roster on. */
class Room {
  static async open(world, who, options) {
    const live = await open(world, who, { ...options, sub: false });
    const room = new Room(live);
    await live.sub(options?.since);
    return room;
  }

  constructor(live) {
    this.live = live;
    this.seats = new Map();
    this.frames = 0;
    live.ws.prependListener('message', (data) => this.take(JSON.parse(data.toString())));
  }

  take(message) {
    if (message.t === 'live') {
      this.seats = new Map(message.roster);
    } else if (message.t === 'roster') {
      this.seats = new Map(message.u);
    } else if (message.t === 'pres') {
      this.frames += 1;
      for (const [sid, at] of message.u) {
        const idMember = at.idMember ?? this.seats.get(sid)?.idMember;
        if (!idMember) this.live.break('presence of a session nobody introduced', message);
        this.seats.set(sid, { ...at, idMember });
      }
      for (const sid of message.x) this.seats.delete(sid);
    } else {
      return;
    }
    this.count = message.n;
  }

  get me() {
    return this.live.hello.sid;
  }

  say(d) {
    this.live.send({ t: 'pres', d });
  }

  /** Waits until what is known of that session fits. */
  async sees(sid, fits, what = 'presence', ms = undefined) {
    return await this.live.waiting(ms ?? 10_000, what, () => {
      const seat = this.seats.get(sid);
      return fits(seat) ? (seat ?? null) : undefined;
    });
  }

  async seesNobody(sid, what = 'a leave') {
    await this.live.waiting(10_000, what, () => (this.seats.has(sid) ? undefined : true));
  }
}

async function pair(t, options) {
  const world = await newWorld(t, options);
  const ann = await world.server.newMember('Ann', world.board);
  const ben = await world.server.newMember('Ben', world.board);
  return { world, ann, ben };
}

test('two people see each other, and what they are at', async (t) => {
  const { world, ann, ben } = await pair(t, { loops: 3 });
  // More than one of each, so that they stand on different loops.
  const rooms = [];
  for (const who of [ann, ben, ann, ben, ann, ben]) rooms.push(await Room.open(world, who));
  for (const room of rooms) {
    for (const other of rooms) {
      const seat = await room.sees(other.me, (s) => s !== undefined, 'a colleague');
      const who = rooms.indexOf(other) % 2 ? ben : ann;
      assert.deepEqual(seat, { idMember: who.idMember });
    }
  }
  const card = newId();
  const list = newId();
  const [first, ...others] = rooms;
  first.say({ card });
  first.say({ field: 'desc', sel: [3, 9, 41] });
  first.say({ drag: { card, list, after: null } });
  const expected = {
    idMember: ann.idMember,
    card,
    field: 'desc',
    sel: [3, 9, 41],
    drag: { card, list, after: null },
  };
  for (const room of others)
    assert.deepEqual(await room.sees(first.me, (s) => s?.drag, 'a drag'), expected);
  first.say({ field: null, sel: null, drag: null, idle: true });
  for (const room of others) {
    assert.deepEqual(await room.sees(first.me, (s) => s?.idle, 'idle'), {
      idMember: ann.idMember,
      card,
      idle: true,
    });
  }
  // A joiner knows it from the first moment.
  const late = await Room.open(world, ben);
  assert.equal(late.seats.get(first.me)?.card, card);
  assert.equal(late.seats.size, 6);
  for (const room of [...rooms, late]) await room.live.close();
});

test('presence is of one board, and nothing of it is stored', async (t) => {
  const { world, ann, ben } = await pair(t);
  const a = await Room.open(world, ann);
  const b = await Room.open(world, ben);
  const elsewhere = await newBoard(world.server, ann, 'Elsewhere');
  const other = await Room.open({ ...world, board: elsewhere }, ann);
  const { pos } = b.live;
  a.say({ card: newId(), field: 'name' });
  await b.sees(a.me, (s) => s?.field === 'name');
  assert.deepEqual(b.live.pos, pos, 'no event');
  assert.equal(other.frames, 0, 'nothing on another board');
  await world.server.stop();
  await world.server.start();
  const again = await Room.open(world, ben);
  assert.equal(again.seats.size, 0);
  await again.live.close();
});

test('whoever leaves is gone after a moment, and at once when they come back', async (t) => {
  const { world, ann, ben } = await pair(t);
  const stays = await Room.open(world, ben);
  const first = await Room.open(world, ann);
  first.say({ card: newId(), field: 'desc' });
  await stays.sees(first.me, (s) => s?.field);
  await first.live.drop();
  const kept = await stays.sees(first.me, (s) => s && !s.field, 'hands off');
  assert.ok(kept.card, 'the place is kept for a moment');
  const second = await Room.open(world, ann);
  await stays.sees(second.me, (s) => s !== undefined);
  assert.ok(!stays.seats.has(first.me), 'one person is not there twice after a reload');
  await second.live.close();
  const third = await Room.open(world, ann);
  await stays.sees(third.me, (s) => s !== undefined);
  await signOut(world.server, ann);
  await ended(third.live);
  await stays.seesNobody(third.me, 'the end of a session');
  assert.deepEqual([stays.count, stays.seats.size], [1, 1]);
  await stays.live.close();
});

test('a removed member is gone at once and hears nothing more', async (t) => {
  const { world, ann, ben } = await pair(t, { loops: 3 });
  const admin = await Room.open(world, world.admin);
  const gone = [await Room.open(world, ann), await Room.open(world, ann)];
  const stays = [await Room.open(world, ben), await Room.open(world, ben)];
  for (const room of gone) await stays[0].sees(room.me, (s) => s !== undefined);
  const said = setInterval(() => {
    for (const room of gone) if (room.live.ws.readyState === 1) room.say({ card: newId() });
    stays[0].say({ card: newId() });
  }, 5);
  t.after(() => clearInterval(said));
  const began = Date.now();
  await admin.live.ok({ op: 'member.remove', idMember: ann.idMember });
  for (const room of [admin, ...stays]) for (const lost of gone) await room.seesNobody(lost.me);
  const took = Date.now() - began;
  assert.ok(took < 4500, `${took} ms: sooner than anybody's grace`);
  for (const lost of gone) {
    await ended(lost.live);
    assert.equal(lost.live.violation, null);
    assert.ok(lost.seats.has(lost.me), 'not even that they are gone');
  }
  // What was still on its way does not bring them back.
  const card = newId();
  clearInterval(said);
  stays[0].say({ card });
  await stays[1].sees(stays[0].me, (s) => s?.card === card);
  for (const room of [admin, ...stays]) {
    for (const lost of gone) assert.ok(!room.seats.has(lost.me));
    await room.live.close();
  }
});

test('however much is said, a board hears ten frames a second, the latest last', async (t) => {
  const { world, ann, ben } = await pair(t);
  const a = await Room.open(world, ann);
  const b = await Room.open(world, ben);
  await b.sees(a.me, (s) => s !== undefined);
  const before = b.frames;
  const began = Date.now();
  for (let i = 0; i < COUNT; i += 1) a.say({ field: 'desc', sel: [i, i, 1] });
  await b.sees(a.me, (s) => s?.sel?.[0] === COUNT - 1, 'the latest');
  const most = 3 + (Date.now() - began) / 100;
  assert.ok(b.frames - before <= most, `${b.frames - before} frames, at most ${most}`);
  // Beyond the rate of messages that are not ops it is a flood.
  const end = ended(a.live);
  for (let i = 0; i < 400; i += 1) a.say({ idle: true });
  assert.equal((await end).code, 4101);
  await b.live.close();
});

test('a reader that stops gets the newest when it goes on, and nobody waits', async (t) => {
  const { world, ann, ben } = await pair(t);
  const a = await Room.open(world, ann);
  const quick = await Room.open(world, ben);
  const slow = await Room.open(world, ben);
  await slow.sees(a.me, (s) => s !== undefined);
  const list = { op: 'list.create', id: newId(), name: 'List', pos: 'top' };
  await a.live.ok(list);
  slow.live.pause();
  // The kernel takes some megabytes for it; presence comes behind.
  const name = 'n'.repeat(16_000);
  for (let i = 0; i < 300; i += 1) await a.live.ok({ op: 'list.set', id: list.id, name: name + i });
  for (let i = 1; i <= 5; i += 1) {
    a.say({ sel: [i, i, 1] });
    await quick.sees(a.me, (s) => s?.sel?.[0] === i);
  }
  const framesBefore = slow.frames;
  slow.live.resume();
  await slow.sees(a.me, (s) => s?.sel?.[0] === 5, 'the newest', 30_000);
  assert.ok(slow.frames - framesBefore <= 2, 'not each of them');
  for (const room of [a, quick, slow]) await room.live.close();
});

test('what does not fit is refused with words, and nothing changes', async (t) => {
  const { world, ann, ben } = await pair(t);
  const a = await Room.open(world, ann);
  const b = await Room.open(world, ben);
  const card = newId();
  a.say({ card });
  for (const d of [null, 7, { card: 'x' }, { sel: [1] }, { drag: {} }, { field: 'a\u0000b' }]) {
    const error = a.live.wait((m) => m.t === 'err', 'err');
    a.say(d);
    assert.equal((await error).code, 'invalid');
  }
  a.say({ field: 'name', unknown: { deep: [] } });
  assert.deepEqual(await b.sees(a.me, (s) => s?.field === 'name'), {
    idMember: ann.idMember,
    card,
    field: 'name',
  });
  for (const room of [a, b]) await room.live.close();
});

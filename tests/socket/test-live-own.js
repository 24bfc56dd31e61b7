// test-live-own.js - a member's own stream: their boards, stars and watches, and nobody else's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { Live, newClientId } from './lib/live.js';
import { ended, fill, newBoard, newWorld, open, signOut } from './lib/world.js';

const STARS = '/1/members/me/boardStars';

/** Their own stream, with what is theirs kept up in `own`: 'kind/id' -> fields. */
async function openOwn(world, who, options = {}) {
  const live = await Live.open(world.server, null, {
    token: who.token,
    path: '/v1/me/live',
    ...options,
  });
  live.own = new Map();
  live.heard = '';
  let seen = null;
  for (const [key, fields] of options.own ?? []) live.own.set(key, structuredClone(fields));
  const load = () => {
    if (live.snapshot === seen) return;
    seen = live.snapshot;
    live.own.clear();
    for (const [kind, fields] of seen.state)
      live.own.set(`${kind}/${fields.id}`, structuredClone(fields));
  };
  live.ws.on('message', (data) => {
    live.heard += data;
    load();
  });
  load();
  for (const event of live.events) take(live.own, event);
  live.listeners.add((event) => take(live.own, event));
  return live;
}

function take(own, event) {
  for (const [form, kind, id, fields] of event.e) {
    const key = `${kind}/${id}`;
    if (form === 'add') {
      assert.ok(!own.has(key), `${key} is added twice`);
      own.set(key, structuredClone(fields));
    } else if (form === 'set') {
      assert.ok(own.has(key), `${key} is set before it is there`);
      for (const [name, value] of Object.entries(fields))
        assert.notDeepEqual(own.get(key)[name], value, `${key}.${name} is said again`);
      Object.assign(own.get(key), fields);
    } else if (form === 'del') {
      assert.ok(own.delete(key), `${key} is gone already`);
    } else assert.fail(form);
  }
}

const sorted = (own) => [...own].sort(([a], [b]) => (a < b ? -1 : 1));
const boards = (live) =>
  [...live.own].filter(([key]) => key.startsWith('board/')).map(([, board]) => board);
const shelfOf = (live, board) =>
  [...live.own.values()].find((fields) => fields.idBoard === board && 'star' in fields);
const boardOf = (live, id) => live.own.get(`board/${id}`);

/** Waits until that is so: it may be already. */
const until = (live, what, is) => live.waiting(10_000, what, () => (is() ? true : undefined));

async function newPair(t, options) {
  const world = await newWorld(t, options);
  const bea = await world.server.newMember('Bea', world.board);
  return {
    ...world,
    bea,
    ada: new Client(world.server, world.admin.token),
    beas: new Client(world.server, bea.token),
  };
}

test('a snapshot has the member, their boards and what they keep of them', async (t) => {
  const world = await newPair(t);
  await world.ada.post(STARS, { idBoard: world.board });
  const live = await openOwn(world, world.admin);
  assert.equal(live.subs[0].mode, 'snapshot');
  const kinds = [...live.own.keys()].map((key) => key.split('/')[0]).sort();
  assert.deepEqual(kinds, ['board', 'member', 'shelf']);
  assert.deepEqual(live.own.get(`member/${live.hello.me.id}`), live.hello.me);
  const board = boardOf(live, world.board);
  assert.equal(board.memberType, 'admin');
  assert.equal(board.closed, false);
  assert.equal(board.name, 'Board');
  assert.equal(typeof board.prefs, 'object');
  assert.equal(board.shortLink.length, 8);
  assert.equal(board.dateLastActivity, undefined);
  const shelf = shelfOf(live, world.board);
  assert.deepEqual(shelf, { id: shelf.id, idBoard: world.board, star: 65536, subscribed: [] });
  await live.close();
});

test('a star given over REST is seen at once, by its member alone', async (t) => {
  const world = await newPair(t, { loops: 2 });
  const adas = [await openOwn(world, world.admin), await openOwn(world, world.admin)];
  const bea = await openOwn(world, world.bea);
  const { id } = await world.ada.post(STARS, { idBoard: world.board });
  for (const live of adas)
    await until(live, 'the star', () => shelfOf(live, world.board)?.star === 65536);
  await world.ada.put(`/1/boards/${world.board}/subscribed`, { value: true });
  for (const live of adas)
    await until(live, 'the watch', () => shelfOf(live, world.board).subscribed.length === 1);
  await world.ada.put(`${STARS}/${id}`, { pos: 7.5 });
  for (const live of adas)
    await until(live, 'the place', () => shelfOf(live, world.board).star === 7.5);
  await world.ada.delete(`${STARS}/${id}`);
  for (const live of adas)
    await until(live, 'no star', () => shelfOf(live, world.board).star === null);
  await world.ada.put(`/1/boards/${world.board}/subscribed`, { value: false });
  for (const live of adas) await until(live, 'no shelf', () => !shelfOf(live, world.board));
  assert.equal(bea.count, 0, bea.heard);
  await world.beas.post(STARS, { idBoard: world.board });
  await until(bea, 'her own star', () => shelfOf(bea, world.board)?.star === 65536);
  assert.equal(bea.count, 1);
  for (const live of [...adas, bea]) await live.close();
});

test('nothing of the directory but one’s own ever leaves', async (t) => {
  const world = await newPair(t);
  const bea = await openOwn(world, world.bea);
  await world.ada.post(STARS, { idBoard: world.board });
  await world.ada.put(`/1/boards/${world.board}/subscribed`, { value: true });
  const eve = await world.server.newMember('Eve', world.board);
  await newBoard(world.server, eve, 'Of Eve');
  const eves = await openOwn(world, eve);
  await eves.ok({ op: 'dir.star', idBoard: world.board, star: 5 });
  await eves.close();
  await signOut(world.server, eve);
  await world.ada.put(`/1/boards/${world.board}`, { name: 'At the end' });
  await until(bea, 'the name', () => boardOf(bea, world.board).name === 'At the end');
  const { id: ada } = await world.ada.get('/1/members/me');
  assert.equal(bea.count, 1, 'nothing but the new name');
  for (const secret of [ada, eve.idMember, 'Eve', 'Of Eve', 'shelf', 'session', 'hash', 'link"'])
    assert.ok(!bea.heard.includes(secret), `${secret} in ${bea.heard}`);
  await bea.close();
});

test('a board comes, changes and goes as it does for its member', async (t) => {
  const world = await newPair(t);
  const live = await openOwn(world, world.bea);
  const author = await open(world);
  const other = await newBoard(world.server, world.admin, 'Shared later');
  const there = (is, what) => until(live, what, () => is(boardOf(live, other)));
  await world.ada.put(`/1/boards/${other}/members/${world.bea.idMember}`, { type: 'normal' });
  await there((board) => board?.name === 'Shared later', 'the shared board');
  assert.equal(boardOf(live, other).memberType, 'normal');
  await world.ada.put(`/1/boards/${other}/members/${world.bea.idMember}`, { type: 'observer' });
  await there((board) => board.memberType === 'observer', 'the role');
  await world.ada.put(`/1/boards/${other}`, { name: 'Renamed' });
  await there((board) => board.name === 'Renamed', 'the name');
  await world.ada.put(`/1/boards/${other}`, { 'prefs/background': 'green' });
  await there((board) => board.prefs.background === 'green', 'the background');
  await world.ada.put(`/1/boards/${other}`, { closed: true });
  await there((board) => board.closed, 'the close');
  await world.ada.put(`/1/boards/${other}`, { closed: false });
  await there((board) => !board.closed, 'the reopening');
  const before = live.count;
  await fill(author, 5); // what happens on a board is not its stream's business
  await live.ok({ op: 'dir.star', idBoard: other, star: 3 });
  const said = live.events.slice(before).flatMap((event) => event.e);
  assert.deepEqual(said.map(([form, kind]) => `${form} ${kind}`), ['add shelf']);
  await world.ada.delete(`/1/boards/${other}/members/${world.bea.idMember}`);
  await there((board) => !board, 'the loss');
  assert.equal(shelfOf(live, other), undefined, 'and what was kept of it with it');
  await world.ada.put(`/1/boards/${other}/members/${world.bea.idMember}`, { type: 'normal' });
  await there((board) => board, 'the return');
  assert.equal(shelfOf(live, other).star, 3);
  await world.ada.put(`/1/boards/${other}`, { closed: true });
  await world.ada.delete(`/1/boards/${other}`);
  await there((board) => !board, 'the end');
  const mine = await newBoard(world.server, world.bea, 'Mine');
  await until(live, 'my own', () => boardOf(live, mine)?.memberType === 'admin');
  assert.equal(boards(live).length, 2);
  for (const one of [live, author]) await one.close();
});

test('stars and watches are set by ops, each acknowledged by its own event', async (t) => {
  const world = await newPair(t);
  const author = await open(world);
  const { list, cards } = await fill(author, 2);
  const live = await openOwn(world, world.bea);
  const other = await openOwn(world, world.bea);
  const verdicts = [
    live.ok({ op: 'dir.star', idBoard: world.board, star: 10 }),
    live.ok({ op: 'dir.star', idBoard: world.board, star: 4 }),
    live.ok(
      [cards[0], list, world.board].map((element) => ({
        op: 'dir.watch', idBoard: world.board, element, on: true,
      })),
    ),
    live.ok({ op: 'dir.watch', idBoard: world.board, element: list, on: false }),
  ];
  const events = (await Promise.all(verdicts)).map((verdict) => verdict.event);
  assert.deepEqual(events.map((event) => event.n), [1, 2, 3, 4]);
  assert.ok(events.every((event) => event.by === world.bea.idMember && event.cl === live.cl));
  for (const one of [live, other])
    await until(one, 'all of it', () => shelfOf(one, world.board)?.subscribed.length === 2);
  assert.deepEqual(shelfOf(live, world.board), shelfOf(other, world.board));
  assert.equal(shelfOf(live, world.board).star, 4);
  const { subscribed } = shelfOf(live, world.board);
  assert.deepEqual([...subscribed].sort(), [cards[0], world.board].sort());
  assert.deepEqual((await world.beas.get(STARS)).map((star) => star.pos), [4]);
  assert.equal((await world.beas.get(`/1/cards/${cards[0]}`)).subscribed, true);
  assert.equal((await world.ada.get(`/1/cards/${cards[0]}`)).subscribed, false);
  for (let star = 20; star < 40; star += 1) {
    await live.ok({ op: 'dir.star', idBoard: world.board, star });
    assert.equal(shelfOf(live, world.board).star, star, 'acknowledged, so it is there');
  }
  await author.ok({ op: 'card.close', id: cards[0] });
  await author.ok({ op: 'card.delete', id: cards[0] });
  await live.ok({ op: 'dir.watch', idBoard: world.board, element: cards[1], on: true });
  await until(live, 'no watch of what is gone', () =>
    !shelfOf(live, world.board).subscribed.includes(cards[0]));
  for (const one of [live, other, author]) await one.close();
});

test('what may not be asked is refused under its number, and nothing changes', async (t) => {
  const world = await newPair(t);
  const secret = await newBoard(world.server, world.admin, 'Secret');
  const author = await Live.open(world.server, secret, { token: world.admin.token });
  const { cards } = await fill(author, 1);
  const live = await openOwn(world, world.bea);
  const refused = async (op, why) => {
    const verdict = await live.op(op);
    assert.equal(verdict.why, why, JSON.stringify(op));
    assert.ok(Object.keys(verdict.d).length > 0);
  };
  const idBoard = world.board;
  await refused({ op: 'dir.star', idBoard: secret, star: 1 }, 'not_found');
  await refused({ op: 'dir.star', idBoard: 'f'.repeat(24), star: 1 }, 'not_found');
  await refused({ op: 'dir.watch', idBoard: secret, element: secret, on: true }, 'not_found');
  await refused({ op: 'dir.watch', idBoard, element: cards[0], on: true }, 'not_found');
  await refused({ op: 'dir.watch', idBoard, element: world.bea.idMember, on: true }, 'not_found');
  await refused({ op: 'dir.star', idBoard, star: 'top' }, 'invalid');
  await refused({ op: 'dir.star', star: 1 }, 'invalid');
  await refused({ op: 'dir.watch', idBoard, element: 'x', on: true }, 'invalid');
  await refused({ op: 'dir.watch', idBoard, element: idBoard }, 'invalid');
  await refused({ op: 'dir.member', id: 'a'.repeat(24), fullName: 'Mallory' }, 'invalid');
  await refused({ op: 'dir.signOut', id: 'a'.repeat(24) }, 'invalid');
  await refused({ op: 'board.set', name: 'Mine now' }, 'invalid');
  await refused([], 'invalid');
  await refused('nonsense', 'invalid');
  // Whose it is is not the sender's to say.
  const { id: ada } = await world.ada.get('/1/members/me');
  await live.ok({ op: 'dir.star', idBoard, star: 2, idMember: ada, id: 'a'.repeat(24) });
  assert.deepEqual(await world.ada.get(STARS), []);
  assert.equal(live.events.filter((event) => event.cl === live.cl).length, 1);
  const again = await openOwn(world, world.bea, { cl: live.cl, n: live.n });
  assert.equal(again.subs[0].n, live.n);
  assert.deepEqual(again.subs[0].refused, Array.from({ length: 14 }, (_, i) => i + 1));
  for (const one of [live, again, author]) await one.close();
});

test('an op sent twice is done once, also behind a restart', async (t) => {
  const world = await newPair(t);
  const live = await openOwn(world, world.bea);
  const star = { op: 'dir.star', idBoard: world.board, star: 9 };
  await live.ok(star);
  await live.ok({ ...star, star: null });
  assert.equal((await live.op(star, { n: 1 })).dup, true);
  assert.equal(shelfOf(live, world.board), undefined);
  await live.close();
  await world.server.stop();
  await world.server.start();
  const again = await openOwn(world, world.bea, { cl: live.cl, n: 2 });
  assert.equal(again.subs[0].n, 2);
  assert.equal((await again.op(star, { n: 2 })).dup, true);
  // Another's (cl, n) is nobody else's.
  const other = await openOwn(world, world.admin, { cl: live.cl });
  await other.ok(star);
  assert.equal(shelfOf(again, world.board), undefined);
  for (const one of [again, other]) await one.close();
});

test('a position is gone on from where nothing changed, else there is a snapshot', async (t) => {
  const world = await newPair(t, { loops: 1 }); // one count
  const live = await openOwn(world, world.bea);
  const author = new Client(world.server, world.admin.token);
  const at = live.pos;
  await live.drop();
  const same = await openOwn(world, world.bea, { since: at });
  assert.equal(same.subs[0].mode, 'replay');
  assert.deepEqual(same.resyncs, []);
  assert.equal(same.snapshot, null);
  await same.drop();
  await author.put(`/1/boards/${world.board}`, { name: 'Meanwhile' });
  for (const since of [at, [at[0] + 99, at[1]], [at[0], '0123456789abcdef'], [0, at[1]]]) {
    const other = await openOwn(world, world.bea, { since });
    assert.deepEqual(other.resyncs, ['floor'], String(since));
    assert.equal(boardOf(other, world.board).name, 'Meanwhile');
    await other.close();
  }
  const last = await openOwn(world, world.bea);
  const differs = await openOwn(world, world.bea, { since: [last.pos[0], at[1]] });
  assert.deepEqual(differs.resyncs, ['floor']);
  await differs.close();
  await world.server.stop();
  await world.server.start();
  const after = await openOwn(world, world.bea, { since: last.pos, own: last.own });
  assert.equal(boardOf(after, world.board).name, 'Meanwhile');
  await after.sub();
  assert.equal(boardOf(after, world.board).name, 'Meanwhile');
  await author.put(`/1/boards/${world.board}`, { name: 'Afterwards' });
  await until(after, 'the name', () => boardOf(after, world.board).name === 'Afterwards');
  await after.close();
});

test('only a member has a stream, and only while their session lasts', async (t) => {
  const world = await newPair(t);
  const closes = async (options) => {
    const live = new Live(world.server, null, { path: '/v1/me/live' });
    await live.opened;
    live.send({ t: 'hello', v: 1, cl: 'x', ...options });
    return (await ended(live)).code;
  };
  assert.equal(await closes({}), 4009);
  assert.equal(await closes({ token: 'f'.repeat(64) }), 4010);
  assert.equal(await closes({ v: 2 }), 4006);
  const live = await openOwn(world, world.bea);
  const other = await openOwn(world, world.admin);
  await signOut(world.server, world.bea);
  assert.equal((await ended(live)).code, 4015);
  assert.equal((await request(world.server, { path: '/v1/me/live' })).status, 426);
  await other.ok({ op: 'dir.star', idBoard: world.board, star: 1 });
  const get = other.wait((m) => m.t === 'card' || m.t === 'err', 'nothing', 300).catch(() => null);
  other.send({ t: 'get', id: 9, card: world.board });
  other.send({ t: 'pres', d: { card: world.board } });
  await other.ping();
  assert.equal(await get, null, 'there are no cards here');
  await other.close();
});

test('a reader that stops reading is brought to the end', async (t) => {
  const world = await newPair(t);
  const slow = await openOwn(world, world.bea);
  const fast = await openOwn(world, world.bea);
  slow.pause();
  for (let i = 0; i < 400; i += 1) {
    await world.ada.put(`/1/boards/${world.board}`, { name: `${i} ${'x'.repeat(16_000)}` });
    const seen = () => boardOf(fast, world.board).name.startsWith(`${i} `);
    if (i % 50 === 0) await until(fast, 'the name', seen);
  }
  slow.op({ op: 'dir.star', idBoard: world.board, star: 8 });
  await until(fast, 'the star', () => shelfOf(fast, world.board)?.star === 8);
  slow.resume();
  // Counted apart on different loops.
  await until(slow, 'the end', () => slow.isLive && slow.pos[1] === fast.pos[1]);
  assert.ok(slow.resyncs.every((why) => why === 'lag'));
  t.diagnostic(`${slow.resyncs.length} resyncs, ${fast.count} events`);
  assert.deepEqual(sorted(slow.own), sorted(fast.own));
  for (const one of [slow, fast]) await one.close();
});

test('whoever joins while everything changes has what the others have', async (t) => {
  const world = await newPair(t, { loops: 2 });
  const more = [];
  for (let i = 0; i < 4; i += 1) {
    const id = await newBoard(world.server, world.admin, `Board ${i}`);
    await world.ada.put(`/1/boards/${id}/members/${world.bea.idMember}`, { type: 'normal' });
    more.push(id);
  }
  const first = await openOwn(world, world.bea);
  const lives = [first];
  const changes = Array.from({ length: 40 }, async (_, i) => {
    const id = more[i % 4];
    if (i % 4 === 3) await world.beas.post(STARS, { idBoard: id, pos: i + 1 });
    else await world.ada.put(`/1/boards/${id}`, { name: `Name ${i}` });
    if (i % 5 === 0) await first.ok({ op: 'dir.star', idBoard: id, star: 100 + i });
    if (i % 4 === 0) lives.push(await openOwn(world, world.bea));
  });
  await Promise.all(changes);
  await first.ok({ op: 'dir.watch', idBoard: world.board, element: world.board, on: true });
  const end = await openOwn(world, world.bea);
  for (const live of lives)
    await until(live, 'the end', () => live.pos[1] === end.pos[1]);
  for (const live of lives) assert.deepEqual(sorted(live.own), sorted(end.own));
  assert.equal(first.events.filter((event) => event.cl === first.cl).length, first.n);
  for (const live of [...lives, end]) await live.close();
});

test('two client ids of one member do not answer for each other', async (t) => {
  const world = await newPair(t);
  const one = await openOwn(world, world.bea, { cl: newClientId() });
  const two = await openOwn(world, world.bea, { cl: newClientId() });
  const star = (star) => ({ op: 'dir.star', idBoard: world.board, star });
  await Promise.all([one.ok(star(1)), two.ok(star(2)), one.ok(star(3)), two.ok(star(4))]);
  const fresh = await openOwn(world, world.bea);
  for (const live of [one, two]) {
    await until(live, 'the end', () => live.pos[1] === fresh.pos[1]);
    assert.deepEqual(sorted(live.own), sorted(fresh.own));
  }
  for (const live of [one, two, fresh]) await live.close();
});

test('many boards that change at once are all told, and the last change is', async (t) => {
  const world = await newPair(t);
  const put = (id, body) => world.ada.put(`/1/boards/${id}`, body);
  const share = async (_, i) => {
    const id = await newBoard(world.server, world.admin, `Board ${i}`);
    await world.ada.put(`/1/boards/${id}/members/${world.bea.idMember}`, { type: 'normal' });
    return id;
  };
  const more = await Promise.all(Array.from({ length: 50 }, share));
  const live = await openOwn(world, world.bea);
  for (let round = 0; round < 6; round += 1) {
    await Promise.all(more.map((id, i) => put(id, { name: `Name ${round} ${i}` })));
    const told = () => more.every((id, i) => boardOf(live, id).name === `Name ${round} ${i}`);
    await until(live, `round ${round}`, told);
  }
  await live.close();
});

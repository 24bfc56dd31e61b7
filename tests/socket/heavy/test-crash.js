// test-crash.js - kill -9 under load: what was acknowledged or shown to anyone is there afterwards.
//
// TAVLA_COUNT_CRASH rounds on one data folder. Each has 8 clients writing, is cut by SIGKILL with
// ops in flight, and is then judged: the log read from where the last round left it, the ledger of
// every client, everything anyone was shown, `tavla verify`, and the clients that come back.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Ledger } from '../lib/ledger.js';
import { Live, Lost, newId } from '../lib/live.js';
import { Replica } from '../lib/replica.js';
import { newFolder, Server, tavla } from '../lib/server.js';
import { ops, random } from '../lib/trello.js';
import { fill, newBoard } from '../lib/world.js';

const ROUNDS = Number(process.env.TAVLA_COUNT_CRASH ?? 5);
const SEED = Number(process.env.TAVLA_SEED ?? 1);
const CLIENTS = 8;
const CARDS = 2500; // a replay of one round is then cheaper than a snapshot
const ACKS_MIN = 1000;
const IN_FLIGHT = 24;
const TRIES_MAX = 3; // of a round that was cut with too little done

/** One writing client: its ledger, its replica, and the connection of the moment. */
class Writer {
  constructor(cl, world) {
    this.world = world;
    this.ledger = new Ledger(cl);
    this.live = null;
    this.replica = null;
    this.pos = null;
    this.shown = []; // every event had since the last judgement
    this.acks = 0;
    this.unanswered = []; // entries without a verdict at the cut
    this.wrong = [];
  }

  /** Connects, from its position when it has one, and follows. */
  async come() {
    const { server, token, board } = this.world;
    const live = new Live(server, board, { token, cl: this.ledger.cl });
    this.live = live;
    live.keeps = false;
    live.listeners.add((event) => this.see(event));
    await live.opened;
    live.send({ t: 'hello', v: 1, cl: live.cl, inst: live.inst, token });
    live.hello = await live.wait((message) => message.t === 'hello', 'hello');
    await live.sub(this.pos ?? undefined);
    if (this.replica) assert.deepEqual(live.resyncs, [], 'resumed by position');
    else this.replica = new Replica(live.snapshot.state);
    const best = Math.max(0, ...[...this.ledger.entries.values()].map((e) => (e.ack ? e.n : 0)));
    assert.ok(live.subs[0].n >= best, `sub says n ${live.subs[0].n}, acknowledged ${best}`);
  }

  see(event) {
    this.shown.push(event);
    this.replica?.apply(event);
    if (event.cl === this.ledger.cl) this.note(this.ledger.acknowledge(event.n, event.s, event.h));
  }

  note(wrong) {
    if (wrong) this.wrong.push(wrong);
  }

  /** Sends an entry, new or again. True when it has a verdict, false when the connection ended. */
  async send(entry) {
    try {
      const verdict = await this.live.op(entry.ops, { n: entry.n });
      if (verdict.ok) this.acks += 1;
      else if (verdict.rej) this.ledger.refuse(entry.n);
      else if (verdict.refused.includes(entry.n)) this.ledger.refuse(entry.n);
      else if (!entry.ack) this.note(`${this.ledger.cl}: dup of ${entry.n}, which was not shown`);
      return true;
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      return false;
    }
  }

  /** Writes until the connection ends, so many ops in flight. */
  async write(next) {
    const lane = async () => {
      while (await this.send(this.ledger.begin(this.world.someOp(next))));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    this.pos = this.live.pos ?? this.pos;
    this.unanswered = this.ledger.open();
    if (this.live.violation) throw this.live.violation;
  }

  /** What had no verdict at the cut is sent again, stored or not, in order, under its own n. */
  async resend() {
    const sent = await Promise.all(this.unanswered.map((entry) => this.send(entry)));
    assert.ok(sent.every(Boolean), 'the connection holds');
    assert.deepEqual(this.ledger.open(), [], 'everything has a verdict');
    this.pos = this.live.pos;
  }
}

class World {
  constructor(data) {
    this.server = new Server({ data });
    this.log = []; // by seq
    this.read = null; // the position up to which the log was read
  }

  async begin() {
    await this.server.start();
    const admin = await this.server.signIn();
    this.token = admin.token;
    this.board = await newBoard(this.server, admin);
    const live = await Live.open(this.server, this.board, { token: this.token });
    this.filled = await fill(live, CARDS);
    const other = ops.list('Another list');
    await live.ok(other);
    this.lists = [this.filled.list, other.id];
    this.read = live.pos;
    await live.close();
    this.writers = Array.from({ length: CLIENTS }, (_, i) => new Writer(`client-${i}`, this));
  }

  /** An op of those people make; one in twenty must be refused. */
  someOp(next) {
    const pick = (list) => list[Math.floor(next() * list.length)];
    const card = pick(this.filled.cards);
    const word = Math.floor(next() * 1e9).toString(36);
    const kind = Math.floor(next() * 20);
    if (kind === 0) return [ops.set(newId(), { name: 'of no card' })];
    if (kind === 1) return [ops.card(pick(this.lists), `New ${word}`)];
    if (kind < 9) return [ops.move(card, pick(this.lists), { pos: pick(['top', 'bottom']) })];
    if (kind < 11) return [ops.set(card, { due: '2026-12-24T12:00:00.000Z' })];
    if (kind < 12)
      return [ops.set(card, { name: `One ${word}` }), ops.move(card, pick(this.lists))];
    return [ops.set(card, { name: `Renamed ${word}` })];
  }

  /** Reads the log on from where it was read, by a client of its own. */
  async readOn() {
    const live = await Live.open(this.server, this.board, {
      token: this.token,
      since: this.read,
    });
    assert.deepEqual(live.resyncs, [], 'what was read is still the log');
    for (const event of live.events) this.log[event.s] = event;
    this.read = live.pos;
    await live.close();
  }

  /** Held against the log: every ledger, and everything anyone was shown. */
  judge(all) {
    const wrong = [];
    for (const writer of this.writers) {
      wrong.push(...writer.wrong.splice(0), ...writer.ledger.check(this.log, { all }));
      for (const { s, h, cl, n, e } of writer.shown) {
        const kept = this.log[s];
        if (!kept) wrong.push(`event ${s} was shown, and is not in the log`);
        else if (kept.h !== h || kept.cl !== cl || kept.n !== n)
          wrong.push(`event ${s} was shown as ${cl} ${n} ${h}, is ${kept.cl} ${kept.n} ${kept.h}`);
        else if (JSON.stringify(kept.e) !== JSON.stringify(e))
          wrong.push(`event ${s} was shown with other effects`);
      }
    }
    assert.deepEqual(wrong.slice(0, 10), []);
    for (const writer of this.writers) writer.shown = [];
  }

  /** Load, and the cut. -> {acks, inFlight} */
  async cut(seed) {
    const next = random(seed);
    for (const writer of this.writers) writer.acks = 0;
    const acks = () => this.writers.reduce((sum, writer) => sum + writer.acks, 0);
    const done = Promise.all(this.writers.map((writer) => writer.write(next)));
    const enough = ACKS_MIN + Math.floor(next() * 300);
    while (acks() < enough && !this.writers.some((writer) => writer.live.end))
      await new Promise((later) => setTimeout(later, 1 + next() * 10));
    const dying = this.server.kill();
    await done; // what was sent before the end still arrives
    await dying;
    const inFlight = this.writers.reduce((sum, writer) => sum + writer.unanswered.length, 0);
    return { acks: acks(), inFlight };
  }

  /** Everybody at the same position with the same state, which is the server's. */
  async converge() {
    await this.readOn();
    for (const writer of this.writers) {
      await writer.live.reach(this.read[0]);
      assert.deepEqual(writer.live.pos, this.read);
    }
    this.judge(true);
    const fresh = await Live.open(this.server, this.board, { token: this.token });
    const truth = new Replica(fresh.snapshot.state);
    assert.deepEqual(fresh.pos, this.read);
    for (const writer of this.writers) assert.equal(writer.replica.difference(truth), '');
    await fresh.close();
  }
}

/** A cut, and everything that must hold behind it. */
async function round(world, seed) {
  const { acks, inFlight } = await world.cut(seed);
  const verified = tavla(['verify', '--data', world.server.data]);
  assert.equal(verified.status, 0, `tavla verify: ${verified.stdout}${verified.stderr}`);
  await world.server.start();
  await world.readOn();
  world.judge(false);
  await Promise.all(world.writers.map((writer) => writer.come()));
  await Promise.all(world.writers.map((writer) => writer.resend()));
  await world.converge();
  return { acks, inFlight };
}

test(`${ROUNDS} rounds of kill -9 under load lose nothing and show nothing unkept`, async (t) => {
  const folder = newFolder();
  const world = new World(folder);
  t.after(async () => {
    await world.server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await world.begin();
  await Promise.all(world.writers.map((writer) => writer.come()));
  let total = 0;
  for (let i = 0; i < ROUNDS; i += 1) {
    let counts = false;
    for (let again = 0; again < TRIES_MAX && !counts; again += 1) {
      const { acks, inFlight } = await round(world, SEED + i + 1000 * again);
      counts = acks >= ACKS_MIN && inFlight > 0;
      total += acks;
      t.diagnostic(`round ${i + 1}: ${acks} acknowledged, ${inFlight} in flight at the cut`);
    }
    assert.ok(counts, `a round with ${ACKS_MIN} acknowledgements and one in flight`);
  }
  t.diagnostic(`${total} acknowledged, log of ${world.read[0]}`);
  for (const writer of world.writers) await writer.live.close();
});

// test-restart.js - one folder under another number of loops and another back end: the same boards.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Live } from './lib/live.js';
import { Replica } from './lib/replica.js';
import { newFolder, Server, tavla } from './lib/server.js';
import { ops } from './lib/trello.js';
import { fill, newBoard } from './lib/world.js';

const CLIENTS = 6;
const MINE = process.env.TAVLA_BACKEND ?? 'epoll';
// The row's own back end throughout, and the other one where the kernel is known to allow both.
const OTHER = MINE === 'uring' ? 'epoll' : MINE;
const SETTINGS = [
  { loops: 4, backend: MINE },
  { loops: 1, backend: MINE },
  { loops: 4, backend: OTHER },
  { loops: 1, backend: OTHER },
  { loops: 3, backend: MINE },
];

/** Each writes some, at once; everyone then has the same. */
async function work(lives, cards, round) {
  await Promise.all(
    lives.map(async (live, who) => {
      for (let i = 0; i < 10; i += 1)
        await live.ok(
          ops.set(cards[(who * 7 + i) % cards.length], { name: `${round}.${who}.${i}` }),
        );
    }),
  );
  const end = Math.max(...lives.map((live) => live.pos[0]));
  for (const live of lives) await live.reach(end);
}

async function checkSame(server, token, board, replicas) {
  const fresh = await Live.open(server, board, { token });
  const truth = new Replica(fresh.snapshot.state);
  for (const replica of replicas) assert.equal(replica.difference(truth), '');
  await fresh.close();
}

for (const { how, stop } of [
  { how: 'an orderly stop', stop: (server) => server.stop() },
  { how: 'kill -9', stop: (server) => server.kill() },
]) {
  test(`boards and positions outlive ${how} and other settings`, async (t) => {
    const data = newFolder();
    let server = new Server({ data, ...SETTINGS[0] });
    t.after(async () => {
      await server.close();
      rmSync(data, { recursive: true, force: true });
    });
    await server.start();
    const admin = await server.signIn();
    const board = await newBoard(server, admin);
    const { token } = admin;
    const maker = await Live.open(server, board, { token });
    const { cards } = await fill(maker, 120);
    await maker.close();
    let lives = await Promise.all(
      Array.from({ length: CLIENTS }, () => Live.open(server, board, { token })),
    );
    const replicas = lives.map((live) => Replica.follow(live));
    for (const [round, settings] of SETTINGS.entries()) {
      if (round > 0) {
        await stop(server);
        const ends = await Promise.all(lives.map((live) => live.ended));
        if (how !== 'kill -9')
          assert.deepEqual([...new Set(ends.map((end) => end.code))], [4200], 'told to come back');
        assert.equal(tavla(['verify', '--data', data]).status, 0);
        server = await new Server({ data, ...settings }).start();
        lives = await Promise.all(
          lives.map(({ cl, n, pos }) => Live.open(server, board, { token, cl, n, since: pos })),
        );
        for (const [i, live] of lives.entries()) {
          assert.equal(live.subs[0].mode, 'replay', JSON.stringify(settings));
          assert.deepEqual(live.resyncs, []);
          assert.equal(live.subs[0].n, live.n, 'knows what was judged of this client');
          for (const event of live.events) replicas[i].apply(event);
          live.listeners.add((event) => replicas[i].apply(event));
        }
      }
      await work(lives, cards, round);
      await checkSame(server, token, board, replicas);
    }
    for (const live of lives) await live.close();
  });
}

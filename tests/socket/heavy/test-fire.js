// test-fire.js - join under fire: followers come, drop, resume and rewind while ops commit.
//
// TAVLA_COUNT_FIRE is the seconds of fire; from 20 on it is the full one, of 200 followers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crowd, crowdTokens } from '../lib/crowd.js';
import { Live } from '../lib/live.js';
import { Replica } from '../lib/replica.js';
import { fill, newWorld, open } from '../lib/world.js';

const SECONDS = Number(process.env.TAVLA_COUNT_FIRE ?? 4);
const FULL = SECONDS >= 20;
const FOLLOWERS = FULL ? 200 : 60;
const AUTHORS = FULL ? 44 : 20; // one connection may write 50 a second for long
const RATE = FULL ? 2000 : 900;
const CHURN_MS = 400;

test(`${FOLLOWERS} followers churn while ops commit: no gap, no repeat`, async (t) => {
  const world = await newWorld(t);
  const { server, admin, board } = world;
  const maker = await open(world);
  const { cards } = await fill(maker, 1500); // a replay is then cheaper than a snapshot
  await maker.close();
  const tokens = await crowdTokens(server, admin, board, FOLLOWERS + AUTHORS);
  const crowd = await Crowd.start(t, server, board, { tokens, cards: cards.slice(0, 50) });
  const witness = await Live.open(server, board, { token: admin.token });
  const replica = Replica.follow(witness);

  await crowd.say(`authors ${AUTHORS}`);
  await crowd.say(`join ${FOLLOWERS}`);
  await crowd.say(`churn ${CHURN_MS} ${process.env.TAVLA_SEED ?? 1}`);
  const count = SECONDS * RATE;
  const fire = await crowd.say(`ops ${count} ${RATE}`);
  const settled = await crowd.say('settle 60');
  const report = await crowd.report();
  t.diagnostic(`${(fire.acked / fire.seconds).toFixed(0)} ops/s, ${JSON.stringify(report)}`);

  assert.equal(fire.acked, count, 'every op was acknowledged');
  assert.equal(report.events, count, 'every event was had, and nothing else');
  assert.deepEqual(report.closed, {}, 'the server closed nobody');
  assert.ok(report.replays > FOLLOWERS, `only ${report.replays} resumed: too little fire`);
  assert.ok(report.snapshots > FOLLOWERS, `only ${report.snapshots} snapshots: too little fire`);
  await witness.reach(settled.head[0]);
  assert.deepEqual(witness.pos, settled.head, 'another client has the same history');
  const fresh = await Live.open(server, board, { token: admin.token });
  assert.equal(replica.difference(new Replica(fresh.snapshot.state)), '');
  await fresh.close();
  await witness.close();
});

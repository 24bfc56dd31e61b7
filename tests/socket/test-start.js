// test-start.js - a first start, a second one, and what a server at rest takes.
//
// The bounds find a start that hangs or a server that grew tenfold, not a slow machine:
// bench/start.mjs measures.

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { request } from './lib/http.js';
import { newFolder, Server } from './lib/server.js';

const START_MS_MAX = 5000;
const IDLE_BYTES_MAX = 64 << 20;

/** Instrumented builds keep shadows and reserves. */
const isInstrumented = /san/.test(process.env.TAVLA_BUILD ?? '');

test('an empty folder is served at once, and only then a sign-in link is printed', async (t) => {
  const data = newFolder();
  const server = new Server({ data });
  t.after(async () => {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  });
  for (const first of [true, false]) {
    const begin = Date.now();
    await server.start();
    const answer = await request(server, { path: '/no/such/page' });
    const took = Date.now() - begin;
    assert.equal(answer.status, 404);
    if (!isInstrumented) assert.ok(took < START_MS_MAX, `${took} ms`);
    assert.equal(/\/link\//.test(server.log), first, server.log);
    const idle = server.rssAnon();
    if (!isInstrumented) assert.ok(idle < IDLE_BYTES_MAX, `${idle} bytes`);
    await server.stop();
  }
});

test('a second server on the same folder is refused, and the first one goes on', async (t) => {
  const data = newFolder();
  const server = new Server({ data });
  t.after(async () => {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  });
  await server.start();
  const second = new Server({ data });
  await assert.rejects(second.start(), /ended \(1\)/);
  assert.match(second.log, /tavla: \S+/);
  assert.equal((await request(server, { path: '/no/such/page' })).status, 404);
  await server.stop();
});

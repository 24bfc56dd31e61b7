// presence.mjs - what it costs that everybody sees everybody's caret: processor time of the server
// while all sessions on one board say something ten times a second.
//
//   node bench/presence.mjs [--build DIR] [--sessions 48] [--seconds 10] [--backend uring]
//
// Each person has 12 sessions. Up to 50 sessions on a board carets are shown; beyond, frames come
// more slowly and without them. See bench/README.md.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from '../tests/socket/lib/http.js';
import { Live, newId } from '../tests/socket/lib/live.js';
import { Server } from '../tests/socket/lib/server.js';

const EACH = 12;
const SAY_MS = 100;
const TICK_MS = 10; // of /proc/PID/stat

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    sessions: { type: 'string', default: '48' },
    seconds: { type: 'string', default: '10' },
    backend: { type: 'string', default: 'uring' },
  },
});

process.env.TAVLA_BUILD = join(resolve(values.build), 'tavla');
const server = new Server({ loops: 1, backend: values.backend });
await server.start();
const { token } = await server.signIn();
const client = new Client(server, token);
const board = (await client.post('/1/boards', { name: 'B', defaultLists: false })).id;

const lives = [];
let who;
for (let i = 0; i < Number(values.sessions); i += 1) {
  if (i % EACH === 0) who = await server.newMember(`Person ${i / EACH}`, board);
  lives.push(await Live.open(server, board, { token: who.token, keep: false }));
}
let frames = 0;
let bytes = 0;
for (const live of lives)
  live.ws.on('message', (data) => {
    frames += 1;
    bytes += data.length;
  });

function cpuMs() {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

await sleep(2000);
const card = newId();
const before = { frames, bytes, ms: cpuMs() };
let said = 0;
const timer = setInterval(() => {
  for (const live of lives) {
    live.send({ t: 'pres', d: { card, field: 'desc', sel: [said % 100, said % 100, 1] } });
    said += 1;
  }
}, SAY_MS);
const seconds = Number(values.seconds);
await sleep(seconds * 1000);
clearInterval(timer);
const ms = cpuMs() - before.ms;
const heard = frames - before.frames;
const each = (bytes - before.bytes) / heard;
console.log(`${lives.length} sessions, ${said} said, ${heard} frames of ${each.toFixed(0)} bytes`);
console.log(`server: ${(ms / seconds / 10).toFixed(2)} % of a core`);
console.log(`        ${((1000 * ms) / heard).toFixed(1)} us a frame, saying included`);
for (const live of lives) live.ws.terminate();
await server.close();

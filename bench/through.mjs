// through.mjs - durable ops a second through the whole server, beside LMDB alone.
//
//   node bench/through.mjs [--build DIR] [--clients 64] [--in-flight 16] [--ops 100000] [--runs 5]
//                          [--backend uring]
//
// One loop. Each client on a board of its own, then all on one. An op counts when its event came
// back, which is after its commit. Then a bare loop puts the records of that very run into a new
// LMDB environment in as many transactions. Runs alternate; medians. See bench/README.md.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '../tests/socket/lib/http.js';
import { Server } from '../tests/socket/lib/server.js';

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    clients: { type: 'string', default: '64' },
    'in-flight': { type: 'string', default: '16' },
    ops: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    backend: { type: 'string', default: 'uring' },
  },
});
const build = resolve(values.build);
const clients = Number(values.clients);
const CARDS = 64;
const CONNS_A_TOKEN = 50; // a member may not have more connections
const GOAL = 0.6;

process.env.TAVLA_BUILD = join(build, 'tavla');

/** A board with CARDS cards whose ids the client knows. */
async function newBoard(server, token, number) {
  const client = new Client(server, token);
  const made = { name: `B${number}`, defaultLists: false, defaultLabels: false };
  const { id: idBoard } = await client.post('/1/boards', made);
  const { id: idList } = await client.post('/1/lists', { name: 'List', idBoard });
  const ops = Array.from({ length: CARDS }, (_, i) => ({
    op: 'card.create',
    id: `65f0${number.toString(16).padStart(4, '0')}${i.toString(16).padStart(16, '0')}`,
    idList,
    name: `Card ${i}`,
  }));
  await client.post(`/v1/boards/${idBoard}/ops`, { cl: 'setup', n: 1, ops });
  return idBoard;
}

function run(program, args) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  const done = spawnSync(join(build, 'bench', program), args.map(String), options);
  if (done.status !== 0) throw new Error(`${program} ended with ${done.status ?? done.signal}`);
  return done.stdout.trim().split(' ').map(Number);
}

async function commits(server) {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return Number(text.match(/^tavla_commits_total (\d+)/m)[1]);
}

/** Processor time of all threads of the server so far, in seconds. */
function spent(server) {
  const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100; // utime, stime in USER_HZ
}

async function measure(boardCount) {
  const folder = mkdtempSync(join(tmpdir(), 'tavla-through-'));
  const data = join(folder, 'data');
  const bare = join(folder, 'bare');
  mkdirSync(data);
  mkdirSync(bare);
  const args = ['--op-rate', '100000'];
  const server = new Server({ loops: 1, backend: values.backend, data, args });
  await server.start();
  const tokens = [(await server.signIn()).token];
  const boards = [await newBoard(server, tokens[0], 0)];
  while (tokens.length * CONNS_A_TOKEN < clients) {
    tokens.push((await server.newMember('Another', boards[0])).token);
  }
  for (let i = 1; i < boardCount; i += 1) {
    boards.push(await newBoard(server, tokens[Math.floor(i / CONNS_A_TOKEN)], i));
  }
  const before = await commits(server);
  const list = [server.port, boards.join(','), tokens.join(','), clients, values['in-flight']];
  const idle = spent(server);
  const [wall, own] = run('through_client', [...list, values.ops, CARDS]);
  const busy = spent(server) - idle;
  const batches = (await commits(server)) - before;
  await server.stop();
  const [events, bareWall] = run('through_bare', [data, bare, batches]);
  rmSync(folder, { recursive: true, force: true });
  return {
    ours: Number(values.ops) / wall,
    bare: events / bareWall,
    ratio: Number(values.ops) / wall / (events / bareWall),
    batch: events / batches,
    busy: busy / wall,
    own: own / wall,
  };
}

const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1];

const results = new Map([clients, 1].map((boards) => [boards, []]));
for (let i = 0; i < Number(values.runs); i += 1) {
  for (const [boards, list] of results) list.push(await measure(boards));
}
console.log(
  `durable ops a second: ${clients} clients, ${values['in-flight']} in flight each, one loop, ` +
    `median of ${values.runs} runs; goal: ${GOAL} of the bare loop with a board each`,
);
for (const [boards, list] of results) {
  const of = (name) => median(list.map((one) => one[name]));
  const ratios = list.map((one) => one.ratio);
  const spread = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
  console.log(
    `  ${String(boards).padStart(3)} boards: ${of('ours').toFixed(0)} ops/s, bare LMDB ` +
      `${of('bare').toFixed(0)}, ratio ${of('ratio').toFixed(2)} (${spread}), ` +
      `${of('batch').toFixed(0)} events a commit; ` +
      `cores busy: ${of('busy').toFixed(2)} in the server, ${of('own').toFixed(2)} in the clients`,
  );
}

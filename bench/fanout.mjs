// fanout.mjs - what a delivery costs: Tavla beside the floor and beside a `ws` broadcast.
//
//   node bench/fanout.mjs [--build DIR] [--subscribers 1000] [--windows 1,16,64] [--runs 5]
//                         [--deliveries 2000000] [--backend uring] [--only tavla,floor,bare,ws]
//
// The server is pinned to core 0, the clients to core 1; the figure is the CPU of all threads of
// the server per delivery of one event to one subscriber. The peers send the bytes of one of
// Tavla's events. Runs alternate; medians with the spread are printed. See bench/README.md.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    subscribers: { type: 'string', default: '1000' },
    windows: { type: 'string', default: '1,16,64' },
    runs: { type: 'string', default: '5' },
    deliveries: { type: 'string', default: '2000000' },
    backend: { type: 'string', default: 'uring' },
    only: { type: 'string', default: 'tavla,floor,bare,ws' },
  },
});
const build = resolve(values.build);
const subscribers = Number(values.subscribers);
const CARDS = 64;
const CONNS_A_TOKEN = 50; // a member may not have more connections
const SERVER_CORE = '0';
const CLIENT_CORE = '1';
const folder = mkdtempSync(join(tmpdir(), 'tavla-fanout-'));
const sample = join(folder, 'sample.json');

/** Starts a pinned server; resolves when `ready` finds its port in what it prints. */
function start(command, args, ready) {
  const child = spawn('taskset', ['-c', SERVER_CORE, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  return new Promise((done, fail) => {
    const listen = (piece) => {
      text += piece;
      const found = ready(text);
      if (found) done({ child, ...found });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', (code) => fail(new Error(`${command} ended (${code}):\n${text}`)));
  });
}

function stop(server) {
  return new Promise((done) => {
    server.child.removeAllListeners('exit');
    server.child.on('exit', done);
    server.child.kill('SIGTERM');
  });
}

/** One run of the client; the server must be up. keep: the file for one event. */
function drive(mode, server, window, { board = 'x', tokens = ['-'], keep } = {}) {
  const events = Math.max(window * 20, Math.round(Number(values.deliveries) / subscribers));
  const args = ['-c', CLIENT_CORE, join(build, 'bench/fanout_client'), mode, server.port, board];
  args.push(tokens.join(','), subscribers, window, events, server.child.pid, CARDS);
  if (keep) args.push(keep);
  return new Promise((done, fail) => {
    const child = spawn('taskset', args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (piece) => (text += piece));
    child.on('exit', (code) => {
      if (code === 0) done(JSON.parse(text));
      else fail(new Error(`client ended with ${code}`));
    });
  });
}

async function post(base, token, path, body) {
  const answer = await fetch(base + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function signIn(base, link) {
  const answer = await fetch(`${base}/v1/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link }),
  });
  return (await answer.json()).token;
}

async function newMember(data, server, board) {
  const args = ['link', '--name', 'Reader', '--board', board, '--role', 'normal', '--data', data];
  const done = spawnSync(join(build, 'tavla'), args, { encoding: 'utf8' });
  return signIn(server.base, `${done.stdout}${done.stderr}`.match(/\/link\/(\S+)/)[1]);
}

async function commits(server) {
  const text = await (await fetch(`${server.base}/metrics`)).text();
  return Number(text.match(/^tavla_commits_total (\d+)/m)[1]);
}

/** A server with one board of CARDS cards whose ids the client knows: 65f0c0de + index. */
async function tavla(window) {
  const data = mkdtempSync(join(folder, 'data-'));
  const args = ['serve', '--data', data, '--listen', '127.0.0.1:0', '--loops', '1'];
  args.push('--backend', values.backend, '--op-rate', '100000');
  const server = await start(join(build, 'tavla'), args, (text) => {
    const at = text.match(/listening on (http:\/\/[\d.]+:(\d+))/);
    const link = text.match(/sign-in link \S+\/link\/(\S+)/);
    return at && link && { base: at[1], port: at[2], link: link[1] };
  });
  const token = await signIn(server.base, server.link);
  const wanted = '/1/boards?name=Fanout&defaultLists=false&defaultLabels=false';
  const board = await post(server.base, token, wanted);
  const list = await post(server.base, token, `/1/lists?name=List&idBoard=${board.id}`);
  const ops = Array.from({ length: CARDS }, (_, i) => ({
    op: 'card.create',
    id: '65f0c0de' + i.toString(16).padStart(16, '0'),
    idList: list.id,
    name: `Card ${i}`,
  }));
  await post(server.base, token, `/v1/boards/${board.id}/ops`, { cl: 'setup', n: 1, ops });
  const tokens = [token];
  while (tokens.length * CONNS_A_TOKEN <= subscribers) {
    tokens.push(await newMember(data, server, board.id));
  }
  const before = await commits(server);
  const result = await drive('tavla', server, window, { board: board.id, tokens, keep: sample });
  result.batches = (await commits(server)) - before;
  await stop(server);
  return result;
}

/** A peer: prints its port, broadcasts the sample for any message, keeps nothing it must close. */
async function peer(window, command, args) {
  const server = await start(command, args.map(String), (text) => {
    const port = text.match(/^(\d+)\n/);
    return port && { port: port[1] };
  });
  const result = await drive('raw', server, window);
  server.child.removeAllListeners('exit');
  server.child.kill('SIGKILL');
  return result;
}

/** The records are as long as Tavla's: an event's with its checksum, key and old values; a card. */
function floor(window, stores) {
  const data = mkdtempSync(join(folder, 'floor-'));
  const record = statSync(sample).size + 132; // what is replaced, the envelope
  const args = [sample, subscribers, window, opBytes(), CARDS, record, 450, stores ? data : '-'];
  return peer(window, join(build, 'bench/fanout_floor'), args);
}

/** Bytes of one op on the wire: head, mask, text: as fanout_client writes it. */
function opBytes() {
  const name = 'Renamed by the bench for the 00000001. time';
  const ops = [{ op: 'card.set', id: '65f0c0de' + '0'.repeat(16), name }];
  return JSON.stringify({ t: 'op', n: 1000001, ops }).length + 8;
}

function ws(window) {
  const script = new URL('fanout_ws.mjs', import.meta.url).pathname;
  return peer(window, process.execPath, [script, sample]);
}

const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1];
const spread = (list) => `${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)}`;

console.log(`${subscribers} subscribers, server on core ${SERVER_CORE}, clients on core ` +
  `${CLIENT_CORE}, median of ${values.runs} alternating runs`);
console.log(`CPU of all server threads per delivery, us; kernel ${release()}`);
const rows = [];
for (const window of values.windows.split(',').map(Number)) {
  const cost = { tavla: [], floor: [], bare: [], ws: [] };
  let events = 0;
  let perCommit = 0;
  for (let run = 0; run < Number(values.runs); run++) {
    const steps = {
      tavla: () => tavla(window),
      floor: () => floor(window, true),
      bare: () => floor(window, false),
      ws: () => ws(window),
    };
    for (const name of ['tavla', 'floor', 'bare', 'ws']) {
      if (!values.only.includes(name)) continue;
      const result = await steps[name]();
      cost[name].push((result.cpu * 1e6) / result.deliveries);
      if (name === 'tavla') {
        events = result.events;
        perCommit = events / result.batches;
      }
      const us = cost[name].at(-1).toFixed(3);
      const rate = (result.deliveries / result.wall / 1e6).toFixed(2);
      console.error(`window ${window} run ${run + 1}: ${name} ${us} us/delivery, ${rate} M/s`);
    }
  }
  const at = Object.fromEntries(Object.entries(cost).map(([name, list]) => [name, median(list)]));
  const ratio = median(cost.tavla.map((t, i) => t / (cost.floor[i] ?? NaN)));
  const peer = median(cost.tavla.map((t, i) => (cost.ws[i] ?? NaN) / t));
  rows.push({
    window,
    'event bytes': readFileSync(sample).length,
    'events/commit': perCommit.toFixed(1),
    tavla: `${at.tavla?.toFixed(3)} (${spread(cost.tavla)})`,
    'floor+commits': `${at.floor?.toFixed(3)} (${spread(cost.floor)})`,
    floor: `${at.bare?.toFixed(3)}`,
    ws: `${at.ws?.toFixed(3)} (${spread(cost.ws)})`,
    'tavla/floor': ratio.toFixed(2),
    'ws/tavla': peer.toFixed(1),
  });
}
console.table(rows);
rmSync(folder, { recursive: true, force: true });

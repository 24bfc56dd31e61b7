// start.mjs - how long from the start of the process until it serves, and what it takes at rest.
//
//   node bench/start.mjs [--build DIR] [--runs 21] [--loops 1,4] [--backends uring,epoll]
//
// Goals: below 300 ms on an empty folder, below 8 MB of its own memory (RssAnon) at rest. Medians
// and the spread are printed. See bench/README.md.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const START_MS_GOAL = 300;
const IDLE_MB_GOAL = 8;
const REST_MS = 1000;

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    runs: { type: 'string', default: '21' },
    loops: { type: 'string', default: '1,4' },
    backends: { type: 'string', default: 'uring,epoll' },
  },
});

/** Any answer at all. */
function ask(base) {
  return new Promise((done, fail) => {
    http.get(base, { agent: false }, (answer) => answer.resume().on('end', done)).on('error', fail);
  });
}

/** One start to the first answer of a request: {ms, idle} */
async function run(data, loops, backend, rests) {
  const begin = process.hrtime.bigint();
  const args = ['serve', '--data', data, '--listen', '127.0.0.1:0'];
  args.push('--loops', loops, '--backend', backend);
  const child = spawn(join(resolve(values.build), 'tavla'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const base = await new Promise((done, fail) => {
    const look = (piece) => {
      text += piece;
      const found = text.match(/listening on (http:\/\/\S+)/);
      if (found) done(found[1]);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('close', (code) => fail(new Error(`tavla ended (${code})\n${text}`)));
  });
  await ask(base);
  const ms = Number(process.hrtime.bigint() - begin) / 1e6;
  if (rests) await new Promise((done) => setTimeout(done, REST_MS));
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const idle = Number(status.match(/^RssAnon:\s+(\d+) kB/m)[1]) / 1000;
  child.removeAllListeners('close');
  const ended = new Promise((done) => child.on('close', done));
  child.kill('SIGTERM');
  await ended;
  return { ms, idle };
}

const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1];
const spread = (list, digits) => {
  const [mid, low, high] = [median(list), Math.min(...list), Math.max(...list)];
  return `${mid.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
};

const rows = [];
for (const backend of values.backends.split(',')) {
  for (const loops of values.loops.split(',')) {
    const [empty, again, idle] = [[], [], []];
    for (let i = 0; i < Number(values.runs); i += 1) {
      const data = mkdtempSync(join(tmpdir(), 'tavla-start-'));
      const first = await run(data, loops, backend, i < 3);
      empty.push(first.ms);
      if (i < 3) idle.push(first.idle);
      again.push((await run(data, loops, backend, false)).ms);
      rmSync(data, { recursive: true, force: true });
    }
    rows.push({
      backend,
      loops,
      'empty folder, ms': spread(empty, 0),
      'second start, ms': spread(again, 0),
      'RssAnon at rest, MB': spread(idle, 1),
      'start goal': median(empty) < START_MS_GOAL ? 'met' : 'MISSED',
      'memory goal': median(idle) < IDLE_MB_GOAL ? 'met' : 'MISSED',
    });
  }
}
console.log(`until the first answer, ${values.runs} runs each`);
console.log(`goals: ${START_MS_GOAL} ms, ${IDLE_MB_GOAL} MB`);
console.table(rows);

// client.mjs - what somebody in front of a big board feels: a real browser, the real server.
//
//   node bench/client.mjs [--build DIR] [--runs 5] [--cards 1000,10000] [--slow 1,4] [--edits 40]
//                         [--only cold,warm,action,drag,heap,remote]
//
// --slow: times that the processor is slowed down by the browser. See bench/README.md.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchChromium } from '../tests/browser/lib/chromium.mjs';
import { importBoard } from '../tests/socket/lib/import.js';
import { Client } from '../tests/socket/lib/http.js';
import { Server } from '../tests/socket/lib/server.js';
import { busyBoard } from './client_board.mjs';
import { probe } from './client_probe.mjs';

const FRAME_MS = 1000 / 60;
const ACTIONS = 15; // of each kind a run
const DRAG_MS_MAX = 8000; // along the edge of the window
const SETTLE_MS = 1500; // the page has written the board down by then
const WAIT_MS = 30_000;
const LISTS = { 1000: 20, 10000: 100 };

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    static: { type: 'string' },
    runs: { type: 'string', default: '5' },
    cards: { type: 'string', default: '1000,10000' },
    slow: { type: 'string', default: '1,4' },
    edits: { type: 'string', default: '40' },
    only: { type: 'string', default: 'cold,warm,action,drag,heap,remote' },
  },
});
const numbers = (text) => text.split(',').map(Number);
const only = new Set(values.only.split(','));
process.env.TAVLA_BUILD = resolve(values.build, 'tavla');
process.env.TAVLA_BACKEND ??= 'uring';

/* -- numbers */

const sorted = (list) => list.slice().sort((a, b) => a - b);
const quantile = (list, q) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * q))];
const median = (list) => quantile(list, 0.5);

/** What was measured, by name: each run adds one number, or many that are one pool in the end. */
class Results {
  constructor() {
    this.lists = new Map();
  }

  add(name, ...numbers) {
    this.lists.set(name, [...(this.lists.get(name) ?? []), ...numbers]);
  }

  get(name) {
    return this.lists.get(name) ?? [];
  }
}

/** What does not come is not waited for. */
async function limited(promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${WAIT_MS} ms without ${what}`)), WAIT_MS);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/* -- a browser that somebody is signed in with */

class Visitor {
  /** Somebody who was never here: nothing cached, nothing stored. */
  static async come(stage, slow) {
    const visitor = new Visitor();
    const options = { viewport: { width: 1440, height: 900 }, locale: 'en-GB' };
    visitor.context = await stage.browser.newContext({ ...options, storageState: stage.state });
    await visitor.context.addInitScript(probe);
    visitor.slow = slow;
    return visitor;
  }

  /** To the board, until its first cards are seen, in ms since the navigation began. */
  async open(board, { cache = true } = {}) {
    await this.page?.close();
    this.page = await this.context.newPage();
    this.page.on('pageerror', (error) => console.error(`thrown: ${error.stack}`));
    this.cdp = await this.context.newCDPSession(this.page);
    await this.cdp.send('Network.enable');
    await this.cdp.send('Network.setCacheDisabled', { cacheDisabled: !cache });
    await this.cdp.send('Emulation.setCPUThrottlingRate', { rate: this.slow });
    await this.page.goto(board.url, { waitUntil: 'commit' });
    const both = this.page.evaluate(async (count) => {
      const { first, whole } = window.__probe;
      return { whole: await whole(count), first: await first };
    }, board.cards);
    const { first, whole } = await limited(both, `all cards of ${board.url}`);
    await this.page.waitForFunction(() => window.__tavla.pos()[0] > 0);
    return { first, whole };
  }

  /** The nth card of a list that stands in sight. */
  async card(list = 1, nth = 3) {
    return await this.page.evaluate(
      ([x, y]) => document.querySelectorAll('.lists > .list')[x].querySelectorAll('.card')[y]
        .dataset.card,
      [list, nth],
    );
  }

  async focus(card) {
    await this.page.locator(`.lists [data-card="${card}"] a.face`).focus();
  }

  async pause(ms) {
    await this.page.waitForTimeout(ms);
  }

  async act(kind, card, key) {
    await this.page.evaluate(([what, id]) => window.__probe.arm(what, id), [kind, card]);
    await this.page.keyboard.press(key);
    return await limited(this.page.evaluate(() => window.__probe.action), `an effect of ${key}`);
  }

  async heap() {
    for (let i = 0; i < 3; i += 1) await this.cdp.send('HeapProfiler.collectGarbage');
    return (await this.cdp.send('Runtime.getHeapUsage')).usedSize / 1e6;
  }
}

/* -- what is measured */

async function measureActions(visitor, results) {
  const card = await visitor.card();
  const keep = (kind, { ms, own }) => {
    results.add(`${kind}`, ms);
    results.add(`${kind} own`, own);
    results.add(`${kind} wait`, ms - own);
  };
  for (let i = 0; i < ACTIONS; i += 1) {
    await visitor.focus(card);
    await visitor.pause(430 + 7 * i); // no glide any more, and a modifier is forgotten
    keep('label', await visitor.act('label', card, '1'));
    await visitor.focus(card);
    await visitor.pause(430 + 7 * i);
    keep('move', await visitor.act('move', card, i % 2 ? 'Alt+ArrowUp' : 'Alt+ArrowDown'));
  }
  await visitor.pause(600); // keys are not heard just after a modifier was released
  await visitor.focus(card);
  await visitor.page.keyboard.press('n');
  await visitor.page.locator('.composer textarea').waitFor();
  for (let i = 0; i < ACTIONS; i += 1) {
    await visitor.page.keyboard.insertText(`Another card ${i}`);
    await visitor.pause(330 + 7 * i);
    keep('add', await visitor.act('add', card, 'Enter'));
  }
  await visitor.page.keyboard.press('Escape');
}

/** Down the first list by its edge, then over the whole board by the window's edge, and back. */
async function measureDrag(visitor, results) {
  const { mouse } = visitor.page;
  const card = visitor.page.locator(`[data-card="${await visitor.card(0, 2)}"]`);
  const start = await card.boundingBox();
  const scrolled = () => document.querySelector('.lists').scrollLeft;
  await mouse.move(start.x + 60, start.y + 15);
  await mouse.down();
  await mouse.move(start.x + 80, start.y + 40, { steps: 4 });
  await visitor.page.evaluate(() => window.__probe.record());
  await mouse.move(start.x + 80, 860, { steps: 25 });
  for (let i = 0; i < 20; i += 1) await mouse.move(start.x + 80 + (i % 3), 862);
  await mouse.move(1435, 500, { steps: 40 });
  let last = -1;
  const until = Date.now() + DRAG_MS_MAX;
  for (let i = 0; Date.now() < until; i += 10) {
    if (last === (last = await visitor.page.evaluate(scrolled))) break;
    for (let k = 0; k < 10; k += 1) await mouse.move(1432 + (k % 4), 500 + ((i + k) % 80));
  }
  await mouse.move(700, 400, { steps: 20 });
  const frames = await visitor.page.evaluate(() => window.__probe.frames());
  await mouse.up();
  results.add('drag', ...frames);
  results.add('drag p95', quantile(frames, 0.95));
  results.add('drag longest', Math.max(...frames));
  results.add('drag frames', frames.length);
}

async function measureRemote(a, b, results) {
  const card = await a.card(0, 1);
  await a.page.evaluate(() => window.__probe.sendTimes());
  await b.page.evaluate((id) => window.__probe.seeTimes(id), card);
  await a.focus(card);
  const edits = Number(values.edits);
  for (let i = 1; i <= edits; i += 1) {
    await a.page.keyboard.press('1');
    await b.page.waitForFunction((count) => window.__probe.seen.length >= count, i);
    await a.pause(20 + ((i * 7) % 17));
  }
  const sent = await a.page.evaluate(() => window.__probe.sent);
  const seen = await b.page.evaluate(() => window.__probe.seen);
  const took = seen.map((when, i) => when - sent[i]);
  results.add('remote', ...took);
  results.add('remote p50', median(took));
}

async function measureOnce(stage, board, slow, results) {
  const visitor = await Visitor.come(stage, slow);
  if (only.has('cold') || only.has('warm')) {
    const { first, whole } = await visitor.open(board, { cache: false });
    results.add('cold', first);
    results.add('cold whole', whole);
    await visitor.pause(SETTLE_MS * Math.max(1, slow / 2));
  }
  const { first, whole } = await visitor.open(board);
  results.add('warm', first);
  results.add('warm whole', whole);
  await visitor.pause(SETTLE_MS);
  if (only.has('heap')) results.add('heap', await visitor.heap());
  if (only.has('drag')) await measureDrag(visitor, results);
  if (only.has('action')) await measureActions(visitor, results);
  if (only.has('remote')) {
    const other = await Visitor.come(stage, slow);
    await other.open(board);
    await measureRemote(visitor, other, results);
    await other.context.close();
  }
  await visitor.context.close();
}

/* -- the table */

const ms = (value) => (value === undefined ? '-' : value.toFixed(value < 100 ? 1 : 0));

function spread(list) {
  if (list.length === 0) return '-';
  return `${ms(median(list))} (${ms(Math.min(...list))}-${ms(Math.max(...list))})`;
}

function tail(list, q) {
  return list.length === 0 ? '-' : `${ms(median(list))} / ${ms(quantile(list, q))}`;
}

/** [what, goal, how it is written, the number held against the goal] */
function rowsOf(cards) {
  const big = cards > 1000;
  const action = (kind, words) => [
    [`${words}: key to paint, ms p50 / p95`, '', (r) => tail(r.get(kind), 0.95)],
    [
      `  less that frame's own work, ms p50 / p95`,
      FRAME_MS,
      (r) => tail(r.get(`${kind} wait`), 0.95),
      (r) => quantile(r.get(`${kind} wait`), 0.95),
    ],
  ];
  const plain = (name, words, goal) => [
    words,
    goal,
    (r) => spread(r.get(name)),
    (r) => median(r.get(name)),
  ];
  return [
    plain('cold', 'first visit: first cards, ms', big ? 1000 : 500),
    plain('cold whole', 'first visit: all cards, ms', ''),
    plain('warm', 'second visit: first cards, ms', ''),
    plain('warm whole', 'second visit: all cards, ms', ''),
    plain('heap', 'JavaScript heap, MB', big ? 90 : 25),
    ...action('label', 'label'),
    ...action('move', 'move'),
    ...action('add', 'add'),
    plain('drag p95', 'drag: frame p95, ms', big ? '' : 17),
    plain('drag longest', 'drag: longest frame, ms', big ? '' : 50),
    plain('drag frames', 'drag: frames', ''),
    ['remote edit to paint, ms p50 / p99', 40, (r) => tail(r.get('remote'), 0.99), (r) =>
      median(r.get('remote'))],
    ['  p99 alone', 120, (r) => ms(quantile(r.get('remote'), 0.99)), (r) =>
      quantile(r.get('remote'), 0.99)],
  ];
}

function print({ cards, lists }, bySlow) {
  const full = bySlow.get(1) ?? [...bySlow.values()][0];
  const table = [];
  for (const [what, goal, words, number] of rowsOf(cards)) {
    const row = { what, goal: goal === '' ? '' : `<= ${ms(goal)}` };
    for (const [slow, results] of bySlow) {
      row[slow === 1 ? 'measured' : `${slow} times slower`] = words(results);
    }
    const got = goal === '' ? undefined : number(full);
    row.verdict = got === undefined ? '' : got <= goal ? 'met' : 'MISSED';
    if (words(full) !== '-') table.push(row);
  }
  console.log(`${cards} cards in ${lists} lists, ${values.runs} runs, median (least-most)`);
  console.table(table);
}

/* -- the whole */

/** Signs the browser in; its session serves REST calls too. */
async function signIn(stage) {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  await page.goto((await stage.server.said(/sign-in link (\S+)/))[1]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.page-head').waitFor();
  stage.state = await context.storageState();
  stage.api = new Client(stage.server, stage.state.cookies[0].value);
  await context.close();
}

async function makeBoard(stage, cards, lists) {
  const board = busyBoard({ cards, lists });
  const done = await importBoard(stage.api, JSON.stringify(board));
  if (done.state !== 'done') throw new Error(`the import failed: ${JSON.stringify(done)}`);
  const { shortLink } = await stage.api.get(`/1/boards/${done.idBoard}?fields=shortLink`);
  return { cards, lists, url: `${stage.server.origin}/b/${shortLink}/${cards}-cards` };
}

/** Slow and full speed take turns, so that a machine that slows down slows both. */
async function measureBoard(stage, cards) {
  const board = await makeBoard(stage, cards, LISTS[cards] ?? Math.ceil(cards / 50));
  const bySlow = new Map(numbers(values.slow).map((slow) => [slow, new Results()]));
  for (let run = 0; run < Number(values.runs); run += 1)
    for (const [slow, results] of bySlow) await measureOnce(stage, board, slow, results);
  print(board, bySlow);
}

const stage = { server: new Server({ args: values.static ? ['--static', values.static] : [] }) };
await stage.server.start();
try {
  stage.browser = await launchChromium({ whole: true });
  await signIn(stage);
  for (const cards of numbers(values.cards)) await measureBoard(stage, cards);
} finally {
  await stage.browser?.close();
  await stage.server.close();
}

// history.mjs - what looking back costs: a board of 1,000 cards with a long log, its past states
// and actions, as somebody waits for them over HTTP.
//
//   node bench/history.mjs [--build DIR] [--events 20000] [--runs 15]
//
// Goals: a page of activity within 50 ms, also of a card that is in few records of the whole log;
// a moment 10,000 events back within 250 ms. Medians and the spread are printed; look at `uptime`
// first.

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '../tests/socket/lib/http.js';
import { Live, newId } from '../tests/socket/lib/live.js';
import { Server } from '../tests/socket/lib/server.js';
import { newBoard } from '../tests/socket/lib/trello.js';

const { values } = parseArgs({
  options: {
    build: { type: 'string', default: 'build' },
    events: { type: 'string', default: '20000' },
    runs: { type: 'string', default: '15' },
  },
});
process.env.TAVLA_BUILD = join(resolve(values.build), 'tavla');

const IN_FLIGHT = 50;

/** A board with that many events behind it: moves and new names, of 1,000 cards by turns. */
async function makeBoard(server, token, events) {
  const api = new Client(server, token);
  const board = await newBoard(api, { cards: 1 });
  const live = await Live.open(server, board.id, { token, keep: false });
  const ids = [];
  for (let k = 0; k < 10; k += 1) {
    const list = board.lists[k % 3].id;
    const cards = Array.from({ length: 100 }, (_, i) => ({
      id: newId(),
      idList: list,
      name: `Card ${k}.${i}`,
    }));
    await live.op({ op: 'cards.create', cards });
    ids.push(...cards.map((card) => card.id));
  }
  for (let i = 0; i < events; i += IN_FLIGHT) {
    const some = Array.from({ length: IN_FLIGHT }, (_, k) => {
      const id = ids[((i + k) * 7919) % ids.length];
      const idList = board.lists[(i + k) % 3].id;
      return k % 2
        ? live.op({ op: 'card.set', id, name: `Name ${i + k}` })
        : live.op({ op: 'card.move', id, idList, pos: 'top' });
    });
    await Promise.all(some);
  }
  await live.close();
  return { api, board, quiet: board.cards[0].id, busy: ids[5] };
}

async function time(api, what, path, goal) {
  const ms = [];
  let bytes = 0;
  for (let i = 0; i < Number(values.runs); i += 1) {
    const begin = performance.now();
    const answer = await api.call('GET', path);
    ms.push(performance.now() - begin);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    bytes = answer.text.length;
  }
  ms.sort((a, b) => a - b);
  const median = ms[Math.floor(ms.length / 2)];
  const spread = `${ms[0].toFixed(1)} to ${ms.at(-1).toFixed(1)}`;
  const mark = goal === undefined ? '' : `, goal ${goal}: ${median <= goal ? 'met' : 'MISSED'}`;
  console.log(`${what}: ${median.toFixed(1)} ms (${spread}), ${bytes} bytes${mark}`);
}

const server = new Server({ args: ['--op-rate', '100000'] });
await server.start();
try {
  const { token } = await server.signIn();
  const { api, board, quiet, busy } = await makeBoard(server, token, Number(values.events));
  const path = `/v1/boards/${board.id}`;
  const head = (await api.get(`${path}/state`)).pos[0];
  console.log(`${head} events in the log, 1,001 cards`);
  await time(api, 'the board now', `${path}/state`);
  await time(api, '100 events back', `${path}/state?at=${head - 100}`);
  if (head > 10_000) await time(api, '10,000 back', `${path}/state?at=${head - 10_000}`, 250);
  await time(api, `${head - 20} back`, `${path}/state?at=20`);
  await time(api, 'activity of the board', `${path}/activity`, 50);
  await time(api, 'activity of a busy card', `${path}/activity?card=${busy}`, 50);
  await time(api, 'activity of a quiet card', `${path}/activity?card=${quiet}`, 50);
  await time(api, '1,000 actions', `/1/boards/${board.id}/actions?limit=1000`);
  await time(api, 'a type that never was', `/1/boards/${board.id}/actions?filter=deleteCard`);
} finally {
  await server.close();
}

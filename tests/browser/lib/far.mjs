// far.mjs - the suite as for people far away, or with an old telephone: a test that passes only
// because an answer is there before the next click fails here, and not once in a hundred runs.
//
// TAVLA_FAR=MS puts up to MS on every way, there and back, in order; TAVLA_OLD=N makes scripts N
// times as slow as they are. Without them nothing of this is in the way.

import { connect, createServer } from 'node:net';

const FAR_MS = Number(process.env.TAVLA_FAR ?? 0);
const OLD = Number(process.env.TAVLA_OLD ?? 1);

export const isFar = FAR_MS > 0;

/** What comes in goes out later, whole and in order. */
function carry(from, to) {
  const waiting = [];
  let last = 0;
  const later = (what) => {
    const now = performance.now();
    last = Math.max(last, now + Math.random() * FAR_MS);
    waiting.push(what);
    setTimeout(() => waiting.shift()(), Math.ceil(last - now)); // two may end in the other order
  };
  from.on('data', (bytes) => later(() => to.destroyed || to.write(bytes)));
  from.on('end', () => later(() => to.destroyed || to.end()));
  from.on('error', () => to.destroy());
  from.on('close', () => later(() => to.destroy()));
}

/** An address that leads to the server's, whatever port that has by then.
 * @param {() => number} port @returns {Promise<{origin: string, close: () => void}>} */
export async function farAway(port) {
  const open = new Set();
  const near = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, server]) {
      open.add(socket.setNoDelay(true));
      socket.on('close', () => open.delete(socket));
    }
    carry(client, server);
    carry(server, client);
  });
  await new Promise((done) => near.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${near.address().port}`,
    close: () => {
      near.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Every page of it is as slow as asked.
 * @param {import('playwright-core').BrowserContext} context */
export function grownOld(context) {
  if (OLD <= 1) return;
  context.on('page', async (page) => {
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: OLD });
  });
}

// world.js - a server with an administrator, a board and people, and what tests of the live
// protocol do with them.

import { Client, RawConnection, request } from './http.js';
import { Live } from './live.js';
import { serve } from './server.js';
import { ops } from './trello.js';

/**
 * A started server, its administrator's session and an empty board of theirs.
 * @param {import('node:test').TestContext} t
 */
export async function newWorld(t, options = {}) {
  const server = await serve(t, options);
  const admin = await server.signIn();
  return { server, admin, board: await newBoard(server, admin) };
}

/** An empty board of that person. @returns {Promise<string>} its id */
export async function newBoard(server, who, name = 'Board') {
  const client = new Client(server, who.token);
  return (await client.post('/1/boards', { name, defaultLists: false, defaultLabels: false })).id;
}

/** Someone with a session and no right on the world's board. */
export async function newStranger(world, name) {
  const other = await newBoard(world.server, world.admin, 'Elsewhere');
  return await world.server.newMember(name, other);
}

export async function signOut(server, who) {
  const answer = await request(server, { method: 'DELETE', path: '/v1/session', token: who.token });
  if (answer.status >= 300) throw new Error(`DELETE /v1/session: ${answer.status} ${answer.text}`);
}

/** A live of that person on the world's board. */
export async function open(world, who = world.admin, options = {}) {
  return await Live.open(world.server, world.board, { token: who.token, ...options });
}

/** How that connection ended. */
export async function ended(live, ms = 10_000) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`still open after ${ms} ms`)), ms);
  });
  return await Promise.race([live.ended, late]).finally(() => clearTimeout(timer));
}

/** A list and some cards on it, made by that live. */
export async function fill(live, cards, text = 'A card') {
  const list = ops.list('A list');
  await live.ok(list);
  const made = [];
  for (let i = 0; i < cards; i += 100) {
    const part = [];
    for (let k = i; k < Math.min(i + 100, cards); k += 1)
      part.push({ ...ops.card(list.id, `${text} ${k}`, { pos: 'bottom' }), op: undefined });
    await live.ok({ op: 'cards.create', cards: part });
    made.push(...part.map((card) => card.id));
  }
  return { list: list.id, cards: made };
}

/** An upgrade by hand: the answer, or null when the connection became a WebSocket. */
export async function upgrade(server, board, headers = {}) {
  const raw = await RawConnection.open(server);
  try {
    const lines = Object.entries({
      Host: `${server.host}:${server.port}`,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Protocol': 'tavla.v1',
      ...headers,
    })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}: ${value}\r\n`);
    await raw.send(Buffer.from(`GET /v1/boards/${board}/live HTTP/1.1\r\n${lines.join('')}\r\n`));
    return await raw.response({ ms: 5000 });
  } finally {
    raw.close();
  }
}

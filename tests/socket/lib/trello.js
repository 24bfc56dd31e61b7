// trello.js - boards in Trello's shape: made over REST, and made up as export files.

import { newId } from './live.js';

/** Colours Trello gives labels. */
export const COLORS = ['green', 'yellow', 'orange', 'red', 'purple', 'blue'];

/** A board with lists and cards over REST. @param {import('./http.js').Client} client */
export async function newBoard(
  client,
  { name = 'Board', lists = ['To do', 'Doing', 'Done'], cards = 0 } = {},
) {
  const board = await client.post('/1/boards', { name, defaultLists: false });
  const made = [];
  for (const one of lists)
    made.push(await client.post('/1/lists', { name: one, idBoard: board.id, pos: 'bottom' }));
  const all = [];
  for (let i = 0; i < cards; i += 1) {
    all.push(
      await client.post('/1/cards', {
        name: `Card ${i + 1}`,
        idList: made[i % made.length].id,
        pos: 'bottom',
      }),
    );
  }
  return { ...board, lists: made, cards: all };
}

/** The whole board as REST nests it. */
export async function readBoard(client, id) {
  return await client.get(
    `/1/boards/${id}?lists=all&cards=all&labels=all&fields=all&card_fields=all`,
  );
}

/** Pseudo-random numbers in [0, 1) from a seed, for reproducible fixtures. */
export function random(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const WORDS = [
  'Plan',
  'Paint',
  'Order',
  'Båt',
  'Überprüfen',
  '看板',
  'Ship',
  'Call',
  'Sort',
  '🌿',
  'Measure',
  'Ask',
];

/** A board in the shape of Trello's own export: the same seed gives the same file. */
export function makeExport({ seed = 1, lists = 5, cards = 40, labels = 6, name = 'Garden' } = {}) {
  const next = random(seed);
  const pick = (from) => from[Math.floor(next() * from.length)];
  const id = () =>
    (0x60000000 + Math.floor(next() * 1e8)).toString(16).padStart(8, '0') +
    Array.from({ length: 16 }, () => Math.floor(next() * 16).toString(16)).join('');
  const shortLink = () =>
    Array.from({ length: 8 }, () => pick('abcdefghijkmnpqrstuvwxyzABCDEFGH23456789')).join('');
  const words = (count) => Array.from({ length: count }, () => pick(WORDS)).join(' ');
  const board = {
    id: id(),
    name,
    desc: words(12),
    closed: false,
    shortLink: shortLink(),
    prefs: { permissionLevel: 'private', background: 'green' },
  };
  board.labels = Array.from({ length: labels }, (_, i) => ({
    id: id(),
    idBoard: board.id,
    name: i % 2 ? words(1) : '',
    color: COLORS[i % COLORS.length],
  }));
  board.lists = Array.from({ length: lists }, (_, i) => ({
    id: id(),
    idBoard: board.id,
    name: words(2),
    closed: i === lists - 1,
    pos: (i + 1) * 16384 + next(),
  }));
  board.cards = Array.from({ length: cards }, (_, i) => ({
    id: id(),
    idBoard: board.id,
    idList: pick(board.lists).id,
    idShort: i + 1,
    shortLink: shortLink(),
    name: words(3),
    desc: words(Math.floor(next() * 40)),
    closed: next() < 0.2,
    pos: (i + 1) * 1024 + next(),
    due: next() < 0.3 ? '2026-05-01T12:00:00.000Z' : null,
    dueComplete: next() < 0.1,
    start: null,
    idLabels: board.labels.filter(() => next() < 0.2).map((label) => label.id),
    idMembers: [],
    dateLastActivity: '2026-01-02T03:04:05.678Z',
  }));
  board.members = [];
  board.memberships = [];
  board.checklists = [];
  board.actions = [];
  board.customFields = [];
  return board;
}

/** Differences between what was imported and what is there, '' when there is none. */
export function compareBoards(sent, got, { map = (id) => id } = {}) {
  const open = (one) => one ?? null;
  const check = (kind, fields) => {
    const there = new Map(got[kind].map((one) => [one.id, one]));
    if (there.size !== sent[kind].length) return `${there.size} ${kind} of ${sent[kind].length}`;
    for (const one of sent[kind]) {
      const other = there.get(map(one.id));
      if (!other) return `${kind}: ${one.id} is not there`;
      for (const field of fields) {
        const wanted = field === 'idList' ? map(one[field]) : open(one[field]);
        if (open(other[field]) !== wanted)
          return `${kind} ${one.id}.${field}: ${other[field]}, sent ${wanted}`;
      }
    }
    return '';
  };
  return (
    check('lists', ['name', 'closed', 'pos']) ||
    check('labels', ['name', 'color']) ||
    check('cards', ['name', 'desc', 'closed', 'pos', 'idList', 'due', 'dueComplete']) ||
    sent.cards
      .map((card) => {
        const other = got.cards.find((one) => one.id === map(card.id));
        const wanted = card.idLabels.map(map).sort().join();
        return [...other.idLabels].sort().join() === wanted
          ? ''
          : `card ${card.id}: labels ${other.idLabels}, sent ${wanted}`;
      })
      .find((text) => text) ||
    ''
  );
}

/** Ops of the live protocol, for tests that need many edits. */
export const ops = {
  list: (name, more = {}) => ({ op: 'list.create', id: newId(), name, ...more }),
  card: (idList, name, more = {}) => ({ op: 'card.create', id: newId(), idList, name, ...more }),
  move: (id, idList, more = {}) => ({ op: 'card.move', id, idList, ...more }),
  set: (id, fields) => ({ op: 'card.set', id, ...fields }),
};

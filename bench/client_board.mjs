// client_board.mjs - a board as a busy team has it, in the shape of Trello's export: names of a few
// words or of two lines, labels on most cards, dates on some, descriptions on a quarter.

import { COLORS, random } from '../tests/socket/lib/trello.js';

const THINGS = 'invoice,login page,search,backup,newsletter,printer,contract,road map,budget'.split(
  ',',
);
const DEEDS = 'Fix,Write,Check,Order,Plan,Measure,Translate,Move,Ask about,Clean up'.split(',');
const TAILS = [
  '',
  'before the summer',
  'for the new customer',
  'and tell everybody who waits for it',
  'as agreed in the meeting of last week, with the numbers of the year before',
];
const DAY_MS = 86_400_000;

/** @param {{cards: number, lists: number}} size */
export function busyBoard({ cards, lists }) {
  const next = random(cards + lists);
  const pick = (from) => from[Math.floor(next() * from.length)];
  const hex = () => Math.floor(next() * 16).toString(16);
  const id = () => `66${Array.from({ length: 22 }, hex).join('')}`;
  const link = () =>
    Array.from({ length: 8 }, () => pick('abcdefghijkmnpqrstuvwxyzABCDEFGH23456789')).join('');
  const name = () => `${pick(DEEDS)} the ${pick(THINGS)} ${pick(TAILS)}`.trim();
  const text = () => Array.from({ length: 3 + Math.floor(next() * 8) }, name).join('. ');
  const some = (from, most) =>
    from.filter(() => next() < most / from.length).slice(0, Math.ceil(most));
  const board = { id: id(), name: `${cards} cards`, desc: text(), shortLink: link() };
  const labels = Array.from({ length: 12 }, (_, i) => ({
    id: id(),
    idBoard: board.id,
    name: i % 3 === 0 ? '' : pick(THINGS),
    color: COLORS[i % COLORS.length],
  }));
  const columns = Array.from({ length: lists }, (_, i) => ({
    id: id(),
    idBoard: board.id,
    name: `${pick(THINGS)} ${i + 1}`,
    closed: false,
    pos: (i + 1) * 65536,
  }));
  const card = (_, i) => ({
    id: id(),
    idBoard: board.id,
    idList: columns[i % lists].id,
    idShort: i + 1,
    shortLink: link(),
    name: name(),
    desc: next() < 0.25 ? text() : '',
    closed: false,
    pos: (i + 1) * 65536,
    due: next() < 0.3 ? new Date(Date.now() + (next() - 0.3) * 60 * DAY_MS).toISOString() : null,
    dueComplete: next() < 0.1,
    idLabels: some(labels, 1.6).map((label) => label.id),
    idMembers: [],
    dateLastActivity: '2026-01-02T03:04:05.678Z',
  });
  return {
    ...board,
    prefs: { permissionLevel: 'private', background: 'green' },
    labels,
    lists: columns,
    cards: Array.from({ length: cards }, card),
    members: [],
    memberships: [],
    checklists: [],
    actions: [],
    customFields: [],
  };
}

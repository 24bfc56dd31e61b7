// test-large.js - an export far larger than the memory its import may take.
//
// TAVLA_COUNT_LARGE is the size of the file in MiB, about: half of it cards with descriptions, half
// actions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBoard, newApi } from '../lib/import.js';
import { makeExport } from '../lib/trello.js';

const MIB = 1048576;
const FILE_MIB = Number(process.env.TAVLA_COUNT_LARGE ?? 20);
const ABOVE_IDLE_MIB_MAX = 64;
const DESC = 'A line of a description that somebody wrote. '.repeat(56); // 2.5 KiB
const ACTION = 'x'.repeat(500);

function makeLarge() {
  const cards = Math.round((FILE_MIB * MIB) / 2 / (DESC.length + 740));
  const actions = Math.round((FILE_MIB * MIB) / 2 / (ACTION.length + 85));
  const board = makeExport({ seed: 5, lists: 20, cards, labels: 20 });
  for (const card of board.cards) card.desc = DESC;
  board.actions = Array.from({ length: actions }, (_, i) => ({
    id: i.toString(16).padStart(24, '0'),
    type: 'updateCard',
    data: { text: ACTION, old: { pos: i } },
  }));
  return { text: JSON.stringify(board), cards };
}

test(`a file of ${FILE_MIB} MiB needs little memory`, async (t) => {
  const { api, world } = await newApi(t);
  const { text, cards } = makeLarge();
  const idle = world.server.rssAnon();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, world.server.rssAnon());
  }, 20);
  t.after(() => clearInterval(timer));
  const status = await importBoard(api, text, { ms: 150_000 });
  clearInterval(timer);
  assert.equal(status.state, 'done', status.error);
  assert.equal(status.report.imported.cards, cards);
  const above = (most - idle) / MIB;
  const size = (text.length / MIB).toFixed(0);
  t.diagnostic(`${size} MiB file, ${cards} cards, ${above.toFixed(1)} MiB above idle`);
  // A sanitizer keeps what was freed.
  const sanitized = /asan|tsan/.test(process.env.TAVLA_BUILD ?? '');
  if (!sanitized) assert.ok(above < ABOVE_IDLE_MIB_MAX, `${above} MiB above idle`);
});

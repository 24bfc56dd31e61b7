/** What somebody replaced without having seen it, out of an event. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Id } from '../src/model/id';
import type { BoardEvent } from '../src/sync/messages';
import { conflictsOf } from '../src/views/notices';

const board = 'b'.repeat(24) as Id;
const me = 'a'.repeat(24) as Id;
const bea = 'c'.repeat(24) as Id;

test('of replaced preferences only those count that were changed', () => {
    const mine = { background: 'blue', cardAging: 'pirate', voting: 'members' };
    const theirs = { ...mine, background: 'red', comments: 'members' };
    const event = {
        t: 'op',
        s: 9,
        by: bea,
        e: [['set', 'board', board, { prefs: theirs }]],
        ow: [[board, 'prefs', me, 7, mine]],
    } as unknown as BoardEvent;
    assert.deepEqual(conflictsOf(event, me), [
        {
            by: bea,
            kind: 'board',
            id: board,
            field: 'prefs',
            mine: { background: 'blue' },
            theirs: { background: 'red' },
        },
    ]);
    assert.deepEqual(conflictsOf(event, bea), []);
    const others = { ...mine, comments: 'members' };
    const beside = { ...event, e: [['set', 'board', board, { prefs: others }]] };
    assert.deepEqual(conflictsOf(beside as unknown as BoardEvent, me), [], 'none of mine is lost');
});

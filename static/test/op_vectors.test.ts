/** Ops of tests/vectors/ops.json: what the client shows at once is what the server makes of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { apply, type Effect } from '../src/model/apply';
import { Board, Overlay } from '../src/model/board';
import type { Id } from '../src/model/id';
import { canonical, type Json } from '../src/model/json';
import type { Entity } from '../src/model/kinds';
import type { Op } from '../src/model/ops';
import { preview, singly } from '../src/model/preview';
import '../src/model/preview_parts';
import { vectors } from './vectors';

type Objects = [string, Entity][];

interface Step {
    name: string;
    by: Id;
    ops: Op[];
    e: Effect[];
    there?: Effect[]; // on the other board
    before?: Objects;
    thereBefore?: Objects;
    after?: Objects;
    thereAfter?: Objects;
}

const BOARD = '010000000000000000000000';
const NOW = 1700000000000; // as in the server's test
const steps = vectors<Step>('ops.json');

/** What only the server gives: numbers, links, times, and which members a card had. */
const GIVEN = new Set(['s', 'dateLastActivity', 'idShort', 'shortLink']);

const KINDS = [
    'list',
    'card',
    'label',
    'checklist',
    'checkItem',
    'comment',
    'attachment',
    'customField',
    'customFieldItem',
];

/** Ops of others: this client has no way to send them. */
const OTHERS = new Set<string>(['customField.move', 'customFieldOption.move']);

/** With its card it is out of sight: what hangs on a card that goes is left to the server. */
function shown(state: Overlay, id: Id): string {
    const row = state.get(id);
    const card = row?.o.idCard as Id | undefined;
    if (row === undefined || (card !== undefined && state.get(card) === undefined)) return 'gone';
    const fields = Object.entries(row.o).filter(([name]) => !GIVEN.has(name));
    return `${row.kind} ${canonical(Object.fromEntries(fields) as Json)}`;
}

function start(): Board {
    const board = new Board();
    const before = steps[0]?.before ?? [];
    board.load(before, 1, '');
    for (const row of board.ofKind('card')) board.hold(row.o.id);
    return board;
}

function assertState(board: Board, after: Objects): void {
    assert.ok(after.length > 0);
    for (const [kind, fields] of after)
        assert.equal(canonical(board.get(fields.id)?.o as Json), canonical(fields), kind);
    for (const kind of KINDS)
        assert.equal(
            board.ofKind(kind).length,
            after.filter(([other]) => other === kind).length,
            kind,
        );
}

test('effects of ops come to the state of the server, parts of cards too', () => {
    const board = start();
    for (const [index, { e }] of steps.entries()) {
        apply(board, e, index + 3); // behind the board and what it was filled with
        for (const row of board.ofKind('card')) board.hold(row.o.id);
    }
    const after = steps.at(-1)?.after ?? [];
    assertState(board, after);
    const kinds = new Set(after.map(([kind]) => kind));
    assert.ok(kinds.has('card'));
});

test('cards that come from there are as the server has them here, with what hangs on them', () => {
    const board = new Board();
    board.load(steps[0]?.thereBefore ?? [], 2, '');
    let s = 2;
    for (const { there } of steps) {
        if (there === undefined) continue;
        apply(board, there, ++s);
    }
    assert.ok(s > 3);
    assertState(board, steps.at(-1)?.thereAfter ?? []);
    for (const kind of ['card', 'checkItem', 'comment', 'attachment', 'customFieldItem'])
        assert.ok(board.ofKind(kind).length > 0, kind);
});

test('what an op is expected to do is what the server does', () => {
    const board = start();
    for (const [index, { name, by, ops, e }] of steps.entries()) {
        const expected = new Overlay(board);
        const came = new Overlay(board);
        apply(came, e, index + 3);
        for (const op of ops.some((one) => OTHERS.has(one.op)) ? [] : singly(ops)) {
            const effects = preview(expected, op, { idBoard: BOARD, nowMs: NOW, me: by });
            assert.ok(effects, `${name} would be refused`);
            apply(expected, effects, index + 3);
        }
        const ids = expected.changed.size > 0 ? [...came.changed.keys()] : [];
        for (const id of new Set([...expected.changed.keys(), ...ids]))
            assert.equal(shown(expected, id), shown(came, id), name);
        apply(board, e, index + 3);
        for (const row of board.ofKind('card')) board.hold(row.o.id);
    }
});

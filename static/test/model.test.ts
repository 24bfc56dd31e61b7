import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { apply, Divergence, type Effect } from '../src/model/apply';
import { Board, inOrder, LISTS, Overlay, type State } from '../src/model/board';
import { canonical, type Json, type JsonObject } from '../src/model/json';
import type { Entity } from '../src/model/kinds';
import { type Place, placeFind, POS_STEP, type Sibling } from '../src/model/place';
import { type Delta, deltaApply, deltaDiff, deltaInvert, deltaOf } from '../src/model/text';
import { vectors } from './vectors';

/* -- shared with the server */

interface EffectVector {
    name: string;
    before: { objects: [string, Entity][]; pos: [number, string] };
    events: { s: number; h: string; e: Effect[] }[];
    after: Json;
}

test('effects come to the state of the server', () => {
    for (const { name, before, events, after } of vectors<EffectVector>('effects.json')) {
        const board = new Board();
        board.load(before.objects, ...before.pos);
        for (const event of events) {
            apply(board, event.e, event.s);
            board.seq = event.s;
            board.h = event.h;
        }
        assert.equal(board.canonical(), canonical(after), name);
    }
});

interface PlaceVector {
    name: string;
    siblings: [string, number][];
    place: Place;
    self: string | null;
    run: number;
    pos?: number[];
    order?: (string | null)[];
}

test('places are those of the server', () => {
    for (const { name, siblings, place, self, run, pos, order } of vectors<PlaceVector>(
        'place.json',
    )) {
        const placed = placeFind(
            siblings.map(([id, p]) => ({ id, pos: p })),
            new Set(self === null ? [] : [self]),
            place,
            run,
        );
        assert.deepEqual(placed, pos === undefined ? { order } : { pos }, name);
    }
});

test('texts become those of the server', () => {
    for (const { name, text, delta, after, inverse } of vectors<{
        name: string;
        text: string;
        delta: Delta;
        after: string | null;
        inverse: Delta | null;
    }>('text_apply.json')) {
        assert.equal(deltaApply(text, delta) ?? null, after, name);
        if (after !== null) assert.deepEqual(deltaInvert(text, delta), inverse, name);
    }
    for (const { name, delta, good } of vectors<{ name: string; delta: Json; good: boolean }>(
        'text_read.json',
    ))
        assert.equal(deltaOf(delta) !== undefined, good, name);
    for (const { from, to, delta } of vectors<{ from: string; to: string; delta: Delta }>(
        'text_diff.json',
    ))
        assert.deepEqual(deltaDiff(from, to), delta);
});

/* -- properties */

const id = (n: number) => `5f000000${n.toString(16).padStart(16, '0')}`;
const listId = fc.integer({ min: 1, max: 3 }).map(id);
const cardId = fc.integer({ min: 10, max: 22 }).map(id);
const cardIds = fc.uniqueArray(cardId, { minLength: 1, maxLength: 5 });
const pos = fc.oneof(
    fc.integer({ min: 1, max: 6 }),
    fc.double({ min: 0.5, max: 1e6, noNaN: true }),
);

const effect: fc.Arbitrary<Effect> = fc.oneof(
    fc
        .tuple(cardId, listId, pos, fc.string())
        .map(([card, idList, p, name]): Effect => ['add', 'card', card, { name, idList, pos: p }]),
    fc.tuple(listId, pos).map(([list, p]): Effect => ['add', 'list', list, { name: 'l', pos: p }]),
    fc
        .tuple(cardIds, listId, pos)
        .map(([ids, idList, p]): Effect => [
            'set',
            'card',
            ids,
            { idList, pos: ids.map((_, i) => p + (i % 2)) },
        ]),
    fc
        .tuple(cardIds, fc.boolean())
        .map(([ids, closed]): Effect => ['set', 'card', ids, { closed }]),
    fc.tuple(listId, pos).map(([list, p]): Effect => ['set', 'list', list, { pos: p }]),
    cardIds.map((ids): Effect => ['del', 'card', ids.slice(0, 2)]),
    fc
        .tuple(cardIds, listId, fc.constantFrom(0, 1))
        .map(([ids, label, on]): Effect => ['tag', 'card', ids, 'idLabels', label, on]),
    fc.tuple(cardId).map(([card]): Effect => ['txt', 'card', card, 'desc', ['x']]),
);

/** What a server would never send - effects on what is not there - is left out. */
function applyLegal(state: State, list: readonly Effect[], seq: number): Effect[] {
    const legal: Effect[] = [];
    for (const one of list) {
        const scratch = new Overlay(state);
        try {
            apply(scratch, [one], seq);
        } catch (error) {
            assert.ok(error instanceof Divergence);
            continue;
        }
        apply(state, [one], seq);
        legal.push(one);
    }
    return legal;
}

function assertOrdered(state: State): void {
    for (const parent of [LISTS, id(1), id(2), id(3)]) {
        const kind = parent === LISTS ? 'list' : 'card';
        const expected = state
            .ofKind(kind)
            .filter((row) => parent === LISTS || row.o.idList === parent)
            .sort(inOrder);
        assert.deepEqual(state.children(parent), expected);
    }
}

test('order stays that of a full sort, whatever comes', () => {
    fc.assert(
        fc.property(fc.array(effect, { maxLength: 60 }), (effects) => {
            const board = new Board();
            applyLegal(board, effects, 1);
            assertOrdered(board);
            const again = new Board();
            again.load(board.objectList(), 1, 'h');
            assert.deepEqual(again.objectList(), board.objectList());
            assertOrdered(again);
        }),
        { numRuns: 300 },
    );
});

test('an overlay is the board it would become, and leaves the one below as it was', () => {
    fc.assert(
        fc.property(
            fc.array(effect, { maxLength: 40 }),
            fc.array(effect, { maxLength: 30 }),
            (before, more) => {
                const below = new Board();
                const whole = new Board();
                applyLegal(whole, applyLegal(below, before, 1), 1);
                const text = below.canonical();
                const overlay = new Overlay(below);
                const legal = applyLegal(whole, more, 2);
                apply(overlay, legal, 2);
                assertOrdered(overlay);
                for (const kind of ['card', 'list'])
                    for (const row of whole.ofKind(kind))
                        assert.deepEqual(overlay.get(row.o.id), row);
                for (const kind of ['card', 'list'])
                    assert.equal(overlay.ofKind(kind).length, whole.ofKind(kind).length);
                assert.equal(below.canonical(), text);
            },
        ),
        { numRuns: 300 },
    );
});

test('kinds and fields of a newer server are kept and changed', () => {
    const board = new Board();
    const deed = 'f'.repeat(24);
    apply(
        board,
        [
            ['add', 'deed', deed, { wish: 1 }],
            ['set', 'deed', deed, { wish: [1, 2] }],
            ['tag', 'deed', deed, 'who', id(1), 1],
        ],
        1,
    );
    apply(
        board,
        [
            ['set', 'deed', [deed, id(5)], { wish: [7, 8] }],
            ['txt', 'deed', id(77), 'body', ['x']],
            ['del', 'deed', id(78)],
        ],
        2,
    );
    assert.deepEqual(board.get(deed)?.o, { id: deed, s: 2, wish: 7, who: [id(1)] });
    apply(
        board,
        [
            ['add', 'list', id(1), { name: 'L', pos: 1, hue: 'odd' }],
            ['set', 'list', id(1), { hue: 'even', odd: { b: 1, a: 2 } }],
        ],
        3,
    );
    assert.equal((board.get(id(1))?.o as JsonObject).hue, 'even');
    assert.match(board.canonical(), /"odd":\{"a":2,"b":1\}/);
});

test('an effect on a known object that is not there is noticed', () => {
    for (const bad of [
        ['set', 'card', id(1), { name: 'x' }],
        ['del', 'list', id(1)],
        ['tag', 'card', id(1), 'idLabels', id(2), 1],
        ['odd', 'card', id(1)],
    ] as Effect[]) {
        assert.throws(() => apply(new Board(), [bad], 1), Divergence);
    }
});

const siblings: fc.Arbitrary<Sibling[]> = fc
    .array(pos, { maxLength: 12 })
    .map((positions) => positions.sort((a, b) => a - b).map((p, i) => ({ id: id(i + 1), pos: p })));
const place: fc.Arbitrary<Place> = fc.oneof(
    fc.constant({}),
    fc.constant({ after: '' as const }),
    fc.constantFrom({ pos: 'top' as const }, { pos: 'bottom' as const }),
    fc
        .tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 14 }))
        .map(([a, b]) => ({ after: id(a), before: id(b) })),
);

test('a run stands together, in its gap, apart from everyone', () => {
    fc.assert(
        fc.property(
            siblings,
            place,
            fc.integer({ min: 1, max: 5 }),
            fc.option(fc.integer({ min: 1, max: 12 }).map(id), { nil: undefined }),
            (row, where, run, self) => {
                const without = new Set(self === undefined ? [] : [self]);
                const placed = placeFind(row, without, where, run);
                const rest = row.filter((sibling) => !without.has(sibling.id));
                const runOf =
                    placed.order === undefined
                        ? placed.pos.map((p, i) => ({ id: `run${i}`, pos: p }))
                        : [];
                const all =
                    placed.order === undefined
                        ? [...rest, ...runOf]
                              .sort((a, b) => a.pos - b.pos)
                              .map((sibling) => sibling.id)
                        : placed.order.map((other, i) => other ?? `run${i}`);
                if (placed.order === undefined)
                    for (const { pos: p } of runOf)
                        assert.ok(rest.every((sibling) => sibling.pos !== p) && p > 0);
                const first = all.findIndex((name) => name.startsWith('run'));
                assert.ok(all.slice(first, first + run).every((name) => name.startsWith('run')));
                assert.deepEqual(
                    all.filter((name) => !name.startsWith('run')),
                    rest.map((sibling) => sibling.id),
                );
                const at = rest.findIndex((sibling) => sibling.id === where.after);
                if (where.after === '' || where.pos === 'top') assert.equal(first, 0);
                else if (at >= 0) assert.equal(first, at + 1);
                else if (rest.every((sibling) => sibling.id !== where.before))
                    assert.equal(first, rest.length);
            },
        ),
        { numRuns: 1000 },
    );
});

test('a gap is renumbered only when it is used up', () => {
    const row = [
        { id: id(1), pos: POS_STEP },
        { id: id(2), pos: 2 * POS_STEP },
    ];
    for (let halvings = 0; ; halvings++) {
        const placed = placeFind(row, new Set(), { after: id(1) }, 1);
        if (placed.order !== undefined) {
            assert.ok(halvings > 50, `after ${halvings}`);
            assert.deepEqual(placed.order, [id(1), null, id(2)]);
            return;
        }
        row[1] = { id: id(2), pos: placed.pos[0] as number };
    }
});

const text = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '\u00e9', '\ud83c\udf89', '\ud83c\udf8a', '\ud83d\ude00'),
    maxLength: 12,
});

test('a difference turns one text into the other, back, and never splits a pair', () => {
    fc.assert(
        fc.property(text, text, (from, to) => {
            const delta = deltaDiff(from, to);
            assert.deepEqual(deltaOf(delta), delta);
            assert.equal(deltaApply(from, delta), to);
            const inverse = deltaInvert(from, delta);
            assert.deepEqual(deltaOf(inverse), inverse);
            assert.equal(deltaApply(to, inverse), from);
            for (const part of [...delta, ...inverse])
                if (typeof part === 'string')
                    assert.equal(new TextDecoder().decode(new TextEncoder().encode(part)), part);
        }),
        { numRuns: 2000 },
    );
});

test('canonical text is the same for the same value and reads back', () => {
    fc.assert(
        fc.property(fc.jsonValue(), (value) => {
            const json = value as Json;
            const once = canonical(json);
            assert.equal(canonical(JSON.parse(once) as Json), once);
        }),
    );
    assert.equal(
        canonical({
            b: -0,
            a: [1e21, 0.1, 5e-324],
            '\ue000': 1,
            '\ud83c\udf89': 2,
            gone: undefined,
        }),
        '{"a":[1e+21,0.1,5e-324],"b":0,"\ud83c\udf89":2,"\ue000":1}',
    );
});

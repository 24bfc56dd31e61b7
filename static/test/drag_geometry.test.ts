/** drag_geometry.test.ts - where a dragged card lands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beyond, collapse, edgeSpeed, gapOf, nearest } from '../src/views/drag_geometry';

const row = [40, 60, 40].map((size, index) => ({ at: [0, 48, 116][index] as number, size }));

test('a card passes another at half of its height, up and down alike', () => {
    assert.equal(gapOf(row, -5), 0);
    assert.equal(gapOf(row, 19), 0);
    assert.equal(gapOf(row, 21), 1);
    assert.equal(gapOf(row, 77), 1);
    assert.equal(gapOf(row, 79), 2);
    assert.equal(gapOf(row, 1000), 3);
    assert.equal(gapOf([], 10), 0);
});

test('a gap never moves backwards while the edge goes down', () => {
    const sizes = fc.array(fc.integer({ min: 20, max: 300 }), { maxLength: 40 });
    fc.assert(
        fc.property(sizes, fc.integer({ min: 0, max: 5000 }), (heights, edge) => {
            let at = 0;
            const rows = heights.map((size) => {
                const one = { at, size };
                at += size + 8;
                return one;
            });
            const gap = gapOf(rows, edge);
            assert.ok(gap <= gapOf(rows, edge + 10));
            assert.equal(gap, rows.filter((one) => one.at + one.size / 2 < edge).length);
        }),
    );
});

test('the placeholder takes no part: what stands behind it moves up', () => {
    const measured = [
        { at: 0, size: 40, placeholder: false },
        { at: 48, size: 90, placeholder: true },
        { at: 146, size: 60, placeholder: false },
    ];
    assert.deepEqual(collapse(measured, 8), [
        { at: 0, size: 40 },
        { at: 48, size: 60 },
    ]);
});

test('a thing that rests in its placeholder stays there', () => {
    fc.assert(
        fc.property(
            fc.array(fc.integer({ min: 20, max: 200 }), { minLength: 1, maxLength: 20 }),
            fc.nat(20),
            fc.integer({ min: 20, max: 200 }),
            (heights, index, height) => {
                const place = Math.min(index, heights.length);
                let at = 0;
                let edge = 0;
                const measured: { at: number; size: number; placeholder: boolean }[] = [];
                for (let i = 0; i <= heights.length; i++) {
                    if (i === place) {
                        measured.push({ at, size: height, placeholder: true });
                        edge = at;
                        at += height + 8;
                    }
                    if (i < heights.length) {
                        measured.push({ at, size: heights[i] as number, placeholder: false });
                        at += (heights[i] as number) + 8;
                    }
                }
                assert.equal(gapOf(collapse(measured, 8), edge), place);
            },
        ),
    );
});

test('the nearest list is the one under the pointer, or beside it', () => {
    const lists = [
        { at: 0, size: 100 },
        { at: 112, size: 100 },
    ];
    assert.equal(nearest(lists, -50), 0);
    assert.equal(nearest(lists, 105), 0);
    assert.equal(nearest(lists, 108), 1);
    assert.equal(nearest(lists, 999), 1);
    assert.equal(nearest([], 5), -1);
});

test('edges scroll faster the nearer they are, and not in the middle', () => {
    assert.equal(edgeSpeed(500, 0, 1000), 0);
    assert.ok(edgeSpeed(990, 0, 1000) > edgeSpeed(950, 0, 1000));
    assert.ok(edgeSpeed(10, 0, 1000) < 0);
    assert.equal(edgeSpeed(2000, 0, 1000), 20);
    assert.equal(edgeSpeed(15, 0, 30), 0);
    assert.equal(edgeSpeed(5, 10, 10), 0);
});

test('a slip is no drag', () => {
    assert.equal(beyond(4, 4, 6), false);
    assert.equal(beyond(5, 5, 6), true);
});

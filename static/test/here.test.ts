/** Who else is here: carets that move with the text, and rules that hold only what they should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Delta, deltaApply } from '../src/model/text';
import { rulesOf } from '../src/views/here';
import { placeAfter, type Seat } from '../src/views/here_state';

test('a caret stays at its letter, whatever changes around it', () => {
    const text = 'one two three';
    const cases: [number, Delta, boolean, number][] = [
        [4, ['zero '], false, 9],
        [4, [4, 'and '], false, 4], // somebody else's words: behind the caret
        [4, [4, 'and '], true, 8], // one's own: in front of it
        [4, [8, 'x'], true, 4],
        [4, [-4], false, 0],
        [4, [2, -6], false, 2],
        [4, [4, -4], true, 4],
        [4, ['ab', -4], false, 2],
        [13, [3, -4, 6, '!'], true, 10],
        [0, ['a'], false, 0],
        [0, ['a'], true, 1],
    ];
    for (const [place, delta, along, expected] of cases) {
        assert.notEqual(deltaApply(text, delta), undefined, JSON.stringify(delta));
        const what = `${place} ${JSON.stringify(delta)}`;
        assert.equal(placeAfter(place, delta, along), expected, what);
    }
});

const CARD = '5f0000000000000000000104';
const LIST = '5f0000000000000000000021';
const ADA = '5f00000000000000000000a1';
const BEA = '5f00000000000000000000b2';

const seat = (more: Partial<Seat>): Seat => ({
    sid: '1',
    idMember: BEA,
    card: undefined,
    field: undefined,
    sel: undefined,
    drag: undefined,
    idle: false,
    ...more,
});

const names = { name: () => 'Bea "B\\" }\n* {', initials: () => 'B"' };

test('marks name others only, quoted, and only by ids', () => {
    assert.equal(rulesOf([seat({})], ADA, names), '');
    assert.equal(rulesOf([seat({ idMember: ADA, card: CARD })], ADA, names), '');
    const marks = rulesOf([seat({ card: CARD, field: 'desc' })], ADA, names);
    assert.ok(marks.includes(`[data-card="${CARD}"] .face::after`));
    assert.ok(marks.includes('content:"B\\" …" / "Bea \\"B\\\\\\" } * { writes here"'), marks);
    for (const evil of ['x"]{}*{display:none}', `${CARD}"`, '', '../..'])
        assert.equal(
            rulesOf(
                [seat({ card: evil, drag: { card: evil, list: LIST, after: null } })],
                ADA,
                names,
            ),
            '',
        );
    const drag = { card: CARD, list: LIST, after: 'evil"]' };
    assert.ok(!rulesOf([seat({ drag })], ADA, names).includes('evil'));
});

/** make_vectors.ts - writes tests/vectors/*.json, which this client's tests and the server's
 * (tests/unit/core/test_vectors.c) both read.
 * Cases are chosen here by hand; `after` is what this client makes of them, and the server's test
 * says whether it makes the same. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply, type Effect } from '../src/model/apply';
import { Board } from '../src/model/board';
import { type Json, parse } from '../src/model/json';
import { type Place, placeFind } from '../src/model/place';
import { deltaApply, deltaDiff, deltaInvert, deltaOf, type Delta } from '../src/model/text';
import { deltaCompose, deltaTransform } from '../src/model/text_transform';

declare global {
    interface ImportMeta {
        readonly root: string;
    }
}

const id = (n: number) => `5f000000${n.toString(16).padStart(16, '0')}`;
const BOARD = id(1),
    A = id(2),
    B = id(3),
    RED = id(8),
    SKY = id(9),
    ANA = id(0xa),
    MEMBERSHIP = id(0xb);
const card = (n: number) => id(0x100 + n);

function boardWith(...effects: Effect[]): Board {
    const board = new Board();
    const first: Effect[] = [
        ['add', 'board', BOARD, { name: 'Vectors', shortLink: 'AbCd0123', idMemberCreator: ANA }],
        ['add', 'membership', MEMBERSHIP, { idMember: ANA, memberType: 'admin' }],
        ['add', 'list', A, { name: 'A', pos: 65536 }],
        ['add', 'list', B, { name: 'B', pos: 131072 }],
        ['add', 'label', RED, { name: 'urgent', color: 'red' }],
        ['add', 'label', SKY, { name: '', color: null }],
    ];
    apply(board, [...first, ...effects], 1);
    board.seq = 1;
    board.h = '00000000000000f1';
    return board;
}

const three: Effect[] = [1, 2, 3].map((n) => [
    'add',
    'card',
    card(n),
    { name: `card ${n}`, idList: A, pos: n * 65536, idShort: n, shortLink: `short00${n}` },
]);

const cases: [string, Board, Effect[][]][] = [
    [
        'an add gives every field its default',
        boardWith(),
        [
            [['add', 'card', card(1), { name: '', idList: A, pos: 1 }]],
            [['add', 'list', id(20), { name: 'L', pos: 3 }]],
        ],
    ],
    [
        'an add takes every field it is given',
        boardWith(),
        [
            [
                [
                    'add',
                    'card',
                    card(1),
                    {
                        address: 'Main St',
                        badges: { votes: 3 },
                        cardRole: 'link',
                        closed: true,
                        coordinates: { latitude: 59.3, longitude: 18.1 },
                        cover: { color: 'red', size: 'full' },
                        dateLastActivity: '2026-11-20T09:15:00.000Z',
                        due: '2026-12-01T10:00:00.000Z',
                        dueComplete: true,
                        dueReminder: -1,
                        idLabels: [SKY, RED],
                        idList: B,
                        idMembers: [ANA],
                        idMembersVoted: [ANA],
                        idShort: 17,
                        isTemplate: true,
                        locationName: 'Home',
                        name: 'all of it',
                        pos: 0.1,
                        shortLink: 'zZ019aBc',
                        start: '2026-11-30T00:00:00.000Z',
                    },
                ],
            ],
        ],
    ],
    [
        'names keep every kind of character',
        boardWith(...three),
        [
            [
                [
                    'set',
                    'card',
                    card(1),
                    {
                        name: 'S\u00f6k \ud83c\udf89 "quoted" \\ back\n\t\u0001 \u007f \u2028 <b>',
                    },
                ],
            ],
            [
                [
                    'set',
                    'card',
                    card(2),
                    { name: '\u0000'.replace('\u0000', '\u001f') + '\uffff\ue000\u0800' },
                ],
            ],
        ],
    ],
    [
        'numbers have one form',
        boardWith(...three),
        [
            [['set', 'card', card(1), { pos: 0.1 + 0.2 }]],
            [['set', 'card', card(2), { pos: 1e-7 }]],
            [['set', 'card', card(3), { pos: 4503599627370497.5 }]],
            [['set', 'list', A, { pos: 123456789012345.67 }]],
            [['set', 'list', B, { softLimit: -0.5, pos: 5e-324 }]],
        ],
    ],
    [
        'members of JSON fields are sorted by UTF-16 units',
        boardWith(...three),
        [
            [
                [
                    'set',
                    'card',
                    card(1),
                    {
                        cover: {
                            '\ue000': 1,
                            '\ud83c\udf89': 2,
                            b: [1, { z: null, a: true }],
                            a: {},
                            'a b': -0.0,
                            A: '\u00e9',
                        },
                    },
                ],
            ],
            [
                [
                    'set',
                    'board',
                    BOARD,
                    { prefs: { voting: 'members', background: 'blue', cardCovers: true } },
                ],
            ],
        ],
    ],
    [
        'a set changes only what it names',
        boardWith(...three),
        [
            [['set', 'card', card(2), { name: 'two' }]],
            [['set', 'card', card(2), { due: '2026-12-24T18:00:00.000Z' }]],
            [['set', 'card', card(2), { due: null }]],
        ],
    ],
    [
        'one value for many ids, and one each',
        boardWith(...three),
        [
            [['set', 'card', [card(3), card(1)], { idList: B, pos: [5, 6.5], closed: true }]],
            [
                [
                    'set',
                    'card',
                    [card(1), card(2)],
                    { cover: [{ color: 'sky' }, null], name: 'same' },
                ],
            ],
            [['set', 'card', [card(1), card(2)], { idLabels: [[RED], []] }]],
        ],
    ],
    [
        'a move and a renumbering in one event',
        boardWith(...three),
        [
            [
                ['set', 'card', [card(1), card(2), card(3)], { pos: [65536, 196608, 262144] }],
                [
                    'set',
                    'card',
                    card(3),
                    { idList: A, pos: 131072, dateLastActivity: '2026-11-20T10:00:00.000Z' },
                ],
            ],
        ],
    ],
    [
        'equal positions stand by id',
        boardWith(...three),
        [[['set', 'card', [card(3), card(1), card(2)], { pos: 7 }]]],
    ],
    [
        'null where no null may be is the default',
        boardWith(...three),
        [[['set', 'card', card(1), { idList: null, name: 'nowhere' }]]],
    ],
    [
        'a tag goes to the end, once',
        boardWith(...three),
        [
            [['tag', 'card', card(1), 'idLabels', RED, 1]],
            [['tag', 'card', card(1), 'idLabels', SKY, 1]],
            [['tag', 'card', card(1), 'idLabels', RED, 1]],
            [['tag', 'card', [card(1), card(2)], 'idLabels', RED, 0]],
            [['tag', 'card', card(3), 'idMembers', ANA, 1]],
        ],
    ],
    [
        'a label leaves its cards and goes',
        boardWith(...three),
        [
            [['tag', 'card', [card(1), card(3)], 'idLabels', RED, 1]],
            [
                ['tag', 'card', [card(1), card(3)], 'idLabels', RED, 0],
                ['del', 'label', RED],
            ],
        ],
    ],
    [
        'deleted objects are gone',
        boardWith(...three),
        [
            [['del', 'card', [card(1), card(3)]]],
            [['del', 'list', B]],
            [['del', 'membership', MEMBERSHIP]],
        ],
    ],
    [
        'an id comes back after its delete',
        boardWith(...three),
        [
            [['del', 'card', card(1)]],
            [['add', 'card', card(1), { name: 'again', idList: B, pos: 9 }]],
        ],
    ],
    [
        'a text effect changes only s',
        boardWith(...three),
        [
            [['txt', 'card', card(1), 'desc', ['hello']]],
            [['txt', 'card', card(1), 'desc', [5, ' world']]],
            [['txt', 'board', BOARD, 'desc', ['x']]],
        ],
    ],
    [
        'an effect sees the one before it',
        boardWith(),
        [
            [
                ['add', 'list', id(30), { name: 'new', pos: 1 }],
                ['add', 'card', card(9), { name: 'in it', idList: id(30), pos: 1 }],
                ['set', 'card', card(9), { name: 'in it now' }],
                ['tag', 'card', card(9), 'idLabels', SKY, 1],
                ['del', 'list', B],
            ],
        ],
    ],
    [
        'a board that is deleted leaves its objects',
        boardWith(...three),
        [[['set', 'board', BOARD, { closed: true }]], [['del', 'board', BOARD]]],
    ],
];

const effects = cases.map(([name, board, events]) => {
    const before = parse(board.canonical()) as Json;
    const list = events.map((e, i) => ({
        b: BOARD,
        s: 2 + i,
        by: i % 2 === 0 ? ANA : null,
        ts: 1700000000000 + i,
        e,
        h: `00000000000000${(0x10 + i).toString(16)}`,
    }));
    for (const event of list) {
        apply(board, event.e, event.s);
        board.seq = event.s;
        board.h = event.h;
    }
    return { name, before, events: list, after: parse(board.canonical()) };
});

function rows(...positions: number[]): [string, number][] {
    return positions.map((pos, i) => [card(i + 1), pos]);
}

const even = rows(65536, 131072, 196608);
const placeCases: [string, [string, number][], Place, string | null, number][] = [
    ['the first of a list', [], {}, null, 1],
    ['the end', even, {}, null, 1],
    ['the end by name', even, { pos: 'bottom' }, null, 2],
    ['the top', even, { pos: 'top' }, null, 1],
    ['the top, three', even, { after: '' }, null, 3],
    ['the top of a list that begins low', rows(5e-324, 1), { pos: 'top' }, null, 1],
    ['behind the first', even, { after: card(1) }, null, 1],
    ['behind the last', even, { after: card(3) }, null, 2],
    ['before, where after is gone', even, { after: card(77), before: card(2) }, null, 1],
    ['before alone', even, { before: card(1) }, null, 1],
    ['neither is there', even, { after: card(77), before: card(78) }, null, 1],
    ['a number, verbatim', even, { pos: 100000.25 }, null, 1],
    ['a number that ties', even, { pos: 131072 }, null, 1],
    ['a number, then others', even, { pos: 131072 }, null, 2],
    ['a number at the end', even, { pos: 9e15 }, null, 1],
    ['behind itself', even, { after: card(2) }, card(2), 1],
    ['itself does not count', even, { after: card(1) }, card(2), 1],
    ['thirds', rows(1, 2), { after: card(1) }, null, 2],
    ['sevenths', rows(0.1, 0.3), { after: card(1) }, null, 6],
    ['a gap of equal ones', rows(5, 5, 5), { after: card(1) }, null, 1],
    ['a gap without a number in it', rows(1, 1 + 2 ** -52), { after: card(1) }, null, 1],
    ['a gap for one and not for two', rows(1, 1 + 2 ** -51), { after: card(1) }, null, 2],
    ['at the end of all numbers', rows(2 ** 53 - 65536), {}, null, 1],
    ['just before it', rows(2 ** 53 - 65536 * 3), {}, null, 2],
    ['a run too long for the numbers', rows(2 ** 53 - 65536 * 3), {}, null, 3],
    ['a number with no room behind', rows(1, 1 + 2 ** -52), { pos: 1 }, null, 2],
];
const places = placeCases.map(([name, siblings, place, self, run]) => {
    const placed = placeFind(
        siblings.map(([sid, pos]) => ({ id: sid, pos })),
        new Set(self === null ? [] : [self]),
        place,
        run,
    );
    return { name, siblings, place, self, run, ...placed };
});

const texts: [string, string, Delta][] = [
    ['an insert into nothing', '', ['hello']],
    ['at the end', 'hello', [5, ' world']],
    ['at the head', 'world', ['hello ']],
    ['a delete', 'hello', [1, -3]],
    ['a replacement', 'hello', [1, 'ipp', -3]],
    ['all', 'hello', ['x', -5]],
    ['around a pair', 'a\ud83c\udf89b', [1, -2]],
    ['behind a pair', 'a\ud83c\udf89b', [3, '!']],
    ['into a pair', 'a\ud83c\udf89b', [2, '!']],
    ['half a pair', 'a\ud83c\udf89b', [1, -1]],
    ['beyond the end', 'abc', [4, 'x']],
    ['too long a delete', 'abc', [-4]],
    ['nothing', 'abc', []],
    ['several', 'one two three', [4, 'TWO', -3, 1, -5]],
    ['wide letters', 'S\u00f6k \u2028', [1, -1, 2, '\u00e5']],
];
const applied = texts.map(([name, text, delta]) => {
    const after = deltaApply(text, delta);
    return {
        name,
        text,
        delta,
        after: after ?? null,
        inverse: after === undefined ? null : deltaInvert(text, delta),
    };
});
const forms: [string, Json][] = [
    ['no array', 'x'],
    ['an empty text', ['']],
    ['a zero', [0]],
    ['a fraction', [1.5, 'x']],
    ['two texts', ['a', 'b']],
    ['two retains', [1, 2, 'x']],
    ['two deletes', [-1, -1]],
    ['an insert behind a delete', [-1, 'x']],
    ['a retain at the end', ['x', 3]],
    ['a retain between', ['x', 3, -1]],
    ['nothing', []],
    ['a null', [null]],
];
const read = forms.map(([name, delta]) => ({ name, delta, good: deltaOf(delta) !== undefined }));
const pairs: [string, string][] = [
    ['', ''],
    ['', 'a'],
    ['a', ''],
    ['abc', 'abc'],
    ['abc', 'axc'],
    ['aaa', 'aaaa'],
    ['a\ud83c\udf89b', 'a\ud83c\udf8ab'],
    ['\ud83c\udf89', '\ud83d\udf89'],
    ['x\ud83c\udf89\ud83c\udf89', 'x\ud83c\udf89'],
    ['caf\u00e9', 'cafe'],
    ['one two', 'two one'],
];
const diffs = pairs.map(([from, to]) => ({ from, to, delta: deltaDiff(from, to) }));

const moves: [string, Delta, Delta][] = [
    ['inserts apart', ['a'], [3, 'b']],
    ['inserts at one spot', [2, 'a'], [2, 'bc']],
    ['a wide insert at one spot', ['a'], ['\ud83c\udf89']],
    ['an insert into what goes', [3, 'a'], [-5]],
    ['inserts around what goes', ['a', 5, 'b'], [-5]],
    ['an insert splits a delete', [-4], [2, 'x']],
    ['inserts split a delete', [-6], [1, 'x', 2, 'y', 3, 'z']],
    ['the same delete', [1, -3], [1, -3]],
    ['deletes that overlap', [-4], [2, -4]],
    ['a delete in a delete', [-6], [2, -2]],
    ['replacements at one spot', [1, 'a', -2], [1, 'b', -2]],
    ['what stands between goes', [1, 'a', -1, 1, 'b', -1], [-4]],
    ['behind the end of the other', [9, 'a', -1], [1, 'b']],
    ['nothing', [], ['x', -1]],
    ['over nothing', [1, 'x'], []],
];
const moved = moves.map(([name, delta, over]) => ({
    name,
    delta,
    over,
    first: deltaTransform(delta, over, true),
    second: deltaTransform(delta, over, false),
}));
const follow: [string, Delta, Delta][] = [
    ['insert, then behind it', ['ab'], [2, 'c']],
    ['insert, then in it', ['ab'], [1, 'c']],
    ['insert, then gone', [2, 'ab'], [2, -2]],
    ['insert, then half of it gone', [2, 'abc'], [3, -1]],
    ['insert, then more than it gone', [2, 'abc'], [1, -5]],
    ['delete, then insert there', [2, -2], [2, 'x']],
    ['delete, then delete there', [2, -2], [2, -2]],
    ['delete around what is kept, then that', [-1, 1, -1], [-1]],
    ['a pair is cut', ['\ud83c\udf89'], [1, 'x']],
    ['half a pair goes', [1, '\ud83c\udf89'], [2, -1]],
    ['a pair goes', [1, '\ud83c\udf89'], [1, -2]],
    ['nothing first', [], [1, 'x']],
    ['nothing then', [1, 'x'], []],
];
const both = follow.map(([name, delta, then]) => ({
    name,
    delta,
    then,
    both: deltaCompose(delta, then) ?? null,
}));

function write(name: string, value: object[] | object): void {
    const folder = join(import.meta.root, 'tests', 'vectors');
    mkdirSync(folder, { recursive: true });
    const text = Array.isArray(value)
        ? `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`
        : `${JSON.stringify(value, null, 1)}\n`;
    writeFileSync(
        join(folder, name),
        text.replace(
            /[\u007f-\uffff]/g,
            (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
    );
    console.log(`${name}: ${Array.isArray(value) ? value.length : 0} cases`);
}

write('effects.json', effects);
write('place.json', places);
write('text_apply.json', applied);
write('text_read.json', read);
write('text_diff.json', diffs);
write('text_transform.json', moved);
write('text_compose.json', both);

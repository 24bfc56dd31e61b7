/** The client's half of two comparisons; the last line is `N passed, N failed`.
 *
 *   differential   with the server's C (tests/differential/differential.c), over a pipe: what a
 *                  delta does, how deltas move and join, where things are placed
 *   oracle         with other people's code: ot-text-unicode, and the vectors of ot-text
 *
 * TAVLA_COUNT random cases from TAVLA_SEED. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TextOp, type as oracle } from 'ot-text-unicode';
import type { Json } from '../src/model/json';
import { type Place, placeFind } from '../src/model/place';
import { type Delta, deltaApply, deltaDiff, deltaInvert, type Part } from '../src/model/text';
import { deltaCompose, deltaTransform } from '../src/model/text_transform';

let state = Number(process.env.TAVLA_SEED ?? 1);

/** mulberry32 */
function random(below: number): number {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
}

function pick<T>(list: readonly T[]): T {
    return list[random(list.length)] as T;
}

const LETTERS = ['a', 'b', ' ', '\n', '"', '\u0001', '\u00e9', '\u20ac', '\uffff', '\ud83c\udf89'];
const PAIRS = ['\ud83c\udf89', '\ud83c\udf88', '\ud83d\ude00'];

function letters(max: number): string[] {
    const from = random(3) === 0 ? PAIRS : LETTERS;
    return Array.from({ length: random(max + 1) }, () => pick(from));
}

/** On whole characters, in canonical form; now and then longer than the text, or inside a pair. */
function delta(text: readonly string[], mayBeWrong: boolean): Delta {
    const parts: Part[] = [];
    let at = 0;
    const some = (): number => {
        const from = at;
        at = Math.min(text.length, at + random(4));
        return text.slice(from, at).join('').length;
    };
    while (at < text.length || parts.length === 0) {
        const kept = some();
        const insert = letters(2).join('');
        const gone = random(2) === 0 ? some() : 0;
        if (kept > 0) parts.push(kept);
        if (insert !== '') parts.push(insert);
        if (gone > 0) parts.push(-gone);
        if (kept === 0 && insert === '' && gone === 0) break;
    }
    if (mayBeWrong && random(4) === 0) parts.push(random(2) === 0 ? -1 - random(3) : 1, 'x');
    return deltaCompose([], parts) ?? [];
}

/* -- against the server's */

function id(n: number): string {
    return n.toString(16).padStart(24, '5');
}

function place(): Place {
    const some = (): string => (random(8) === 0 ? '' : id(random(14)));
    switch (random(5)) {
        case 0:
            return {};
        case 1:
            return { pos: pick(['top', 'bottom'] as const) };
        case 2:
            return { pos: 1 + random(9) / 4 };
        case 3:
            return { before: id(random(14)) };
        default:
            return { after: some(), before: id(random(14)) };
    }
}

function placeCase(): { line: Json; expected: Json } {
    const step = pick([65536, 1, 0, 2 ** -51]);
    const siblings = Array.from({ length: random(9) }, (_, i) => ({
        id: id(i + 1),
        pos: 1 + random(4) / 3 + step * i,
    })).sort((a, b) => a.pos - b.pos || (a.id < b.id ? -1 : 1));
    const self = random(2) === 0 ? null : id(1 + random(9));
    const run = 1 + random(3);
    const where = place();
    const placed = placeFind(siblings, new Set(self === null ? [] : [self]), where, run);
    return {
        line: [
            'place',
            siblings.map((one) => [one.id, one.pos]),
            where as Json,
            siblings.some((one) => one.id === self) ? self : null,
            run,
        ],
        expected: placed as unknown as Json,
    };
}

function differentialCase(): { line: Json; expected: Json } {
    const text = letters(14);
    const whole = text.join('');
    const a = delta(text, false);
    switch (random(6)) {
        case 0: {
            const d = delta(text, true);
            const after = deltaApply(whole, d);
            const expected = after === undefined ? null : [after, deltaInvert(whole, d)];
            return { line: ['apply', whole, d], expected };
        }
        case 1: {
            const to = random(2) === 0 ? (deltaApply(whole, a) as string) : letters(14).join('');
            return { line: ['diff', whole, to], expected: deltaDiff(whole, to) };
        }
        case 2: {
            const b = delta([...(deltaApply(whole, a) as string)], true);
            return { line: ['compose', a, b], expected: deltaCompose(a, b) ?? null };
        }
        case 3:
            return placeCase();
        default: {
            const b = delta(text, true);
            const expected = [deltaTransform(a, b, true), deltaTransform(a, b, false)];
            return { line: ['transform', a, b], expected };
        }
    }
}

function sorted(value: Json): string {
    return JSON.stringify(value);
}

function differential(count: number): number {
    const cases = Array.from({ length: count }, differentialCase);
    const folder = process.env.TAVLA_BUILD_DIR ?? join(import.meta.root, 'build-plain');
    const run = spawnSync(join(folder, 'tests/differential/differential'), {
        input: cases.map(({ line }) => `${JSON.stringify(line)}\n`).join(''),
        encoding: 'utf8',
        maxBuffer: 1 << 30,
    });
    const answers = run.stdout.split('\n').slice(0, -1);
    if (run.status !== 0 || answers.length !== count) {
        console.log(`the server's half ended with ${run.status}: ${run.stderr}`);
        console.log(`behind ${JSON.stringify(cases[answers.length]?.line)}`);
        return count - answers.length;
    }
    let wrong = 0;
    for (const [i, { line, expected }] of cases.entries()) {
        const got = sorted(JSON.parse(answers[i] as string) as Json);
        if (got === sorted(expected)) continue;
        if (wrong++ < 5)
            console.log(`${JSON.stringify(line)}\n  C  ${got}\n  JS ${sorted(expected)}`);
    }
    return wrong;
}

/* -- against others' */

/** Theirs counts code points where ours counts UTF-16 units; both are right on the same text. */
function toTheirs(text: string, ours: Delta): TextOp {
    let at = 0;
    return ours.map((part) => {
        if (typeof part === 'string') return part;
        const end = at + Math.abs(part);
        const points = [...text.slice(at, end)].length;
        at = end;
        return part > 0 ? points : { d: points };
    });
}

/** And theirs leaves open whether an insert or a delete of one spot comes first. */
function toOurs(text: string, theirs: TextOp): Delta {
    const points = [...text];
    let at = 0;
    const units = (count: number): number => {
        at += count;
        return points.slice(at - count, at).join('').length;
    };
    const parts = theirs.map((part): Part => {
        if (typeof part === 'string') return part;
        if (typeof part === 'number') return units(part);
        return -units(typeof part.d === 'number' ? part.d : [...part.d].length);
    });
    return deltaCompose([], parts) as Delta;
}

function oracleCase(): string | undefined {
    const text = letters(14);
    const whole = text.join('');
    const a = delta(text, false);
    const b = delta(text, false);
    const then = deltaApply(whole, a) as string;
    const other = deltaApply(whole, b) as string;
    const next = delta([...then], false);
    const rows: [string, Json, Json][] = [
        ['apply', then, oracle.apply(whole, toTheirs(whole, a))],
        [
            'compose',
            deltaCompose(a, next) as Delta,
            toOurs(whole, oracle.compose(toTheirs(whole, a), toTheirs(then, next))),
        ],
    ];
    for (const side of ['left', 'right'] as const) {
        const theirs = oracle.transform(toTheirs(whole, a), toTheirs(whole, b), side);
        rows.push([side, deltaTransform(a, b, side === 'left'), toOurs(other, theirs)]);
    }
    const wrong = rows.find(([, ours, theirs]) => sorted(ours) !== sorted(theirs));
    return wrong && JSON.stringify({ text: whole, a, b, next, wrong });
}

/** ot-text's own vectors: op, other, side, result, a line each. */
function vectors(): { count: number; wrong: number } {
    const path = createRequire(import.meta.url).resolve('ot-text/test/text-transform-tests.json');
    const lines = readFileSync(path, 'utf8').split('\n');
    const read = (line: string): Delta => {
        type Old = number | { i?: string; d?: string };
        const parts = (JSON.parse(line) as Old[]).map((part): Part => {
            if (typeof part === 'number') return part;
            return part.i ?? -(part.d as string).length;
        });
        return deltaCompose([], parts) as Delta;
    };
    let count = 0;
    let wrong = 0;
    for (let i = 0; i + 3 < lines.length; i += 4, count++) {
        const four = lines.slice(i, i + 4) as [string, string, string, string];
        const [op, over, side, expected] = four;
        const got = deltaTransform(read(op), read(over), side === 'left');
        if (sorted(got) === sorted(read(expected))) continue;
        wrong++;
        console.log(`${op} over ${over}, ${side}: ${sorted(got)}, not ${expected}`);
    }
    return { count, wrong };
}

function others(count: number): number {
    let wrong = 0;
    for (let i = 0; i < count; i++) {
        const said = oracleCase();
        if (said !== undefined && wrong++ < 5) console.log(said);
    }
    return wrong;
}

const count = Number(process.env.TAVLA_COUNT ?? 1000);
if (process.argv[2] === 'oracle') {
    const known = vectors();
    const wrong = known.wrong + others(count);
    console.log(`${known.count} vectors of ot-text, ${count} cases of ot-text-unicode`);
    console.log(`${known.count + count - wrong} passed, ${wrong} failed`);
    process.exitCode = wrong > 0 ? 1 : 0;
} else {
    const wrong = differential(count);
    console.log(`${count - wrong} passed, ${wrong} failed`);
    process.exitCode = wrong > 0 ? 1 : 0;
}

/** What is fetched to run and to build: the sizes of the client, and packages that the oldest node
 * we promise can run. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

interface Sizes {
    readonly [part: string]: number;
}

interface Measuring {
    readonly RECORD: string;
    measure(): Sizes;
    overBudget(sizes: Sizes): string[];
    grown(sizes: Sizes, recorded: Sizes): string[];
}

const root = import.meta.root;
const sizes = (await import(join(root, 'static/build/sizes.mjs'))) as Measuring;

/* -- sizes */

const built = existsSync(join(root, 'static/dist/files.json'));

test('the client is within its budgets, and no larger than recorded', { skip: !built }, () => {
    const now = sizes.measure();
    assert.deepEqual(sizes.overBudget(now), []);
    const recorded = JSON.parse(readFileSync(sizes.RECORD, 'utf8')) as Sizes;
    const again = 'if it is worth that: node static/build/sizes.mjs --record';
    assert.deepEqual(sizes.grown(now, recorded), [], again);
});

test('a part that outgrows its budget, or its record by 3 %, is told', () => {
    const fits = { script: 45_000, style: 12_000, editor: 110_000, rest: 30_000 };
    assert.deepEqual(sizes.overBudget(fits), []);
    assert.equal(sizes.overBudget({ ...fits, script: 45_001, editor: 110_001 }).length, 2);
    assert.equal(sizes.overBudget({ ...fits, editor: 0 }).length, 1, 'a part that is not found');
    assert.deepEqual(sizes.grown({ ...fits, rest: 30_900 }, fits), []);
    assert.equal(sizes.grown({ ...fits, rest: 30_901 }, fits).length, 1);
    assert.equal(sizes.grown({ ...fits, more: 1 }, fits).length, 1, 'a part without a record');
});

/* -- packages */

const OLDEST = [18, 19, 0]; // Debian 12's

interface Package {
    readonly engines?: { readonly node?: string } | readonly string[];
    readonly optional?: boolean;
    readonly os?: readonly string[];
    readonly cpu?: readonly string[];
}

/** "18.x" -> [18], "*" -> []. */
function partsOf(version: string): number[] {
    const parts = version.replace(/^[v=]+/, '').split(/[-+]/)[0]?.split('.') ?? [];
    const end = parts.findIndex((part) => !/^\d+$/.test(part));
    return (end < 0 ? parts : parts.slice(0, end)).map(Number);
}

/** Below, within or above what stands there: 18.19.0 is within 18, and above 17. */
function compare(version: readonly number[], to: readonly number[]): number {
    for (const [i, part] of to.entries()) {
        const difference = (version[i] ?? 0) - part;
        if (difference !== 0) return Math.sign(difference);
    }
    return 0;
}

function admitsOne(version: readonly number[], comparator: string): boolean {
    const [, operator = '', rest = ''] = /^(>=|<=|>|<|\^|~>?|=)?(.*)$/.exec(comparator) ?? [];
    const to = partsOf(rest);
    const order = compare(version, to);
    switch (operator) {
        case '>=':
            return order >= 0;
        case '>':
            return order > 0;
        case '<=':
            return order <= 0;
        case '<':
            return order < 0;
        case '^': // no major version of node was 0 for long
            return order >= 0 && version[0] === to[0];
        case '~':
        case '~>':
            return order >= 0 && compare(version, to.slice(0, 2)) === 0;
        default:
            return order === 0;
    }
}

/** npm's ranges: alternatives by ||, each some comparators or `from - to`. */
function admits(version: readonly number[], range: string): boolean {
    return range.split('||').some((alternative) => {
        const text = alternative
            .trim()
            .replace(/^(\S+) - (\S+)$/, '>=$1 <=$2')
            .replace(/(>=|<=|>|<|\^|~>?|=)\s+/g, '$1');
        return text.split(/\s+/).every((comparator) => admitsOne(version, comparator));
    });
}

/** A package that npm does not install here, because it is for another kind of machine. */
function isElsewhere(found: Package): boolean {
    const without = (names: readonly string[] | undefined, ours: string) =>
        names !== undefined && !names.includes(ours) && !names.some((name) => name.startsWith('!'));
    return found.optional === true && (without(found.os, 'linux') || without(found.cpu, 'x64'));
}

test('ranges are read as npm reads them', () => {
    const yes = ['>=18', '>= 18', '*', '', '18', '18.x', '^18.0.0 || ^20.0.0 || >=22', '~18.19'];
    const no = ['>=20', '>18', '<18', '^20.0.0', '16 || 20', '>=18.20', '~18.18', '^18.19.1'];
    for (const range of [...yes, '>=14 <21', '16 - 20', '>=0.10.0', '>=18.19.0', '<=18'])
        assert.ok(admits(OLDEST, range), range);
    for (const range of [...no, '>=12 <18', '14 - 17', '>=18.19.1'])
        assert.ok(!admits(OLDEST, range), range);
});

for (const folder of ['static', 'tests/browser', 'tests/socket']) {
    test(`every package of ${folder} runs on Debian 12's node`, () => {
        const lock = JSON.parse(readFileSync(join(root, folder, 'package-lock.json'), 'utf8')) as {
            packages: Record<string, Package>;
        };
        const refusing: string[] = [];
        for (const [name, found] of Object.entries(lock.packages)) {
            const range =
                found.engines !== undefined && 'node' in found.engines
                    ? found.engines.node
                    : undefined;
            if (range === undefined || isElsewhere(found)) continue;
            if (!admits(OLDEST, range)) refusing.push(`${name}: ${range}`);
        }
        assert.deepEqual(refusing, []);
        assert.ok(Object.keys(lock.packages).length > 1);
    });
}

/** What a browser has to fetch, gzip bytes: measured in dist, held against budgets and against
 * sizes.json, what it was when it was last recorded.
 *
 *   node build/sizes.mjs             prints it
 *   node build/sizes.mjs --record    after a growth that is worth it: writes test/sizes.json */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const RECORD = join(root, 'test', 'sizes.json');
export const GROWTH_MAX = 0.03;

/** script, style: what index.html itself asks for. editor: the largest of what comes later. rest:
 * all that comes later beside it. */
export const BUDGETS = { script: 45_000, style: 12_000, editor: 110_000 };

/** @returns {{script: number, style: number, editor: number, rest: number}} gzip bytes */
export function measure(dist = join(root, 'dist')) {
    const files = JSON.parse(readFileSync(join(dist, 'files.json'), 'utf8'));
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    const first = new Set([...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path));
    const sizes = { script: 0, style: 0, editor: 0, rest: 0 };
    for (const [path, { gz, bytes }] of Object.entries(files)) {
        const size = gz || bytes;
        if (first.has(path) && path.endsWith('.js')) sizes.script += size;
        else if (first.has(path) && path.endsWith('.css')) sizes.style += size;
        else if (/^\/assets\/editor-[^/]*\.js$/.test(path)) sizes.editor += size;
        else sizes.rest += size;
    }
    return sizes;
}

/** @returns {string[]} what is over a budget */
export function overBudget(sizes) {
    return Object.entries(BUDGETS)
        .filter(([part, most]) => !(sizes[part] > 0 && sizes[part] <= most))
        .map(([part, most]) => `${part}: ${sizes[part]} bytes, the budget is ${most}`);
}

/** @returns {string[]} what grew by more than GROWTH_MAX since it was recorded */
export function grown(sizes, recorded) {
    return Object.entries(sizes)
        .filter(([part, size]) => !(size <= recorded[part] * (1 + GROWTH_MAX)))
        .map(([part, size]) => `${part}: ${size} bytes, recorded were ${recorded[part]}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const sizes = measure();
    if (process.argv.includes('--record'))
        writeFileSync(RECORD, `${JSON.stringify(sizes, null, 4)}\n`);
    console.log(sizes);
}

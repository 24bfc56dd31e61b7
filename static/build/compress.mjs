/** After `vite build`: the worker, which has to know all the files; a .br and a .gz beside every
 * file that shrinks; and dist/files.json, the table from which the server embeds and serves them:
 * {path: {type, bytes, etag, immutable, gz, br}}. Output depends on the input alone, so that builds
 * can be compared. */
import { buildSync } from 'esbuild';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { measure, overBudget } from './sizes.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
    '.ico': 'image/x-icon',
    '.woff2': 'font/woff2',
    '.webmanifest': 'application/manifest+json',
    '.txt': 'text/plain; charset=utf-8',
};
const dense = new Set(['.png', '.woff2']);

/** @param {string} folder @returns {string[]} */
function walk(folder) {
    return readdirSync(folder, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) =>
            entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
        );
}

/** @param {string} name @param {Buffer} packed @param {number} plain */
function keep(name, packed, plain) {
    if (packed.length >= plain) return 0;
    writeFileSync(name, packed);
    return packed.length;
}

/** @param {string} name */
function pathOf(name) {
    return `/${relative(dist, name).split(sep).join('/')}`;
}

/** dist/sw.js: another file whenever anything beside it is. */
function makeWorker() {
    const names = walk(dist);
    const version = createHash('sha256');
    for (const name of names) version.update(pathOf(name)).update(readFileSync(name));
    const kept = names.map(pathOf).filter((path) => path !== '/index.html');
    buildSync({
        entryPoints: [join(dist, '..', 'src', 'worker', 'worker.ts')],
        outfile: join(dist, 'sw.js'),
        bundle: true,
        minify: true,
        format: 'iife',
        target: 'es2022',
        define: {
            FILES: JSON.stringify(kept),
            VERSION: JSON.stringify(version.digest('hex').slice(0, 16)),
        },
        logLevel: 'warning',
    });
}

// vite's own: files.json says what the server has to know
rmSync(join(dist, 'manifest.json'), { force: true });
makeWorker();
const files = {};
for (const name of walk(dist)) {
    const path = pathOf(name);
    const extension = extname(name);
    const type = types[extension];
    if (type === undefined) throw new Error(`${path}: no content type is known for ${extension}`);
    const bytes = readFileSync(name);
    const packed = !dense.has(extension);
    files[path] = {
        type,
        bytes: bytes.length,
        etag: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
        immutable: path.startsWith('/assets/'),
        gz: packed ? keep(`${name}.gz`, gzipSync(bytes, { level: 9 }), bytes.length) : 0,
        br: packed
            ? keep(
                  `${name}.br`,
                  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
                  bytes.length,
              )
            : 0,
    };
}
writeFileSync(join(dist, 'files.json'), `${JSON.stringify(files, null, 1)}\n`);

const html = readFileSync(join(dist, 'index.html'), 'utf8');
if (/<script(?![^>]*\bsrc=)|<style|\son\w+=/i.test(html))
    throw new Error('index.html holds inline script or style: the CSP refuses it');
const sizes = measure(dist);
console.log(
    Object.entries(sizes)
        .map(([part, size]) => `${part} ${(size / 1000).toFixed(1)} kB`)
        .join(', ') + ` gzip; ${Object.keys(files).length} files`,
);
const over = overBudget(sizes);
if (over.length > 0) throw new Error(`over budget: ${over.join('; ')}`);

/** Bundles TypeScript for node, next to node_modules so that packages are found. */
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string[]} files below static/ @param {string} name of the folder @returns
 * {Promise<string[]>} the bundles */
export async function bundle(files, name) {
    const out = join(root, 'node_modules', '.cache', 'tavla', name);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const result = await build({
        entryPoints: files.map((file) => join(root, file)),
        outdir: out,
        outbase: join(root, 'test'),
        outExtension: { '.js': '.mjs' },
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node18',
        packages: 'external',
        sourcemap: 'inline',
        metafile: true,
        define: { 'import.meta.root': JSON.stringify(join(root, '..')) },
        logLevel: 'warning',
    });
    return Object.keys(result.metafile.outputs).map((file) => join(process.cwd(), file));
}

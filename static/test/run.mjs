/** Runs test/*.test.ts with node's own runner; the last line is `N passed, N failed`. Arguments:
 * names of tests, `--write-vectors`. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, root } from './bundle.mjs';

const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
if (process.argv.includes('--write-vectors')) {
    const [main] = await bundle(['test/make_vectors.ts'], 'vectors');
    await import(main);
} else {
    const files = readdirSync(join(root, 'test'))
        .filter((file) => file.endsWith('.test.ts'))
        .filter((file) => names.length === 0 || names.some((name) => file.startsWith(name)));
    const bundles = await bundle(
        files.map((file) => join('test', file)),
        'test',
    );
    const run = spawnSync(
        process.execPath,
        ['--enable-source-maps', '--test', '--test-reporter=tap', ...bundles],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const count = (what) => Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(run.stdout)?.[1] ?? 0);
    if (run.status !== 0) process.stdout.write(run.stdout + run.stderr);
    else
        for (const [, name] of run.stdout.matchAll(/^ *ok \d+ - (.*)$/gm))
            if (!name.endsWith('.mjs')) console.log(`ok ${name}`);
    const failed = Math.max(count('fail'), run.status === 0 ? 0 : 1);
    console.log(`${count('pass')} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
}

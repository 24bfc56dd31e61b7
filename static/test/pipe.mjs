/** The client without a browser: see pipe_main.ts. `node test/pipe.mjs`, lines in, lines out. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundle } from './bundle.mjs';

const [main] = await bundle(['test/pipe_main.ts'], `pipe-${process.pid}`);
process.on('exit', () => rmSync(dirname(main), { recursive: true, force: true }));
await import(main);

/** The client without a browser: see pipe_main.ts. `node test/pipe.mjs`, lines in, lines out. */
import { bundle } from './bundle.mjs';

const [main] = await bundle(['test/pipe_main.ts'], `pipe-${process.pid}`);
await import(main);

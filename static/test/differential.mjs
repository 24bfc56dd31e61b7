/** See differential.ts. `node test/differential.mjs [oracle]` */
import { bundle } from './bundle.mjs';

const [main] = await bundle(['test/differential.ts'], `differential-${process.pid}`);
await import(main);

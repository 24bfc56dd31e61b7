/** vectors.ts - the cases in tests/vectors, which the server's tests read, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

declare global {
    interface ImportMeta {
        readonly root: string;
    }
}

export function vectors<T>(name: string): T[] {
    return JSON.parse(
        readFileSync(join(import.meta.root, 'tests', 'vectors', name), 'utf8'),
    ) as T[];
}

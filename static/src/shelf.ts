/** shelf.ts - what is one's own: the boards one is on, stars, and what is watched. It is the same
 * on every device and on no board's stream; own.ts hears it on a stream of its own. */
import { signal } from '@preact/signals';
import type { Id } from './model/id';
import type { JsonObject } from './model/json';
import type { Store } from './store';

export interface Shelf {
    /** Its place among the stars. */
    readonly star: number | null;
    readonly watched: ReadonlySet<Id>;
}

export interface Own {
    /** Nothing newer is known to be on its way. */
    readonly live: boolean;
    readonly boards: ReadonlyMap<Id, JsonObject>;
    readonly shelves: ReadonlyMap<Id, Shelf>; // by board
}

export const own = signal<Own | undefined>(undefined);

/** undefined: not known yet. */
export function isStarred(store: Store): boolean | undefined {
    const now = own.value;
    return now?.boards.has(store.id) === true
        ? typeof now.shelves.get(store.id)?.star === 'number'
        : undefined;
}

export function isWatched(store: Store, id: Id): boolean | undefined {
    const now = own.value;
    return now?.boards.has(store.id) === true
        ? now.shelves.get(store.id)?.watched.has(id) === true
        : undefined;
}

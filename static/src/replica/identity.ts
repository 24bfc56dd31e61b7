/** identity.ts - a client id for each tab, and the queues that closed tabs left behind.
 *
 * The id lives as long as its tab, over reloads, and is held while a page of that tab is open: a
 * copied tab finds it held and takes a
 * new one. An id nobody holds, with ops in the queue, is an orphan: whoever can hold it sends
 * them, under that id and their own n, so
 * that the server can tell what it has already. */
import type { Env } from '../env';
import type { Id } from '../model/id';
import type { Json } from '../model/json';

const HOLD_TRIES = 3;
const HOLD_AGAIN_MS = 250; // on reload the page before may still be about to let go

function hex(bytes: Uint8Array): string {
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function randomName(env: Env): string {
    return hex(env.bytes(12));
}

export function lockName(cl: string): string {
    return `tavla client ${cl}`;
}

function known(cl: string): string {
    return `client ${cl}`;
}

/** Once a page, however many boards it opens. */
const owned = new WeakMap<Env, Promise<string>>();

/** Nobody else can hold an id that was never seen, so there is nothing to wait for. */
export function newClient(env: Env): string {
    const cl = randomName(env);
    owned.set(env, Promise.resolve(cl));
    env.tab.set(cl);
    void env.hold(lockName(cl));
    void env.storage.put(known(cl), 1);
    return cl;
}

/** The tab's own id. One whose counters went away with the storage is not used again. */
export function ownClient(env: Env): Promise<string> {
    let found = owned.get(env);
    if (found === undefined) owned.set(env, (found = findClient(env)));
    return found;
}

async function findClient(env: Env): Promise<string> {
    const cl = env.tab.get();
    if (cl === undefined || (await env.storage.get(known(cl))) === undefined) return newClient(env);
    for (let i = 0; i < HOLD_TRIES; i++) {
        if ((await env.hold(lockName(cl))) !== undefined) return cl;
        await new Promise<void>((resolve) => env.later(HOLD_AGAIN_MS, resolve));
    }
    return newClient(env);
}

/* -- whose all this is */

const OWNER = 'owner';

export function owner(env: Env): Promise<Json | undefined> {
    return env.storage.get(OWNER);
}

/** The first to be seen here owns what is stored. Before somebody else all of it goes, and the page
 * begins anew; false then. */
export function claim(env: Env, known: Json | undefined, me: Id): boolean {
    if (known === undefined) void env.storage.put(OWNER, me);
    if (known === undefined || known === me) return true;
    void env.storage.clear().then(() => env.restart());
    return false;
}

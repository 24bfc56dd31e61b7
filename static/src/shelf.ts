/** shelf.ts - what one keeps of boards for oneself: stars, and what is watched. It is on the server
 * and the same on every device, but it is no part of a board's stream, which is the same for all:
 * so it is asked for over HTTP, when a board opens and when one comes back to it. See api.ts for
 * what the calls resolve to. */
import { signal } from '@preact/signals';
import { read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type Json } from './model/json';
import type { Store } from './store';
import { toast } from './views/ui';

const STARS = '/1/members/me/boardStars';
const KEPT = 'stars'; // where an older client kept them, on one device

export interface Star {
    readonly id: Id;
    readonly idBoard: Id;
}

function starOf(value: Json): Star | undefined {
    if (!isObject(value) || !isId(value.id) || !isId(value.idBoard)) return undefined;
    return { id: value.id, idBoard: value.idBoard };
}

/** In the order in which they were put. */
async function ask(env: Env): Promise<Result<Star[]>> {
    return read(await env.request('GET', STARS), (body) =>
        isArray(body) ? body.map(starOf).filter((star) => star !== undefined) : undefined,
    );
}

export async function star(env: Env, idBoard: Id): Promise<Result<Star>> {
    return read(await env.request('POST', STARS, JSON.stringify({ idBoard })), starOf);
}

export async function unstar(env: Env, id: Id): Promise<Result<true>> {
    return read(await env.request('DELETE', `${STARS}/${id}`), () => true);
}

/** All of one's stars; those that this device kept for itself are brought along, once. */
export async function starsOf(env: Env): Promise<Result<Star[]>> {
    const kept = await env.storage.get(KEPT);
    const old = isArray(kept) ? kept.filter(isId) : [];
    const left: Id[] = [];
    for (const id of old) {
        const made = await star(env, id);
        if (!made.ok && made.trouble !== 'missing') left.push(id);
    }
    if (old.length > 0) await env.storage.put(KEPT, left);
    return ask(env);
}

/* -- the open board */

interface Shelf {
    readonly idBoard: Id;
    readonly id: Id; // of the star
    readonly starred: boolean;
    readonly watched: ReadonlySet<Id>;
}

const shelf = signal<Shelf | undefined>(undefined);

function here(store: Store): Shelf | undefined {
    return shelf.value?.idBoard === store.id ? shelf.value : undefined;
}

/** undefined: not known yet. */
export function isStarred(store: Store): boolean | undefined {
    return here(store)?.starred;
}

export function isWatched(store: Store, id: Id): boolean | undefined {
    return here(store)?.watched.has(id);
}

export async function fetchShelf(env: Env, idBoard: Id): Promise<void> {
    const answer = read(await env.request('GET', `/v1/boards/${idBoard}/shelf`), (body) =>
        isObject(body) && isId(body.id) && isArray(body.subscribed)
            ? {
                  idBoard,
                  id: body.id,
                  starred: body.starred === true,
                  watched: new Set(body.subscribed.filter(isId)),
              }
            : undefined,
    );
    if (answer.ok) shelf.value = answer.value;
}

/** Shown at once; taken back where the server did not do it. */
async function change(
    env: Env,
    next: Shelf,
    send: () => Promise<Result<unknown>>,
): Promise<boolean> {
    const before = shelf.peek();
    shelf.value = next;
    const answer = await send();
    if (answer.ok) return true;
    if (shelf.peek() === next) shelf.value = before;
    else void fetchShelf(env, next.idBoard);
    toast(answer.trouble === 'offline' ? 'The server cannot be reached.' : answer.text);
    return false;
}

export async function flipStar(env: Env, store: Store): Promise<void> {
    const now = here(store);
    if (now === undefined) return;
    await change(env, { ...now, starred: !now.starred }, () =>
        now.starred ? unstar(env, now.id) : star(env, store.id),
    );
}

export async function flipWatch(
    env: Env,
    store: Store,
    what: 'board' | 'list' | 'card',
    id: Id,
): Promise<void> {
    const now = here(store);
    if (now === undefined) return;
    const on = !now.watched.has(id);
    const watched = new Set(now.watched);
    if (on) watched.add(id);
    else watched.delete(id);
    const done = await change(env, { ...now, watched }, async () =>
        read(
            await env.request(
                'PUT',
                `/1/${what}s/${id}/subscribed`,
                JSON.stringify({ value: on }),
            ),
            () => true,
        ),
    );
    if (done) toast(on ? `You watch this ${what}.` : `You do not watch this ${what} any more.`);
}

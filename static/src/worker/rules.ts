/** rules.ts - what the worker does with a request, and which of its caches it keeps. Pure. */

const CACHE = 'tavla ';

export function cacheName(version: string): string {
    return CACHE + version;
}

/** page: from the server, else the copy. file: the copy, else from the server. leave: nothing of
 * ours; above all the answers of the API, which hold what a person may see today. */
export type Way = 'page' | 'file' | 'leave';

export function wayOf(
    request: { readonly method: string; readonly mode: string; readonly url: string },
    origin: string,
    files: readonly string[],
): Way {
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== origin) return 'leave';
    if (request.mode === 'navigate') return /^\/(?:$|[bc]\/)/.test(url.pathname) ? 'page' : 'leave';
    return url.pathname.startsWith('/assets/') || files.includes(url.pathname) ? 'file' : 'leave';
}

/** Caches to be deleted once `own` is filled. The one before it stays: tabs that were opened with
 * it still fetch their later parts. names: oldest first, as caches.keys() gives them. */
export function outdated(names: readonly string[], own: string): string[] {
    const others = names.filter((name) => name.startsWith(CACHE) && name !== own);
    return others.slice(0, -1);
}

/** Does a page ask only for files that are kept with it? Between the two fetches the server may
 * have become another version. */
export function isWhole(html: string, files: readonly string[]): boolean {
    const wanted = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    return wanted.length > 0 && wanted.every((path) => files.includes(path as string));
}

/** worker.ts - keeps the page itself on the device, so that it opens without a network: /sw.js.
 *
 * Only the shell: index.html and the files of this build, those too that come later. What a person
 * sees is in IndexedDB, kept by the page; no answer of the API is ever kept here. A page is taken
 * from the server while that answers, so a new version is there at the next load, worker or not.
 *
 * Browsers bring this file anew and start it beside the old one; what it does is the same for every
 * version, so it takes over at once and tells the open pages, which offer to be loaded again. */
import { cacheName, isWhole, outdated, wayOf } from './rules';

/** Written in by build/compress.mjs. */
declare const FILES: readonly string[];
declare const VERSION: string;

declare const self: ServiceWorkerGlobalScope;

const PATIENCE_MS = 4000; // for a server that neither answers nor refuses
const name = cacheName(VERSION);

/** Files with a hash in their names are the same in every version that has them. */
async function fill(cache: Cache, path: string): Promise<void> {
    const kept = path.startsWith('/assets/') ? await caches.match(path) : undefined;
    const found = kept ?? (await fetch(path, { cache: 'no-cache' }));
    if (!found.ok) throw new Error(`${path}: ${found.status}`);
    await cache.put(path, found);
}

async function install(): Promise<void> {
    const cache = await caches.open(name);
    const page = await fetch('/', { cache: 'no-cache' });
    if (!page.ok || !isWhole(await page.clone().text(), FILES))
        throw new Error('the server has another version by now');
    await Promise.all(FILES.map((path) => fill(cache, path)));
    await cache.put('/', page);
    await self.skipWaiting();
}

async function activate(): Promise<void> {
    await Promise.all(outdated(await caches.keys(), name).map((old) => caches.delete(old)));
    await self.registration.navigationPreload.enable();
    await self.clients.claim();
    for (const client of await self.clients.matchAll({ type: 'window' }))
        client.postMessage({ files: FILES });
}

function patience(): Promise<undefined> {
    return new Promise((resolve) => {
        setTimeout(resolve, PATIENCE_MS, undefined);
    });
}

async function page(event: FetchEvent): Promise<Response> {
    const fresh = (async () => {
        const early = (await event.preloadResponse) as Response | undefined;
        return early ?? (await fetch(event.request));
    })();
    const answer = await Promise.race([fresh.catch(() => undefined), patience()]);
    if (answer !== undefined && answer.status < 500) return answer;
    const kept = await (await caches.open(name)).match('/');
    return kept ?? answer ?? fresh;
}

async function file(request: Request): Promise<Response> {
    return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
    const way = wayOf(event.request, self.location.origin, FILES);
    if (way === 'page') event.respondWith(page(event));
    else if (way === 'file') event.respondWith(file(event.request));
});

/** router.ts - where the person is: / (boards), /b/SHORT/slug (a board), /c/SHORT/slug (a card
 * over its board). History API. */
import { type ReadonlySignal, signal } from '@preact/signals';

export type Route =
    | { readonly page: 'boards' }
    | { readonly page: 'board'; readonly key: string }
    | { readonly page: 'card'; readonly key: string }
    | { readonly page: 'missing' };

const KEY = /^(?:[0-9A-Za-z]{8}|[0-9a-f]{24})$/; // a short link or an id

export function routeOf(path: string): Route {
    const [kind, key, ...rest] = path.split('/').filter((part) => part !== '');
    if (kind === undefined) return { page: 'boards' };
    if (key === undefined || !KEY.test(key) || rest.length > 1) return { page: 'missing' };
    if (kind === 'b') return { page: 'board', key };
    return kind === 'c' ? { page: 'card', key } : { page: 'missing' };
}

/** What stands behind the key is for people only. */
export function slug(name: string): string {
    const plain = /^[ -~]*$/.test(name); // most are, and a board has thousands
    const folded = plain ? name : name.normalize('NFKD').replace(/\p{M}/gu, '');
    return folded
        .toLowerCase()
        .replace(plain ? /[^a-z0-9]+/g : /[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60);
}

function path(kind: 'b' | 'c', shortLink: string, name: string): string {
    const tail = slug(name);
    return tail === ''
        ? `/${kind}/${shortLink}`
        : `/${kind}/${shortLink}/${encodeURIComponent(tail)}`;
}

export function boardPath(board: { readonly shortLink: string; readonly name: string }): string {
    return path('b', board.shortLink, board.name);
}

export function cardPath(card: { readonly shortLink: string; readonly name: string }): string {
    return path('c', card.shortLink, card.name);
}

const current = signal<Route>({ page: 'missing' });
export const route: ReadonlySignal<Route> = current;

function look(): void {
    const next = routeOf(location.pathname);
    if (JSON.stringify(next) !== JSON.stringify(current.peek())) current.value = next;
}

/** replace: the present page is not to come back by the back button. */
export function go(to: string, replace = false): void {
    if (to === location.pathname + location.search) return;
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    look();
}

/** Follows links of this page: a plain click on one of our paths stays in the page. */
export function startRouter(): void {
    look();
    addEventListener('popstate', look);
    document.addEventListener('click', (event) => {
        if (
            event.defaultPrevented ||
            event.button !== 0 ||
            event.metaKey ||
            event.ctrlKey ||
            event.shiftKey ||
            event.altKey
        )
            return;
        const link = event.target instanceof Element ? event.target.closest('a') : null;
        if (
            link === null ||
            link.target !== '' ||
            link.hasAttribute('download') ||
            link.origin !== location.origin
        )
            return;
        if (routeOf(link.pathname).page === 'missing') return;
        event.preventDefault();
        go(link.pathname + link.search);
    });
}

/** glide.ts - neighbours glide to their new places (FLIP): measured before a change, moved back by
 * transform, let go.
 *
 * capture() before the signals change; the animation starts in the next frame, when Preact has
 * drawn. Things are known by data-card and data-list, so that a card drawn anew in another list
 * glides too. Only what is in sight is moved, transform alone. */
import { calm } from './ui';

const GLIDE_MS = 170;
const MOVED_MAX = 60;

let before: Map<string, DOMRect> | undefined;

function keyOf(element: HTMLElement): string {
    return element.dataset.card ?? element.dataset.list ?? '';
}

function inSight(rect: DOMRect): boolean {
    return (
        rect.height > 0 &&
        rect.bottom > 0 &&
        rect.right > 0 &&
        rect.top < innerHeight &&
        rect.left < innerWidth
    );
}

function listsInSight(root: Element): HTMLElement[] {
    return [...root.querySelectorAll<HTMLElement>('[data-list]')].filter((list) =>
        inSight(list.getBoundingClientRect()),
    );
}

function cardsOf(list: Element): NodeListOf<HTMLElement> {
    return list.querySelectorAll<HTMLElement>('[data-card]');
}

function play(root: Element, old: Map<string, DOMRect>): void {
    let moved = 0;
    const lists = new Map<Element, { dx: number; dy: number }>();
    const elements = listsInSight(root).flatMap((list) => [list, ...cardsOf(list)]);
    for (const element of elements) {
        const was = old.get(keyOf(element));
        if (was === undefined || element.classList.contains('lifted')) continue;
        const now = element.getBoundingClientRect();
        let dx = was.left - now.left;
        let dy = was.top - now.top;
        if (element.dataset.list !== undefined) {
            lists.set(element, { dx, dy });
        } else {
            const parent = element.closest('[data-list]');
            const own = parent === null ? undefined : lists.get(parent);
            dx -= own?.dx ?? 0; // what its list brings along
            dy -= own?.dy ?? 0;
        }
        if (Math.abs(dx) + Math.abs(dy) < 2 || ++moved > MOVED_MAX) continue;
        element.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: 'none' }], {
            duration: GLIDE_MS,
            easing: 'cubic-bezier(.2,.7,.3,1)',
        });
    }
}

/** Call just before something changes order. Calls within one frame are one. */
export function glide(root: Element | null): void {
    if (root === null || before !== undefined || calm() || document.visibilityState !== 'visible')
        return;
    const old = (before = new Map<string, DOMRect>());
    for (const list of listsInSight(root)) {
        old.set(keyOf(list), list.getBoundingClientRect());
        for (const card of cardsOf(list)) {
            const rect = card.getBoundingClientRect();
            if (inSight(rect)) old.set(keyOf(card), rect);
            else if (rect.top > innerHeight) break; // and so are those below it
        }
    }
    requestAnimationFrame(() => {
        before = undefined;
        play(root, old);
    });
}

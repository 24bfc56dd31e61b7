/** ui.ts - what the views share beside the board: the open dialog, messages for a moment, the look.
 *
 * Signals of the page, not of a board: they are reset when another board is opened. */
import { signal } from '@preact/signals';
import type { Id } from '../model/id';

/** Where a picker hangs: the box of what opened it, in the window. */
export interface Anchor {
    readonly left: number;
    readonly top: number;
    readonly bottom: number;
}

export type Dialog =
    | { readonly kind: 'palette' | 'help' | 'share' | 'archive' | 'drafts' | 'board' | 'history' }
    | {
          readonly kind: 'labels' | 'members' | 'dates' | 'cover' | 'move' | 'copy';
          readonly id: Id;
          readonly anchor?: Anchor;
      }
    | { readonly kind: 'list'; readonly id: Id; readonly anchor?: Anchor }
    | { readonly kind: 'filter'; readonly anchor?: Anchor };

export const dialog = signal<Dialog | undefined>(undefined);

export function anchorOf(element: Element | null | undefined): { readonly anchor?: Anchor } {
    if (element === null || element === undefined) return {};
    const { left, top, bottom } = element.getBoundingClientRect();
    return { anchor: { left, top, bottom } };
}

/* -- messages for a moment */

interface ToastAction {
    readonly label: string;
    readonly run: () => void;
}

export interface Toast {
    readonly key: number;
    readonly text: string;
    readonly action?: ToastAction;
    /** It stays until one of the two is chosen. */
    readonly other?: ToastAction;
}

const TOAST_MS = 8000;
const TOASTS_MAX = 3;
let lastToast = 0;
export const toasts = signal<readonly Toast[]>([]);

export function dropToast(key: number): void {
    toasts.value = toasts.peek().filter((toast) => toast.key !== key);
}

/** For so many ms, or until one of two actions is chosen. */
export function toast(
    text: string,
    action?: ToastAction,
    until: ToastAction | number = TOAST_MS,
): Toast['key'] {
    const key = ++lastToast;
    const timed = typeof until === 'number';
    const all = [...toasts.peek(), { key, text, action, other: timed ? undefined : until }];
    const passing = all.filter((one) => one.other === undefined);
    toasts.value = all.filter((one) => !passing.slice(0, -TOASTS_MAX).includes(one)) as Toast[];
    if (timed) setTimeout(() => dropToast(key), until);
    return key;
}

/** Read aloud, politely. */
export const spoken = signal('');

export function say(text: string): void {
    spoken.value = spoken.peek() === text ? `${text}\u00a0` : text;
}

/* -- where the pointer and the keys are */

/** The card that a shortcut means: the focused one, else the one under the pointer. Set by the
 * board's own listeners. */
export const at = { focused: undefined as Id | undefined, hovered: undefined as Id | undefined };

const FOCUS_FRAMES_MAX = 30;

/** A card or list to be focused as soon as it is drawn and no dialog is before it. Drawing sees to
 * it at once; where the thing need not be drawn anew, a few frames of trying do. */
class Wanted {
    private id: Id | undefined;

    get focus(): Id | undefined {
        return this.id;
    }

    set focus(id: Id | undefined) {
        this.id = id;
        if (id !== undefined) requestAnimationFrame(() => this.attempt(id, FOCUS_FRAMES_MAX));
    }

    private attempt(id: Id, left: number): void {
        if (this.id !== id) return;
        const target = document.querySelector<HTMLElement>(
            `.lists [data-card="${id}"] a.face, [data-list-name="${id}"]`,
        );
        target?.focus();
        if ((target !== null && document.activeElement === target) || left === 0)
            this.id = undefined;
        else requestAnimationFrame(() => this.attempt(id, left - 1));
    }
}

export const wanted = new Wanted();

/** The list whose composer is open, and the card below which it adds. */
export const composing = signal<{ readonly list: Id; readonly after: Id | undefined } | undefined>(
    undefined,
);
/** The list or card whose name is being edited in place. */
export const renaming = signal<Id | undefined>(undefined);

/* -- the look */

export type Theme = 'system' | 'light' | 'dark';

function stored(name: string): string | null {
    try {
        return localStorage.getItem(name);
    } catch {
        return null; // a browser that keeps nothing: the system's choice each time
    }
}

export function keep(name: string, value: string): void {
    try {
        localStorage.setItem(name, value);
    } catch {
        // nothing to do about it: it holds for this page
    }
}

const savedTheme = stored('tavla theme');
export const theme = signal<Theme>(
    savedTheme === 'light' || savedTheme === 'dark' ? savedTheme : 'system',
);
/** Label names on the cards' faces, or only colours. */
export const labelNames = signal(stored('tavla label names') !== 'off');
/** Typed between the key that opens the palette and its first frame. */
export const typedAhead = { text: '', chosen: false };

/** Single-key shortcuts can be switched off (WCAG 2.1.4). */
export const singleKeys = signal(stored('tavla single keys') !== 'off');

export function setTheme(next: Theme): void {
    theme.value = next;
    keep('tavla theme', next);
    showTheme();
}

export function showTheme(): void {
    const root = document.documentElement;
    if (theme.peek() === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.peek();
}

export function nextTheme(): void {
    const order: readonly Theme[] = ['system', 'light', 'dark'];
    setTheme(order[(order.indexOf(theme.peek()) + 1) % order.length] as Theme);
}

export function setLabelNames(on: boolean): void {
    labelNames.value = on;
    keep('tavla label names', on ? 'on' : 'off');
}

export function setSingleKeys(on: boolean): void {
    singleKeys.value = on;
    keep('tavla single keys', on ? 'on' : 'off');
}

export function calm(): boolean {
    return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

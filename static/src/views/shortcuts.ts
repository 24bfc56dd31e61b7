/** shortcuts.ts - every key of a board, one table: the listener, the help and the palette are made
 * from it.
 *
 * A key means the focused card, else the one under the pointer. Nothing is heard in text fields, in
 * dialogs, or for a moment after a modifier was released. Letters are matched as typed, and by
 * place on the keyboard where the layout has none of them. */
import type { App } from '../app';
import type { Id } from '../model/id';
import { go } from '../router';
import type { Store } from '../store';
import {
    archiveCard,
    archiveList,
    canEdit,
    lets,
    nudgeCard,
    nudgeList,
    openCard,
    redo,
    sendCard,
    toggleMe,
    toggleVote,
    undo,
} from './actions';
import { clearFilter, filter, setFilter } from './filter';
import {
    anchorOf,
    at,
    composing,
    dialog,
    labelNames,
    nextTheme,
    renaming,
    setLabelNames,
    singleKeys,
    typedAhead,
} from './ui';

export interface Context {
    readonly app: App;
    readonly store: Store;
    readonly card: Id | undefined;
    readonly list: Id | undefined; // whose head is focused
}

export interface Shortcut {
    readonly keys: readonly string[];
    readonly label: string;
    readonly group: 'Cards' | 'Moving' | 'Board' | 'Everywhere';
    /** card, list: there must be one. edit: not for observers. */
    readonly needs?: 'card' | 'list' | 'either';
    readonly edit?: boolean;
    readonly run: (context: Context, key: string) => void;
    readonly inPalette?: false;
}

function faceOf(id: Id): HTMLElement | null {
    return document.querySelector<HTMLElement>(`.lists [data-card="${id}"] a.face`);
}

function over(id: Id | undefined) {
    return anchorOf(id === undefined ? null : faceOf(id));
}

/** The focus walks over what is shown, as it is shown. */
function walk(context: Context, dx: number, dy: number): void {
    const columns = [...document.querySelectorAll<HTMLElement>('.lists > [data-list]')].map(
        (list) => [...list.querySelectorAll<HTMLElement>('a.face')],
    );
    const here = context.card === undefined ? null : faceOf(context.card);
    const x = columns.findIndex((column) => here !== null && column.includes(here));
    if (x < 0 || here === null) {
        columns.find((column) => column.length > 0)?.[0]?.focus();
        return;
    }
    if (dy !== 0) {
        columns[x]?.[(columns[x] as HTMLElement[]).indexOf(here) + dy]?.focus();
        return;
    }
    const box = here.getBoundingClientRect();
    const middle = (box.top + box.bottom) / 2;
    for (let to = x + dx; to >= 0 && to < columns.length; to += dx) {
        const [first] = columns[to] as HTMLElement[];
        if (first === undefined) continue;
        const near = (columns[to] as HTMLElement[]).find(
            (face) => face.getBoundingClientRect().bottom > middle,
        );
        (near ?? columns[to]?.at(-1) ?? first).focus();
        return;
    }
}

function nudge(context: Context, dx: number, dy: number): void {
    if (context.card !== undefined) nudgeCard(context.store, context.card, dx, dy);
    else if (context.list !== undefined) nudgeList(context.store, context.list, dx);
}

function nthLabel({ store, card }: Context, key: string): void {
    const label = store.labels.peek()[key === '0' ? 9 : Number(key) - 1];
    const face = card === undefined ? undefined : store.peekCard(card);
    if (label !== undefined && face !== undefined)
        store.setCardLabel(face.id, label, !face.idLabels.includes(label));
}

function newCard({ store, card, list }: Context): void {
    const target = card === undefined ? undefined : store.peekCard(card);
    const into = target?.idList ?? list ?? store.lists.peek()[0];
    if (into !== undefined) composing.value = { list: into, after: target?.id };
}

export const shortcuts: readonly Shortcut[] = [
    {
        keys: ['Enter'],
        label: 'Open the card',
        group: 'Cards',
        needs: 'card',
        run: ({ store, card }) => openCard(store, card as Id),
    },
    { keys: ['n'], label: 'New card below this one', group: 'Cards', edit: true, run: newCard },
    {
        keys: ['t', 'e'],
        label: 'Rename',
        group: 'Cards',
        needs: 'either',
        edit: true,
        run: ({ card, list }) => {
            renaming.value = card ?? list;
        },
    },
    {
        keys: ['l'],
        label: 'Labels',
        group: 'Cards',
        needs: 'card',
        edit: true,
        run: ({ card }) => {
            dialog.value = { kind: 'labels', id: card as Id, ...over(card) };
        },
    },
    {
        keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'],
        label: 'Put on or take off the nth label',
        group: 'Cards',
        needs: 'card',
        edit: true,
        inPalette: false,
        run: nthLabel,
    },
    {
        keys: ['d'],
        label: 'Dates',
        group: 'Cards',
        needs: 'card',
        edit: true,
        run: ({ card }) => {
            dialog.value = { kind: 'dates', id: card as Id, ...over(card) };
        },
    },
    {
        keys: ['m'],
        label: 'Members',
        group: 'Cards',
        needs: 'card',
        edit: true,
        run: ({ card }) => {
            dialog.value = { kind: 'members', id: card as Id, ...over(card) };
        },
    },
    {
        keys: [' '],
        label: 'Join or leave the card',
        group: 'Cards',
        needs: 'card',
        edit: true,
        run: ({ store, card }) => toggleMe(store, card as Id),
    },
    {
        keys: ['Shift+c'],
        label: 'Copy …',
        group: 'Cards',
        needs: 'card',
        edit: true,
        run: ({ card }) => {
            dialog.value = { kind: 'copy', id: card as Id, ...over(card) };
        },
    },
    {
        keys: ['v'],
        label: 'Vote, or take it back',
        group: 'Cards',
        needs: 'card',
        run: ({ store, card }) => {
            if (lets(store, 'voting', 'disabled')) toggleVote(store, card as Id);
        },
    },
    {
        keys: ['c'],
        label: 'Archive',
        group: 'Cards',
        needs: 'either',
        edit: true,
        run: ({ store, card, list }) => {
            if (card !== undefined) archiveCard(store, card);
            else if (list !== undefined) archiveList(store, list);
        },
    },
    {
        keys: ['ArrowDown', 'j'],
        label: 'Next card',
        group: 'Moving',
        inPalette: false,
        run: (context) => walk(context, 0, 1),
    },
    {
        keys: ['ArrowUp', 'k'],
        label: 'Previous card',
        group: 'Moving',
        inPalette: false,
        run: (context) => walk(context, 0, -1),
    },
    {
        keys: ['ArrowRight'],
        label: 'Card in the next list',
        group: 'Moving',
        inPalette: false,
        run: (context) => walk(context, 1, 0),
    },
    {
        keys: ['ArrowLeft', 'h'],
        label: 'Card in the previous list',
        group: 'Moving',
        inPalette: false,
        run: (context) => walk(context, -1, 0),
    },
    {
        keys: ['Alt+ArrowDown'],
        label: 'Move the card down',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: (context) => nudge(context, 0, 1),
    },
    {
        keys: ['Alt+ArrowUp'],
        label: 'Move the card up',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: (context) => nudge(context, 0, -1),
    },
    {
        keys: ['Alt+ArrowRight'],
        label: 'Move the card or list to the right',
        group: 'Moving',
        needs: 'either',
        edit: true,
        run: (context) => nudge(context, 1, 0),
    },
    {
        keys: ['Alt+ArrowLeft'],
        label: 'Move the card or list to the left',
        group: 'Moving',
        needs: 'either',
        edit: true,
        run: (context) => nudge(context, -1, 0),
    },
    {
        keys: ['.'],
        label: 'To the end of the next list',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: ({ store, card }) => sendCard(store, card as Id, 1, 'end'),
    },
    {
        keys: [','],
        label: 'To the end of the previous list',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: ({ store, card }) => sendCard(store, card as Id, -1, 'end'),
    },
    {
        keys: ['>'],
        label: 'To the top of the next list',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: ({ store, card }) => sendCard(store, card as Id, 1, 'top'),
    },
    {
        keys: ['<'],
        label: 'To the top of the previous list',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: ({ store, card }) => sendCard(store, card as Id, -1, 'top'),
    },
    {
        keys: ['Shift+m'],
        label: 'Move to a list and position …',
        group: 'Moving',
        needs: 'card',
        edit: true,
        run: ({ card }) => {
            dialog.value = { kind: 'move', id: card as Id, ...over(card) };
        },
    },
    {
        keys: ['/'],
        label: 'Filter by text',
        group: 'Board',
        run: () => document.querySelector<HTMLInputElement>('#search')?.focus(),
    },
    {
        keys: ['f'],
        label: 'Filter by labels',
        group: 'Board',
        run: () => {
            dialog.value = { kind: 'filter' };
        },
    },
    {
        keys: ['q'],
        label: 'Only my cards',
        group: 'Board',
        run: () => setFilter({ mine: !filter.peek().mine }),
    },
    { keys: ['x'], label: 'Clear the filter', group: 'Board', run: clearFilter },
    {
        keys: [';'],
        label: 'Show or hide the names of labels',
        group: 'Board',
        run: () => setLabelNames(!labelNames.peek()),
    },
    {
        keys: ['w'],
        label: 'Board menu',
        group: 'Board',
        run: () => {
            dialog.value = { kind: 'board' };
        },
    },
    {
        keys: ['Shift+a'],
        label: 'Archived cards and lists',
        group: 'Board',
        run: () => {
            dialog.value = { kind: 'archive' };
        },
    },
    {
        keys: ['Shift+h'],
        label: 'Activity and history',
        group: 'Board',
        run: () => {
            dialog.value = { kind: 'history' };
        },
    },
    {
        keys: ['Shift+s'],
        label: 'Members and sharing',
        group: 'Board',
        run: () => {
            dialog.value = { kind: 'share' };
        },
    },
    { keys: ['Ctrl+z', 'z'], label: 'Undo', group: 'Everywhere', run: ({ store }) => undo(store) },
    {
        keys: ['Ctrl+Shift+z', 'Shift+z'],
        label: 'Redo',
        group: 'Everywhere',
        run: ({ store }) => redo(store),
    },
    {
        keys: ['Ctrl+k'],
        label: 'Search for actions and cards',
        group: 'Everywhere',
        inPalette: false,
        run: () => {
            dialog.value = { kind: 'palette' };
        },
    },
    { keys: ['b'], label: 'Your boards', group: 'Everywhere', run: () => go('/') },
    {
        keys: ['Shift+d'],
        label: 'Light, dark, or as the system',
        group: 'Everywhere',
        run: nextTheme,
    },
    {
        keys: ['?'],
        label: 'Help',
        group: 'Everywhere',
        run: () => {
            dialog.value = { kind: 'help' };
        },
    },
];

const named: Readonly<Record<string, string>> = {
    ' ': 'Space',
    ArrowDown: '↓',
    ArrowUp: '↑',
    ArrowLeft: '←',
    ArrowRight: '→',
};

export function keyText(key: string): string {
    return key
        .split(/\+(?=.)/)
        .map((part) => named[part] ?? (part.length === 1 ? part.toUpperCase() : part))
        .join(' + ');
}

/** `Ctrl+Shift+z`; for characters that need Shift themselves, as `?`, without it. */
export function keyOf(event: KeyboardEvent): string {
    let { key } = event;
    const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
    if (letter !== undefined && key.length === 1 && !/[a-z]/i.test(key) && key.charCodeAt(0) > 0x7f)
        key = letter;
    const cased = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
    if (cased) key = key.toLowerCase();
    const shift = event.shiftKey && (cased || key.length > 1);
    const ctrl = event.ctrlKey || event.metaKey;
    return (ctrl ? 'Ctrl+' : '') + (event.altKey ? 'Alt+' : '') + (shift ? 'Shift+' : '') + key;
}

export function fits(shortcut: Shortcut, context: Context): boolean {
    if (shortcut.edit === true && !canEdit(context.store)) return false;
    if (shortcut.needs === 'card') return context.card !== undefined;
    if (shortcut.needs === 'list') return context.list !== undefined;
    return shortcut.needs !== 'either' || context.card !== undefined || context.list !== undefined;
}

export function contextOf(app: App, store: Store): Context {
    const list =
        document.activeElement instanceof HTMLElement
            ? document.activeElement.dataset.listName
            : undefined;
    return { app, store, card: list === undefined ? (at.focused ?? at.hovered) : undefined, list };
}

const QUIET_MS = 300;

export function listenForKeys(app: App, store: Store): () => void {
    const table = new Map(
        shortcuts.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut] as const)),
    );
    let released = Number.NEGATIVE_INFINITY;
    const up = (event: KeyboardEvent) => {
        if (event.key === 'Control' || event.key === 'Meta' || event.key === 'Alt')
            released = event.timeStamp;
    };
    const down = (event: KeyboardEvent) => {
        if (event.defaultPrevented || event.isComposing) return;
        const key = keyOf(event);
        const target = event.target instanceof Element ? event.target : document.body;
        const typing =
            target.closest('input, textarea, select, [contenteditable]') !== null ||
            target.shadowRoot !== null;
        const inDialog =
            dialog.peek() !== undefined || document.querySelector('dialog[open]') !== null;
        const everywhere = key === 'Ctrl+k';
        if (!typing && !everywhere && dialog.peek()?.kind === 'palette') {
            // Its code is still on the way.
            if (event.key.length === 1) typedAhead.text += event.key;
            if (event.key === 'Enter') typedAhead.chosen = true;
            event.preventDefault();
        }
        if ((typing || inDialog) && !everywhere) return;
        const plain = !/^(Ctrl|Alt)\+/.test(key);
        if (plain && !singleKeys.peek() && key.length === 1) return;
        if (plain && event.timeStamp - released < QUIET_MS) return;
        if ((key === 'Enter' || key === ' ') && target.closest('button, [role=button]') !== null)
            return;
        const shortcut = table.get(key);
        const context = contextOf(app, store);
        if (shortcut === undefined || !fits(shortcut, context)) return;
        if (key === 'Enter' && target.closest('a') !== null) return; // the link opens itself
        if (
            key.startsWith('Arrow') &&
            context.card === undefined &&
            target !== document.body &&
            target.closest('.lists') === null
        )
            return;
        event.preventDefault();
        shortcut.run(context, event.key);
    };
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    return () => {
        removeEventListener('keydown', down);
        removeEventListener('keyup', up);
    };
}

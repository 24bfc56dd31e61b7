/** labels.ts - the thirty names of colours that labels have, as classes of css/labels.css, and when
 * a due date calls for attention. */
import type { JsonObject } from '../model/json';
import type { Card, Label } from '../model/kinds';

export const hues = [
    'green',
    'yellow',
    'orange',
    'red',
    'purple',
    'blue',
    'sky',
    'lime',
    'pink',
    'black',
] as const;

export const colors: readonly string[] = hues.flatMap((hue) => [
    `${hue}_light`,
    hue,
    `${hue}_dark`,
]);

const known = new Set(colors);

export function colorClass(color: string | null): string {
    return color !== null && known.has(color) ? `hue hue-${color}` : 'hue hue-none';
}

export function colorName(color: string | null): string {
    if (color === null || !known.has(color)) return 'no colour';
    const [hue, tone] = color.split('_');
    return tone === undefined ? String(hue) : `${tone} ${hue}`;
}

export function labelTitle(label: Label): string {
    return label.name === '' ? `Label, ${colorName(label.color)}` : label.name;
}

/** What a board is painted with: a name of css/labels.css, else green. */
export function wallClass(prefs: JsonObject | undefined): string {
    return `wall wall-${/^\w+$/.exec(String(prefs?.background))}`;
}

interface Cover {
    readonly hue: string; // a class; of a picture how bright it is: dark or light
    readonly full: boolean;
    readonly picture: string; // its address; '': a colour
}

/** One of the ten plain colours, or an attached picture. */
export function coverOf({ id, cover }: Card): Cover | undefined {
    const hue = hues.find((one) => one === cover?.color);
    const full = cover?.size === 'full';
    if (hue !== undefined) return { hue: colorClass(hue), full, picture: '' };
    return typeof cover?.idAttachment !== 'string'
        ? undefined
        : {
              hue: String(cover.brightness),
              full,
              picture: `/1/cards/${id}/attachments/${cover.idAttachment}/download/cover`,
          };
}

export const DAY_MS = 86_400_000;

export type DueState = 'done' | 'overdue' | 'soon' | 'later';

export function dueState(card: Card, now: number): DueState {
    if (card.dueComplete) return 'done';
    const due = Date.parse(card.due ?? '');
    if (due < now) return 'overdue';
    return due < now + DAY_MS ? 'soon' : 'later';
}

export const dueWords: Readonly<Record<DueState, string>> = {
    done: 'complete',
    overdue: 'overdue',
    soon: 'due soon',
    later: 'due',
};

/** Made when first needed: a formatter costs more than the rest of this file together. */
export function lazily<T>(make: () => T): () => T {
    let made: T | undefined;
    return () => (made ??= make());
}

const thisYear = lazily(
    () => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
);
const otherYear = lazily(
    () => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' }),
);
export function dayOf(date: string, now: number): string {
    const when = new Date(date);
    if (Number.isNaN(when.getTime())) return date;
    const year = when.getFullYear() === new Date(now).getFullYear() ? thisYear : otherYear;
    return year().format(when);
}

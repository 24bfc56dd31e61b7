/** labels.ts - the thirty names of colours that labels have, as classes of css/labels.css, and when
 * a due date calls for attention. */
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

const DAY_MS = 86_400_000;

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

/** Without the year, and with it: made when first needed, because making one takes long. */
const formats: Intl.DateTimeFormat[] = [];

export function dayOf(date: string, now: number): string {
    const when = new Date(date);
    if (Number.isNaN(when.getTime())) return date;
    const other = when.getFullYear() !== new Date(now).getFullYear();
    const format = (formats[Number(other)] ??= new Intl.DateTimeFormat(undefined, {
        day: 'numeric',
        month: 'short',
        ...(other ? { year: 'numeric' } : {}),
    }));
    return format.format(when);
}

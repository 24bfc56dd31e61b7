/** moments.ts - dates in words, where there is room for them. See labels.ts for short ones. */
import { DAY_MS, lazily } from './labels';

const exact = lazily(
    () =>
        new Intl.DateTimeFormat(undefined, {
            weekday: 'short',
            day: 'numeric',
            month: 'short',
            hour: '2-digit',
            minute: '2-digit',
        }),
);

export function momentOf(date: string): string {
    const when = new Date(date);
    return Number.isNaN(when.getTime()) ? date : exact().format(when);
}

/** The value of a datetime-local field, in the person's own time. */
export function localInput(date: string | null): string {
    const when = new Date(date ?? '');
    if (Number.isNaN(when.getTime())) return '';
    const two = (n: number) => String(n).padStart(2, '0');
    const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
    return `${day}T${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** And back. */
export function isoOf(local: string): string | null {
    const when = new Date(local);
    return local === '' || Number.isNaN(when.getTime()) ? null : when.toISOString();
}

const ago: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
    ['year', 365 * DAY_MS],
    ['month', 30 * DAY_MS],
    ['day', DAY_MS],
    ['hour', 3_600_000],
    ['minute', 60_000],
];
const relative = lazily(() => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }));

export function since(date: string, now: number): string {
    const ms = Date.parse(date) - now;
    if (Number.isNaN(ms)) return '';
    for (const [unit, size] of ago)
        if (Math.abs(ms) >= size) return relative().format(Math.round(ms / size), unit);
    return 'just now';
}

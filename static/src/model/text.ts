/** text.ts - deltas over long text: retain n, delete -n, insert "text"; the unit is the UTF-16
 * code unit, as in JavaScript's strings.
 *
 * Canonical: no empty or zero parts, equal neighbours merged, insert before delete at the same
 * spot, no retain at the end. A
 * boundary inside a surrogate pair is refused, as the server refuses it. */
import type { Json } from './json';

export type Part = number | string;
export type Delta = readonly Part[];

function sign(part: Part): number {
    return typeof part === 'string' ? 0 : Math.sign(part);
}

/** The delta in a wire value, or undefined where it is not one in canonical form. */
export function deltaOf(value: Json | undefined): Delta | undefined {
    if (!Array.isArray(value)) return undefined;
    const parts = value as readonly Json[];
    for (const [i, part] of parts.entries()) {
        if (
            typeof part === 'string'
                ? part === ''
                : typeof part !== 'number' || !Number.isSafeInteger(part) || part === 0
        )
            return undefined;
        if (i === 0) continue;
        const before = sign(parts[i - 1] as Part);
        if (sign(part as Part) === before || (typeof part === 'string' && before < 0))
            return undefined;
    }
    const last = parts[parts.length - 1];
    if (typeof last === 'number' && last > 0) return undefined;
    return parts as Delta;
}

export function splitsPair(text: string, at: number): boolean {
    if (at <= 0 || at >= text.length) return false;
    const before = text.charCodeAt(at - 1);
    const behind = text.charCodeAt(at);
    return before >= 0xd800 && before < 0xdc00 && behind >= 0xdc00 && behind < 0xe000;
}

/** The text after the delta; undefined where it leads beyond the end or into a surrogate pair. */
export function deltaApply(text: string, delta: Delta): string | undefined {
    let at = 0;
    let out = '';
    for (const part of delta) {
        if (typeof part === 'string') {
            out += part;
            continue;
        }
        const end = at + Math.abs(part);
        if (end > text.length || splitsPair(text, end)) return undefined;
        if (part > 0) out += text.slice(at, end);
        at = end;
    }
    return out + text.slice(at);
}

/** From the text after the delta back to the one before it, given that one. The delta applies to
 * it. */
export function deltaInvert(text: string, delta: Delta): Delta {
    const parts: Part[] = [];
    let at = 0;
    for (const [i, part] of delta.entries()) {
        if (typeof part === 'string') {
            parts.push(-part.length);
        } else if (part > 0) {
            parts.push(part);
            at += part;
        } else {
            const lost = text.slice(at, at - part);
            at -= part;
            // An insert and a delete at the same spot change roles, and with them their order.
            if (i > 0 && typeof delta[i - 1] === 'string') parts.splice(parts.length - 1, 0, lost);
            else parts.push(lost);
        }
    }
    return parts;
}

/** The smallest single replacement that turns `from` into `to`, cut at whole characters. */
export function deltaDiff(from: string, to: string): Delta {
    const shorter = Math.min(from.length, to.length);
    let head = 0;
    let tail = 0;
    while (head < shorter && from.charCodeAt(head) === to.charCodeAt(head)) head++;
    while (splitsPair(from, head) || splitsPair(to, head)) head--;
    while (
        tail < shorter - head &&
        from.charCodeAt(from.length - 1 - tail) === to.charCodeAt(to.length - 1 - tail)
    )
        tail++;
    while (tail > 0 && (splitsPair(from, from.length - tail) || splitsPair(to, to.length - tail)))
        tail--;
    const gone = from.length - head - tail;
    const come = to.slice(head, to.length - tail);
    const parts: Part[] = [];
    if (gone + come.length > 0 && head > 0) parts.push(head);
    if (come !== '') parts.push(come);
    if (gone > 0) parts.push(-gone);
    return parts;
}

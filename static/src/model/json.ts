/** json.ts - JSON as a type, reading members of unknown shape, and its one canonical text (RFC
 * 8785): the same bytes as the server's. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
    readonly [name: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly Json[] {
    return Array.isArray(value);
}

/** undefined where the text is not JSON. */
export function parse(text: string): Json | undefined {
    try {
        return JSON.parse(text) as Json;
    } catch {
        return undefined;
    }
}

export function stringOf(value: unknown, otherwise = ''): string {
    return typeof value === 'string' ? value : otherwise;
}

export function numberOf(value: unknown, otherwise = 0): number {
    return typeof value === 'number' ? value : otherwise;
}

/** Members sorted by UTF-16 units, numbers as ECMAScript writes them, no space. Members that are
 * undefined are left out. */
export function canonical(value: Json): string {
    if (isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const members: string[] = [];
    for (const name of Object.keys(value).sort()) {
        const member = value[name];
        if (member !== undefined) members.push(`${JSON.stringify(name)}:${canonical(member)}`);
    }
    return `{${members.join(',')}}`;
}

export function equal(a: Json | undefined, b: Json | undefined): boolean {
    if (a === b) return true;
    if (a === undefined || b === undefined || a === null || b === null) return false;
    if (typeof a !== 'object' || typeof b !== 'object') return false;
    return canonical(a) === canonical(b);
}

/** Halves of surrogate pairs, which a paste may bring and no server reads, become U+FFFD: as long
 * as they were, so that deltas stay what they are. */
export function wellFormed<T>(value: T): T {
    const text = JSON.stringify(value);
    if (!/\\ud[89a-f]/.test(text)) return value;
    return JSON.parse(text, (_, part: unknown) =>
        typeof part === 'string' ? part.replace(/\p{Surrogate}/gu, '\ufffd') : part,
    ) as T;
}

/** id.ts - object ids: 24 lower-case hex digits, the first 8 the Unix time in seconds. Clients
 * make them. */

export type Id = string;

const ID = /^[0-9a-f]{24}$/;

export function isId(text: unknown): text is Id {
    return typeof text === 'string' && ID.test(text);
}

/** bytes: 8 of randomness. */
export function makeId(nowMs: number, bytes: Uint8Array): Id {
    let text = (Math.floor(nowMs / 1000) >>> 0).toString(16).padStart(8, '0');
    for (let i = 0; i < 8; i++) text += (bytes[i] ?? 0).toString(16).padStart(2, '0');
    return text;
}

export function createdMs(id: Id): number {
    return parseInt(id.slice(0, 8), 16) * 1000;
}

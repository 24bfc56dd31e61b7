/** backoff.ts - what a close means, and how long to wait before the next try. */

/** When to connect again: ms, or undefined for never by itself. tries: failed ones in a row.
 * after: what `bye` said, ms. */
export function reconnectMs(
    code: number,
    tries: number,
    after: number,
    random: number,
): number | undefined {
    if (code >= 4001 && code <= 4099) return undefined;
    const backoff = random * Math.min(30_000, 500 * 2 ** Math.min(tries, 16));
    if (code >= 4100 && code <= 4199) return 1000 + backoff;
    if (code >= 4200 && code <= 4299 && tries === 0) return random * after;
    return backoff;
}

export type StopReason = 'version' | 'signed-out' | 'replaced' | 'forbidden' | 'stopped';

export function stopReason(code: number): StopReason {
    switch (code) {
        case 4006:
            return 'version';
        case 4009:
        case 4010:
        case 4015:
            return 'signed-out';
        case 4016:
            return 'replaced';
        default:
            return 'stopped';
    }
}

/** drag_geometry.ts - where a dragged thing would land, and how fast the edges scroll. Pure. */

/** A row or column of siblings without the dragged one and without its placeholder: `at` where it
 * begins, `size` along the axis. */
export interface Extent {
    readonly at: number;
    readonly size: number;
}

/** How many siblings stand before something whose leading edge is at `edge`: it passes one at half
 * of that one's size. */
export function gapOf(siblings: readonly Extent[], edge: number): number {
    let low = 0;
    let high = siblings.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        const { at, size } = siblings[middle] as Extent;
        if (at + size / 2 < edge) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** Takes the placeholder out of a measured row: what stands behind it moves up by its size. */
export function collapse(
    measured: readonly (Extent & { readonly placeholder: boolean })[],
    gap: number,
): Extent[] {
    let shift = 0;
    const out: Extent[] = [];
    for (const one of measured) {
        if (one.placeholder) shift += one.size + gap;
        else out.push({ at: one.at - shift, size: one.size });
    }
    return out;
}

/** Which of the spans holds x, or is nearest; -1: there are none. */
export function nearest(spans: readonly Extent[], x: number): number {
    let best = -1;
    let distance = Infinity;
    spans.forEach(({ at, size }, index) => {
        const away = x < at ? at - x : x > at + size ? x - at - size : 0;
        if (away < distance) {
            distance = away;
            best = index;
        }
    });
    return best;
}

/** Pixels a frame: 0 inside, growing towards and beyond the edges. Zones never cover more than a
 * third of the span each. */
export function edgeSpeed(at: number, low: number, high: number, zone = 64, most = 20): number {
    const width = Math.min(zone, (high - low) / 3);
    if (width <= 0) return 0;
    const into =
        at < low + width
            ? (at - low - width) / width
            : at > high - width
              ? (at - high + width) / width
              : 0;
    return Math.sign(into) * Math.ceil(Math.min(1, Math.abs(into)) ** 2 * most);
}

export function beyond(dx: number, dy: number, slop: number): boolean {
    return dx * dx + dy * dy > slop * slop;
}

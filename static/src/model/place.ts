/** place.ts - where something goes among its siblings: the server's rule, double by double
 * (core/place.h).
 *
 * Order is (pos, id). Midpoint between neighbours, steps of 65,536 at the end, half of the first
 * at the top, a given number verbatim.
 * When the gap is too small all siblings get k * 65,536. Closed siblings keep their places and
 * count as neighbours. */
import type { Id } from './id';

export const POS_STEP = 65536;
const POS_MAX = 2 ** 53;

/** `after: ''` is the head; `before` is a hint for when `after` is not there. Without any member:
 * the end. */
export interface Place {
    readonly after?: Id | '';
    readonly before?: Id | '';
    readonly pos?: 'top' | 'bottom' | number;
}

export interface Sibling {
    readonly id: Id;
    readonly pos: number;
}

/** Positions of `run` things one behind another; or, where the gap was too small, everyone's
 * order, null for those. Position then is
 * (index + 1) * POS_STEP. */
export type Placed =
    | { readonly pos: readonly number[]; readonly order?: undefined }
    | { readonly order: readonly (Id | null)[] };

function gapOf(row: readonly Sibling[], place: Place): number {
    if (place.pos === 'top' || place.after === '') return 0;
    if (typeof place.pos === 'number') {
        const number = place.pos;
        const index = row.findIndex((sibling) => sibling.pos > number);
        return index < 0 ? row.length : index;
    }
    const after = row.findIndex((sibling) => sibling.id === place.after);
    if (after >= 0) return after + 1;
    const before = row.findIndex((sibling) => sibling.id === place.before);
    return before >= 0 ? before : row.length;
}

function spread(low: number, high: number | undefined, run: number): number[] | undefined {
    const made: number[] = [];
    let last = low;
    for (let k = 0; k < run; k++) {
        const pos =
            high === undefined
                ? low + POS_STEP * (k + 1)
                : low + ((high - low) * (k + 1)) / (run + 1);
        if (!(pos > last) || pos >= POS_MAX || (high !== undefined && !(pos < high)))
            return undefined;
        made.push((last = pos));
    }
    return made;
}

/** siblings: sorted. Those in `without` (the moved ones themselves) do not decide. run: at least
 * 1. */
export function placeFind(
    siblings: readonly Sibling[],
    without: ReadonlySet<Id>,
    place: Place,
    run: number,
): Placed {
    const row =
        without.size === 0 ? siblings : siblings.filter((sibling) => !without.has(sibling.id));
    const gap = gapOf(row, place);
    const low = gap > 0 ? (row[gap - 1]?.pos ?? 0) : 0;
    const high = row[gap]?.pos;
    let pos: number[] | undefined;
    if (typeof place.pos === 'number') {
        const rest = run > 1 ? spread(place.pos, high, run - 1) : [];
        pos = rest === undefined ? undefined : [place.pos, ...rest];
    } else {
        pos = spread(low, high, run);
    }
    if (pos !== undefined) return { pos };
    const order: (Id | null)[] = row.map((sibling) => sibling.id);
    order.splice(gap, 0, ...new Array<null>(run).fill(null));
    return { order };
}

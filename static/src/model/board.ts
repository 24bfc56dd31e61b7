/** board.ts - one board's state: objects by id, and the order of lists on the board and of cards
 * in their lists.
 *
 * `Board` holds what the server confirmed. `Overlay` is the same over another one, of which it
 * keeps only the differences: the view
 * with one's own pending changes costs what was changed, not what the board holds. Both are read
 * and changed through `State`. */
import type { Id } from './id';
import { canonical, type Json } from './json';
import { type Entity, entityOf, isPart, kindNumber } from './kinds';

export interface Row {
    readonly kind: string;
    readonly o: Entity;
}

/** The parent in whose order an object stands, or undefined. Lists stand under LISTS. */
export const LISTS = '';

/** Parts of one card, of one kind. */
export function partsOf(kind: string, card: Id): string {
    return `${kind} ${card}`;
}

export function parentOf(row: Row | undefined): string | undefined {
    if (row?.kind === 'card') return row.o.idList as Id;
    if (row?.kind === 'list') return LISTS;
    if (row?.kind === 'checkItem') return row.o.idChecklist as Id;
    if (row?.kind === 'customField') return row.kind;
    if (row?.kind === 'customFieldOption') return row.o.idCustomField as Id;
    return row && isPart(row.o) ? partsOf(row.kind, row.o.idCard as Id) : undefined;
}

/** Where there is no place, the older comes first: ids begin with the time. */
function posOf(row: Row): number {
    return (row.o.pos as number | undefined) ?? 0;
}

export function inOrder(a: Row, b: Row): number {
    return posOf(a) - posOf(b) || (a.o.id < b.o.id ? -1 : a.o.id > b.o.id ? 1 : 0);
}

/** Where row is, or would come, among sorted rows. */
export function placeIn(rows: readonly Row[], row: Row): number {
    let low = 0;
    let high = rows.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (inOrder(rows[middle] as Row, row) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** Parts of some cards: all there are of these. */
export interface PartsHeld {
    readonly cards: readonly Id[];
    readonly rows: readonly (readonly [kind: string, fields: Entity])[];
}

export abstract class State {
    abstract get(id: Id): Row | undefined;
    protected abstract store(id: Id, row: Row | undefined): void;
    /** Sorted by (pos, id), closed ones among them. For reading only. */
    abstract children(parent: Id): readonly Row[];
    /** Are the parts of this card here, all of them? */
    abstract holds(card: Id): boolean;

    hold(_card: Id): void {}

    /** May a part of this card come in? Else what happens to it is passed over. */
    abstract takes(card: Id): boolean;
    protected abstract childrenToChange(parent: Id): Row[];

    /** Puts the row in place of the one with its id; with undefined removes it. */
    put(id: Id, row: Row | undefined): void {
        const old = this.get(id);
        const from = parentOf(old);
        const to = parentOf(row);
        if (old !== undefined && from !== undefined) {
            const rows = this.childrenToChange(from);
            rows.splice(placeIn(rows, old), 1);
        }
        this.store(id, row);
        if (row !== undefined && to !== undefined) {
            const rows = this.childrenToChange(to);
            rows.splice(placeIn(rows, row), 0, row);
        }
    }

    /** In no particular order; an array of the caller's own. */
    abstract ofKind(kind: string): Row[];
}

const none: readonly Row[] = [];

export class Board extends State {
    seq = 0;
    h = '';
    private readonly objects = new Map<Id, Row>();
    private readonly kinds = new Map<string, Map<Id, Row>>();
    private readonly orders = new Map<Id, Row[]>();
    private readonly held = new Set<Id>();
    /** Cards whose parts are asked for: of these what comes is taken in before the others are here,
     * so that one's own is not gone in between. */
    readonly awaited = new Set<Id>();

    get(id: Id): Row | undefined {
        return this.objects.get(id);
    }

    holds(card: Id): boolean {
        return this.held.has(card);
    }

    override hold(card: Id): void {
        this.held.add(card);
    }

    takes(card: Id): boolean {
        return this.held.has(card) || this.awaited.has(card);
    }

    /** What hangs on the card, as far as it is here. */
    on(card: Id): Row[] {
        return [...this.objects.values()].filter(({ o }) => o.idCard === card);
    }

    /** What hangs on those of these cards whose parts are here. */
    parts(cards: readonly Id[]): PartsHeld {
        const held = new Set(cards.filter((card) => this.held.has(card)));
        const rows = [...this.objects.values()].filter(({ o }) => held.has(o.idCard as Id));
        return { cards: [...held], rows: rows.map(({ kind, o }) => [kind, o]) };
    }

    putParts({ cards, rows }: PartsHeld): void {
        for (const card of cards) if (this.objects.has(card)) this.held.add(card);
        for (const [kind, o] of rows)
            if (this.held.has(o.idCard as Id)) this.put(o.id, { kind, o });
    }

    ofKind(kind: string): Row[] {
        return [...(this.kinds.get(kind)?.values() ?? [])];
    }

    children(parent: Id): readonly Row[] {
        return this.orders.get(parent) ?? none;
    }

    protected store(id: Id, row: Row | undefined): void {
        const old = this.objects.get(id);
        if (old !== undefined && old.kind !== row?.kind) this.kinds.get(old.kind)?.delete(id);
        if (row === undefined) {
            this.objects.delete(id);
            this.held.delete(id);
            return;
        }
        this.objects.set(id, row);
        let same = this.kinds.get(row.kind);
        if (same === undefined) this.kinds.set(row.kind, (same = new Map()));
        same.set(id, row);
    }

    protected childrenToChange(parent: Id): Row[] {
        let rows = this.orders.get(parent);
        if (rows === undefined) this.orders.set(parent, (rows = []));
        return rows;
    }

    /** Everything anew, from a snapshot. Parts are not in one. */
    load(objects: Iterable<readonly [string, Entity]>, seq: number, h: string): void {
        this.held.clear();
        this.objects.clear();
        this.kinds.clear();
        this.orders.clear();
        for (const [kind, fields] of objects) {
            const row: Row = { kind, o: entityOf(kind, fields.id, fields.s, fields) };
            this.store(row.o.id, row);
            const parent = parentOf(row);
            if (parent !== undefined) this.childrenToChange(parent).push(row);
        }
        for (const rows of this.orders.values()) rows.sort(inOrder);
        this.seq = seq;
        this.h = h;
    }

    /** [[kind, {..}], ..] by kind and id: the form of snapshots. */
    objectList(): [string, Entity][] {
        return [...this.objects.values()]
            .filter((row) => !isPart(row.o))
            .sort(
                (a, b) =>
                    kindNumber(a.kind) - kindNumber(b.kind) ||
                    (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0) ||
                    (a.o.id < b.o.id ? -1 : 1),
            )
            .map((row) => [row.kind, row.o]);
    }

    /** The same text as the server's board_write for the same state: equal boards have equal text.
     * */
    canonical(): string {
        return canonical({ objects: this.objectList() as Json, pos: [this.seq, this.h] });
    }
}

export class Overlay extends State {
    /** What differs from the state below; undefined: not there any more. */
    readonly changed = new Map<Id, Row | undefined>();
    private readonly orders = new Map<Id, Row[]>();

    constructor(private readonly below: State) {
        super();
    }

    get(id: Id): Row | undefined {
        return this.changed.has(id) ? this.changed.get(id) : this.below.get(id);
    }

    /** A card that is only here has no other parts than those that are here. */
    holds(card: Id): boolean {
        return this.below.holds(card) || this.below.get(card) === undefined;
    }

    takes(): boolean {
        return true;
    }

    ofKind(kind: string): Row[] {
        const found = this.below.ofKind(kind).filter((row) => !this.changed.has(row.o.id));
        for (const row of this.changed.values()) if (row?.kind === kind) found.push(row);
        return found;
    }

    children(parent: Id): readonly Row[] {
        return this.orders.get(parent) ?? this.below.children(parent);
    }

    protected store(id: Id, row: Row | undefined): void {
        this.changed.set(id, row);
    }

    protected childrenToChange(parent: Id): Row[] {
        let rows = this.orders.get(parent);
        if (rows === undefined) this.orders.set(parent, (rows = [...this.below.children(parent)]));
        return rows;
    }
}

/** parts.ts - what hangs on cards (checklists, comments, ..): fetched with a card that is looked
 * at, then followed by the effects of the stream (model/apply.ts). Comes with the first open card.
 *
 * An answer may be older than the board by the time it comes: what happened to parts between the
 * question and its answer is kept, and done again on what the answer says. It may be newer, too,
 * while the stream is asked for again from an earlier place: then, and after a snapshot, cards
 * that are looked at are asked for again. */
import { apply, type Effect } from '../model/apply';
import type { Board } from '../model/board';
import type { Id } from '../model/id';
import { isObject } from '../model/json';
import { kinds } from '../model/kinds';
import type { ServerMessage } from '../sync/messages';

export interface PartsOwner {
    readonly board: Board;
    /** Asks the server for a card; undefined: not now, or it is none. */
    getCard(card: Id): number | undefined;
}

export class Parts {
    private readonly asked = new Map<number, Id>();
    private readonly wanted = new Set<Id>();
    private late: { readonly s: number; readonly e: readonly Effect[] }[] = [];
    private floor = 0; // of the last snapshot

    constructor(private readonly owner: PartsOwner) {}

    /** Someone looks at the card. */
    want(card: Id): void {
        const { board } = this.owner;
        if (board.holds(card)) return;
        board.awaited.add(card);
        if ([...this.asked.values()].includes(card)) return;
        if (this.owner.getCard(card) === undefined) this.wanted.add(card);
    }

    /** The connection is live. */
    askWanted(): void {
        const cards = [...this.wanted];
        this.wanted.clear();
        for (const card of cards) this.want(card);
    }

    /** Whoever asked for a card: the answer has its parts, too. */
    asking(request: number, card: Id): void {
        this.asked.set(request, card);
    }

    event(s: number, e: readonly Effect[]): void {
        if (this.asked.size > 0)
            this.late.push({ s, e: e.filter((one) => !kinds.has(String(one[1]))) });
    }

    /** A snapshot came, at seq. */
    lose(seq: number): void {
        this.floor = seq;
    }

    /** Which objects are others now. */
    answer({ id, at, parts }: Extract<ServerMessage, { t: 'card' }>): Set<Id> {
        const card = this.asked.get(id);
        const { board } = this.owner;
        const ids = new Set<Id>();
        this.asked.delete(id);
        if (card !== undefined && (at < this.floor || at > board.seq)) {
            this.want(card); // what changed them between the two was never told, or is yet to be
        } else if (card !== undefined) {
            for (const { o } of board.on(card)) {
                board.put(o.id, undefined);
                ids.add(o.id);
            }
            board.awaited.delete(card);
            board.putParts({ cards: [card], rows: parts });
            for (const { s, e } of this.late)
                if (s > at) apply(board, e.filter((one) => isOf(one, card)), s);
            for (const { o } of board.on(card)) ids.add(o.id);
            ids.add(card);
        }
        if (this.asked.size === 0) this.late = [];
        return ids;
    }

    /** The question was refused, or its connection is gone. undefined: all of them. */
    forget(request?: number): void {
        if (request === undefined) {
            for (const card of this.asked.values()) this.wanted.add(card);
            this.asked.clear();
        } else {
            this.asked.delete(request);
        }
        if (this.asked.size === 0) this.late = [];
    }
}

/** All that may come of others once more is a value they had before, and then the one they have. */
function isOf(effect: Effect, card: Id): boolean {
    const fields = effect[3];
    return effect[0] !== 'add' || (isObject(fields) && fields.idCard === card);
}

/** storage.ts - what outlives the page: boards for a quick and offline start, the queue of unsent
 * ops, drafts, what is being typed.
 *
 * One face, two makers: IndexedDB (storage_idb.ts), and memory where the browser has none or
 * refuses it (private windows): then
 * everything works and nothing survives a reload. No call rejects: a failing write is a write that
 * did not last. */
import type { PartsHeld } from '../model/board';
import type { Id } from '../model/id';
import type { Json, JsonObject } from '../model/json';
import type { Entity, Person } from '../model/kinds';
import type { Op } from '../model/ops';

export interface StoredBoard {
    readonly id: Id;
    readonly shortLink: string;
    readonly seq: number;
    readonly h: string;
    readonly objects: readonly (readonly [string, Entity])[];
    readonly who: readonly Person[];
    /** Long texts that were looked at lately, each as it was at its seq. */
    readonly texts?: readonly (readonly [id: Id, text: string, s: number])[];
    /** What hangs on cards that were looked at lately. */
    readonly parts?: PartsHeld;
    readonly savedMs: number;
}

/** One op message that has no verdict yet. */
export interface StoredOp {
    readonly board: Id;
    readonly cl: string;
    readonly n: number;
    readonly base: number;
    readonly ops: readonly Op[];
    readonly madeMs: number;
    /** Of an op on a text: that text as it was confirmed at base. */
    readonly was?: string | undefined;
    /** It was not: what happened to the text before base is not known yet. */
    readonly gap?: boolean;
    readonly guessed?: boolean;
}

/** What the server refused, or what could not be told: its content is kept until the person
 * decides. */
export interface Draft {
    readonly id: string;
    readonly board: Id;
    readonly ops: readonly Op[];
    readonly why: string;
    readonly detail: JsonObject;
    readonly madeMs: number;
}

export interface Storage {
    /** False: nothing survives the page. */
    readonly lasting: boolean;
    board(id: Id): Promise<StoredBoard | undefined>;
    boardByLink(shortLink: string): Promise<Id | undefined>;
    /** The card of any stored board with this id or short link. */
    cardByKey(key: string): Promise<{ id: Id; idBoard: Id } | undefined>;
    putBoard(board: StoredBoard): Promise<void>;
    dropBoard(id: Id): Promise<void>;
    /** All unsent ops of a board, of every client, by client and n. */
    queue(board: Id): Promise<StoredOp[]>;
    /** counter: the highest n its client ever gave on its board, written with it. */
    putOp(op: StoredOp, counter: number): Promise<void>;
    /** draft: what becomes of them, written with the drop or not at all. */
    dropOps(board: Id, cl: string, ns: readonly number[], draft?: Draft): Promise<void>;
    counter(board: Id, cl: string): Promise<number>; // the highest n ever given; 0: none
    drafts(board: Id): Promise<Draft[]>;
    dropDraft(id: string): Promise<void>;
    /** Small values by name: what is being typed, heartbeats of tabs, preferences. */
    get(name: string): Promise<Json | undefined>;
    put(name: string, value: Json | undefined): Promise<void>;
    /** Everything of this person goes, for all tabs, and nothing is written any more: at sign-out.
     * Then the page is to be left. */
    clear(): Promise<void>;
}

export function cardIn(
    board: StoredBoard,
    key: string,
): { readonly id: Id; readonly idBoard: Id } | undefined {
    const row = board.objects.find(
        ([kind, o]) => kind === 'card' && (o.id === key || o.shortLink === key),
    );
    return row === undefined ? undefined : { id: row[1].id, idBoard: board.id };
}

function key(board: Id, cl: string): string {
    return `${board} ${cl}`;
}

export function memoryStorage(): Storage {
    const boards = new Map<Id, StoredBoard>();
    const ops = new Map<string, StoredOp>();
    const counters = new Map<string, number>();
    const drafts = new Map<string, Draft>();
    const values = new Map<string, Json>();
    const opKey = (board: Id, cl: string, n: number) => `${key(board, cl)} ${n}`;
    return {
        lasting: false,
        board: async (id) => boards.get(id),
        boardByLink: async (link) =>
            [...boards.values()].find((board) => board.shortLink === link)?.id,
        cardByKey: async (link) =>
            [...boards.values()].map((board) => cardIn(board, link)).find((card) => card),
        putBoard: async (board) => void boards.set(board.id, board),
        dropBoard: async (id) => void boards.delete(id),
        queue: async (board) =>
            [...ops.values()]
                .filter((op) => op.board === board)
                .sort((a, b) => (a.cl < b.cl ? -1 : a.cl > b.cl ? 1 : a.n - b.n)),
        putOp: async (op, counter) => {
            ops.set(opKey(op.board, op.cl, op.n), op);
            counters.set(key(op.board, op.cl), counter);
        },
        dropOps: async (board, cl, ns, draft) => {
            if (draft !== undefined) drafts.set(draft.id, draft);
            ns.forEach((n) => ops.delete(opKey(board, cl, n)));
        },
        counter: async (board, cl) => counters.get(key(board, cl)) ?? 0,
        drafts: async (board) => [...drafts.values()].filter((draft) => draft.board === board),
        dropDraft: async (id) => void drafts.delete(id),
        get: async (name) => values.get(name),
        put: async (name, value) => {
            if (value === undefined) values.delete(name);
            else values.set(name, value);
        },
        clear: async () => [boards, ops, counters, drafts, values].forEach((map) => map.clear()),
    };
}

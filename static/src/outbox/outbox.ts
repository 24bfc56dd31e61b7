/** outbox.ts - one client id's op messages on one board that have no verdict yet, and the drafts
 * that became of refused ones.
 *
 *   add -> waiting --(live: sent)--> in flight --+-- own event at s ----------------> gone
 *            |  ^                      |         +-- dup, or n <= `sub`'s n --> in the state
 *            |  +---- connection lost -+         +-- rej, or among `refused` --------> draft
 *            +-- dropped, merged (never sent)
 *
 * n strictly increases, is never used twice, and is stored with its op before the op is sent. At
 * most WINDOW are in flight: the server
 * remembers the last 64 refusals. Pure but for the storage it writes to; the order of writes is
 * the order of calls. */
import type { Id } from '../model/id';
import type { JsonObject } from '../model/json';
import { type Op, setTarget } from '../model/ops';
import { type Delta, deltaApply, deltaDiff } from '../model/text';
import { deltaCompose } from '../model/text_transform';
import type { Draft, Storage, StoredOp } from './storage';
import {
    changesText,
    composed,
    isHeld,
    shift,
    textAfter,
    textOf,
    unsentText,
    wholeText,
    withDelta,
} from './texts';

export const WINDOW = 60;
export const QUEUE_MAX = 5000;
/** A day less than the server remembers what a client sent: behind it a second copy would be done
 * a second time. */
const RESEND_MS = 29 * 86_400_000;

export interface Entry {
    readonly n: number;
    base: number;
    ops: readonly Op[];
    readonly madeMs: number;
    stored: boolean; // may be sent: it would survive a reload
    inFlight: boolean; // on the present connection
    copies: number; // sent on it, each to be answered
    everSent: boolean; // then it may be applied already: neither merged nor dropped
    appliedAt: number; // known to be in the server's state at this seq; 0: not known
    /** Of an op on a text: the confirmed text at `base`, as far as it is known. */
    was: string | undefined;
    /** Between `base` and the board nobody saw what happened to the text: a snapshot came. */
    gap: boolean;
    /** It was sent before such a gap was closed by the difference: a copy that is still on its way
     * may be merged otherwise. */
    guessed: boolean;
}

export interface OutboxOptions {
    readonly board: Id;
    readonly cl: string;
    readonly storage: Storage;
    readonly now: () => number;
    readonly draftId: () => string;
    /** Something became sendable, or a draft was made. */
    readonly changed: () => void;
}

export class Outbox {
    readonly entries: Entry[] = [];
    private highest = 0;
    /** The server said on the present connection what it has of these. */
    private told = false;

    constructor(private readonly options: OutboxOptions) {}

    get cl(): string {
        return this.options.cl;
    }

    get full(): boolean {
        return this.entries.length >= QUEUE_MAX;
    }

    /** From storage, before anything else. What is found there may have been sent by the page that
     * made it. */
    restore(rows: readonly StoredOp[], counter: number): void {
        for (const { n, base, ops, madeMs, was, gap, guessed } of rows) {
            this.entries.push({
                n,
                base,
                ops,
                madeMs,
                stored: true,
                inFlight: false,
                copies: 0,
                everSent: true,
                appliedAt: 0,
                was,
                gap: gap === true,
                guessed: guessed === true,
            });
        }
        this.entries.sort((a, b) => a.n - b.n);
        this.highest = Math.max(counter, this.entries.at(-1)?.n ?? 0);
    }

    private store(entry: Entry): void {
        const { board, cl, storage } = this.options;
        entry.stored = false;
        const { n, base, ops, madeMs, was, gap, guessed } = entry;
        const row = { board, cl, n, base, ops, madeMs, was, gap, guessed };
        void storage.putOp(row, this.highest).then(() => {
            entry.stored = entry.ops === ops;
            this.options.changed();
        });
    }

    /** base: the seq of the state that the person saw; was: of an op on a text, that text as it is
     * confirmed; gap: as far as it is known. Returns the entry, which may be an older one that took
     * the change in. */
    add(ops: readonly Op[], base: number, was?: string, gap = false): Entry {
        const merged = this.merge(ops) ?? this.mergeText(ops);
        return merged ?? this.push(ops, base, was, gap);
    }

    private push(
        ops: readonly Op[],
        base: number,
        was: string | undefined,
        gap: boolean,
    ): Entry {
        const entry: Entry = {
            n: ++this.highest,
            base,
            ops,
            madeMs: this.options.now(),
            stored: false,
            inFlight: false,
            copies: 0,
            everSent: false,
            appliedAt: 0,
            was,
            gap,
            guessed: false,
        };
        this.entries.push(entry);
        this.store(entry);
        return entry;
    }

    /** A set joins an unsent set of the same object when only sets of other objects came between.
     * */
    private merge(ops: readonly Op[]): Entry | undefined {
        const target = setTarget(ops);
        if (target === undefined) return undefined;
        for (let i = this.entries.length - 1; i >= 0; i--) {
            const entry = this.entries[i] as Entry;
            const other = entry.everSent ? undefined : setTarget(entry.ops);
            if (other === undefined) return undefined;
            if (other !== target) continue;
            const prefs = mergedPrefs(entry.ops[0] as Op, ops[0] as Op);
            entry.ops = [{ ...entry.ops[0], ...ops[0], ...prefs } as Op];
            this.store(entry);
            return entry;
        }
        return undefined;
    }

    private mergeText(ops: readonly Op[]): Entry | undefined {
        const op = textOf({ ops });
        const entry = op === undefined ? undefined : unsentText(this.entries, op.id);
        const old = entry === undefined ? undefined : textOf(entry);
        if (op === undefined || entry === undefined || old === undefined) return undefined;
        const both = deltaCompose(old.delta, op.delta);
        if (both === undefined) return undefined;
        entry.ops = withDelta(entry, both);
        this.store(entry);
        return entry;
    }

    /** Takes back the newest message if it was never sent. */
    drop(n: number): boolean {
        const last = this.entries.at(-1);
        if (last === undefined || last.n !== n || last.everSent) return false;
        this.remove([last]);
        return true;
    }

    private remove(gone: readonly Entry[], draft?: Draft): void {
        if (gone.length === 0) return;
        const set = new Set(gone);
        let kept = 0;
        for (const entry of this.entries) if (!set.has(entry)) this.entries[kept++] = entry;
        this.entries.length = kept;
        void this.options.storage.dropOps(
            this.options.board,
            this.cl,
            gone.map((entry) => entry.n),
            draft,
        );
    }

    find(n: number): Entry | undefined {
        return this.entries.find((entry) => entry.n === n);
    }

    /* -- sending */

    /** The connection is gone: nothing is in flight. */
    lost(): void {
        this.told = false;
        for (const entry of this.entries) {
            entry.inFlight = false;
            entry.copies = 0;
        }
    }

    /** A snapshot may have swallowed events of the connection, which goes on: what is in flight is
     * sent once more. */
    again(): void {
        for (const entry of this.entries) entry.inFlight = false;
    }

    /** What may leave now, in order, marked as in flight; seq: where the board is. An entry that is
     * not stored yet holds back those behind it, and so does a text op that has to wait. */
    take(seq: number): Entry[] {
        const taken: Entry[] = [];
        let flying = 0;
        for (const entry of this.entries) if (entry.inFlight) flying++;
        for (const entry of this.entries) {
            if (flying >= WINDOW) break;
            if (entry.inFlight || entry.appliedAt > 0) continue;
            if (!entry.stored || isHeld(this.entries, entry)) break;
            if (textOf(entry) !== undefined) entry.base = Math.max(entry.base, seq);
            entry.inFlight = entry.everSent = true;
            entry.copies++;
            taken.push(entry);
            flying++;
        }
        return taken;
    }

    /* -- verdicts */

    /** The event (cl, n) is in the state now. */
    acknowledge(n: number): boolean {
        const entry = this.find(n);
        if (entry !== undefined) this.remove([entry]);
        return entry !== undefined;
    }

    /** The event (cl, n) is in the server's state at seq, which the board may not have reached. */
    applied(n: number, seq: number): void {
        const entry = this.find(n);
        if (entry !== undefined && entry.appliedAt === 0) entry.appliedAt = seq;
    }

    /** What was refused for the moment is judged anew when its next copy comes: the last one
     * decides. */
    refuse(n: number, why: string, detail: JsonObject): Draft | undefined {
        const entry = this.find(n);
        if (entry === undefined || --entry.copies > 0) return undefined;
        if (why === 'stale' && this.requeue(entry)) return undefined;
        return this.toDraft(entry, why, detail);
    }

    /** With its text goes what was written behind it, which counts from it. */
    private toDraft(entry: Entry, why: string, detail: JsonObject): Draft {
        const chain = deltasOf(this.chainFrom(entry));
        const draft: Draft = {
            id: this.options.draftId(),
            board: this.options.board,
            ops: textOf(entry) === undefined ? entry.ops : wholeText(chain),
            why,
            detail,
            madeMs: entry.madeMs,
        };
        this.remove(chain, draft);
        return draft;
    }

    /** From `sub` or `dup`: up to n everything was judged; what is not refused is in the state at
     * seq. */
    judged(n: number, refused: readonly number[], seq: number): Draft[] {
        this.highest = Math.max(this.highest, n);
        this.told = true;
        const drafts: Draft[] = [];
        for (const entry of [...this.entries]) {
            if (!this.entries.includes(entry)) continue; // went into the draft of another
            const isUnsent = !entry.everSent;
            if (entry.n > n) {
                // whether it was done when it was sent nobody knows any more
                if (!isUnsent && !entry.inFlight && this.options.now() > entry.madeMs + RESEND_MS)
                    drafts.push(this.toDraft(entry, 'old', {}));
            } else if (isUnsent) this.renumber(entry);
            else if (refused.includes(entry.n)) drafts.push(this.toDraft(entry, 'refused', {}));
            else if (entry.appliedAt === 0) entry.appliedAt = seq;
        }
        return drafts;
    }

    /** The server saw this n from elsewhere - the counter was lost with the storage, or the tab
     * was copied - and would take it for that. */
    private renumber(entry: Entry): void {
        this.remove([entry]);
        this.push(entry.ops, entry.base, entry.was, entry.gap);
    }

    /** The board is at seq: what is applied there is in it. */
    reached(seq: number, passed?: (entry: Entry) => void): boolean {
        const gone = this.entries.filter((entry) => entry.appliedAt > 0 && entry.appliedAt <= seq);
        for (const entry of gone) {
            this.passed(entry);
            passed?.(entry);
        }
        this.remove(gone);
        return gone.length > 0;
    }

    /** The server's history is another one than ours: whether these were applied cannot be told. */
    abandon(why: string): Draft[] {
        const drafts: Draft[] = [];
        for (const entry of [...this.entries])
            if (entry.appliedAt === 0 && this.entries.includes(entry))
                drafts.push(this.toDraft(entry, why, {}));
        return drafts;
    }

    /* -- texts: see texts.ts */

    private chain(id: Id): Entry[] {
        return this.entries.filter((entry) => changesText(entry, id));
    }

    private chainFrom(entry: Entry): Entry[] {
        const op = textOf(entry);
        return op === undefined ? [entry] : this.chain(op.id).filter(({ n }) => n >= entry.n);
    }

    /** Restored ops, under a board that is at seq and knows these texts: another tab may have kept
     * the board, or a snapshot came, and what happened since their base nobody told them. */
    doubt(seq: number, known: (id: Id) => string | undefined): void {
        for (const entry of this.entries) {
            const op = textOf(entry);
            if (op === undefined || entry.base >= seq) continue;
            if (entry.was !== known(op.id)) entry.gap = true;
        }
        for (const id of this.gaps()) this.lose(id);
    }

    /** Texts whose ops may be moved by the difference: those in flight are not in it. */
    askable(): Iterable<Id> {
        return this.told ? this.gaps() : [];
    }

    /** Texts whose ops wait for their text to be fetched. */
    gaps(): Set<Id> {
        const ids = new Set<Id>();
        for (const entry of this.entries) {
            const op = textOf(entry);
            if (op !== undefined && entry.gap) ids.add(op.id);
        }
        return ids;
    }

    /** A snapshot came; or, of one text, it turned out to be another one. */
    lose(id?: Id): void {
        for (const entry of this.entries) {
            const op = textOf(entry);
            if (op !== undefined && (id === undefined || op.id === id)) entry.gap = true;
        }
    }

    /** Somebody else's change of the confirmed text; isSecond: the event at s changed it already.
     * Returns what it does to the view. */
    follow(id: Id, delta: Delta, s: number, isSecond: boolean): Delta {
        // a restored one may be ahead of the stored board
        const behind = (entry: Entry): boolean => entry.base < s || (isSecond && entry.base === s);
        const chain = this.chain(id).filter((entry) => !entry.gap && behind(entry));
        const rest = shift(
            chain,
            delta,
            (was) => (was === undefined ? undefined : deltaApply(was, delta)),
            s,
        );
        for (const entry of chain) this.store(entry);
        return rest;
    }

    /** The text as it is fetched, after a gap: what changed meanwhile is the difference. Returns
     * what that does to the view; undefined: nothing waits for it. */
    rebase(id: Id, text: string, s: number): Delta | undefined {
        const chain = this.chain(id);
        const first = chain.find((entry) => textOf(entry) !== undefined);
        if (first?.gap !== true || !this.told) return undefined;
        for (const entry of chain) {
            entry.gap = false;
            entry.guessed ||= entry.everSent;
        }
        const delta = first.was === undefined ? [] : deltaDiff(first.was, text);
        const rest = shift(chain, delta, () => text, s);
        for (const entry of chain) this.store(entry);
        return rest;
    }

    /** The text cannot be fetched: its ops go as they are, and the server says why not. */
    release(id: Id): void {
        if (!this.gaps().has(id)) return;
        for (const entry of this.chain(id)) entry.gap = false;
        this.options.changed();
    }

    /** One's own message came back as this change of the text, which is `now`. Returns what that
     * does to the view: nothing, or the server and this client do not merge alike. */
    settle(entry: Entry, id: Id, now: string | undefined, s: number): Delta {
        const before = textAfter(entry, id, entry.was);
        const known = !entry.gap && before !== undefined && now !== undefined;
        const wrong = known ? deltaDiff(before, now) : [];
        const rest = this.chain(id).filter((other) => other.n > entry.n);
        const does = shift(rest, wrong, () => now ?? before, s);
        for (const other of rest) this.store(other);
        return does;
    }

    /** It is in the state, without having come back as an event. */
    private passed(entry: Entry): void {
        for (const other of this.entries) {
            const op = textOf(other);
            if (op !== undefined && other.n > entry.n && changesText(entry, op.id))
                other.was = textAfter(entry, op.id, entry.was ?? other.was);
        }
    }

    /** Refused because it was made from a text that the server no longer remembers; this client has
     * followed it since. A number is judged once, so it gets another, with what waits behind. */
    private requeue(entry: Entry): boolean {
        const chain = this.chainFrom(entry);
        const all = composed(chain);
        if (all === undefined) return false;
        this.push(withDelta(entry, all), entry.base, entry.was, entry.gap);
        this.remove(chain);
        return true;
    }
}

/** The deltas that count from the first; one that replaces the text may be on its way, and what is
 * behind it counts from that. */
function deltasOf(chain: readonly Entry[]): readonly Entry[] {
    const end = chain.findIndex((entry, i) => i > 0 && textOf(entry) === undefined);
    return end < 0 ? chain : chain.slice(0, end);
}

/** prefs are merged member by member by the server, so two sets of them are too. */
function mergedPrefs(older: Op, newer: Op): JsonObject {
    const a = (older as JsonObject).prefs;
    const b = (newer as JsonObject).prefs;
    return typeof a === 'object' && a !== null && typeof b === 'object' && b !== null
        ? { prefs: { ...a, ...b } as JsonObject }
        : {};
}

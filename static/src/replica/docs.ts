/** docs.ts - long texts (desc): fetched with their card, then followed by the txt effects of the
 * stream.
 *
 * A text is at some seq; an effect of that seq or an older one is in it already. What comes
 * between the question and its answer is
 * kept, because an answer may be older than the board by then. */
import type { TextSink } from '../model/apply';
import type { Id } from '../model/id';
import { stringOf } from '../model/json';
import type { Op } from '../model/ops';
import { type Delta, deltaApply } from '../model/text';
import type { ServerMessage } from '../sync/messages';

interface Doc {
    text: string;
    s: number;
}

interface Late {
    readonly s: number;
    readonly delta: Delta;
}

const KEPT_MAX = 50;

type CardMessage = Extract<ServerMessage, { t: 'card' }>;

export class Docs implements TextSink {
    private seq = 0; // of the event being applied
    private readonly inEvent = new Set<Id>(); // what it changed already: it may name a text twice
    private floor = 0; // of the last snapshot
    private readonly docs = new Map<Id, Doc>();
    private readonly asked = new Map<number, Id>();
    private readonly late = new Map<Id, Late[]>();
    readonly changed = new Set<Id>();

    /** The confirmed text; undefined: not known yet. */
    confirmed(id: Id): string | undefined {
        return this.docs.get(id)?.text;
    }

    known(): Id[] {
        return [...this.docs.keys()];
    }

    /** What is worth keeping over a reload: the texts that came last. */
    kept(): [Id, string, number][] {
        return [...this.docs].slice(-KEPT_MAX).map(([id, { text, s }]) => [id, text, s]);
    }

    restore(texts: readonly (readonly [Id, string, number])[]): void {
        for (const [id, text, s] of texts) this.docs.set(id, { text, s });
    }

    /** With one's own pending ops. */
    view(id: Id, pending: Iterable<Op>): string | undefined {
        let text = this.docs.get(id)?.text;
        for (const op of pending) {
            if (op.op === 'card.create' && op.id === id) text = stringOf(op.desc);
            if (op.op === 'text.put' && op.id === id) text = op.text;
            if (op.op === 'text' && op.id === id && text !== undefined)
                text = deltaApply(text, op.delta) ?? text;
        }
        return text;
    }

    isAsked(id: Id): boolean {
        return this.late.has(id);
    }

    ask(id: Id, request: number): void {
        this.asked.set(request, id);
        if (!this.late.has(id)) this.late.set(id, []);
    }

    /** Returns the card to be asked for again: its text is older than a snapshot that came
     * meanwhile, and what changed it in between was never told. */
    answer(message: CardMessage): Id | undefined {
        const id = this.asked.get(message.id);
        if (id === undefined) return undefined;
        this.asked.delete(message.id);
        if (message.at < this.floor) {
            this.late.delete(id);
            return id;
        }
        const doc: Doc = { text: stringOf(message.card.desc), s: message.at };
        for (const { s, delta } of this.late.get(id) ?? []) {
            if (s <= message.at) continue; // in it already
            doc.text = deltaApply(doc.text, delta) ?? doc.text;
            doc.s = s;
        }
        this.late.delete(id);
        this.docs.set(id, doc);
        this.changed.add(id);
        return undefined;
    }

    /** The question was refused, or its connection is gone. undefined: all of them. */
    forget(request?: number): void {
        if (request === undefined) {
            this.asked.clear();
            this.late.clear();
            return;
        }
        const id = this.asked.get(request);
        this.asked.delete(request);
        if (id !== undefined) this.late.delete(id);
    }

    /** A snapshot came, at seq: whatever was known may have changed. Returns the ids to ask for
     * again. */
    stale(seq: number): Id[] {
        this.floor = seq;
        const ids = this.known();
        this.docs.clear();
        return ids;
    }

    /** What is told from here on is of the event at seq. */
    event(seq: number): void {
        this.seq = seq;
        this.inEvent.clear();
    }

    text(_kind: string, id: Id, _field: string, delta: Delta): void {
        this.late.get(id)?.push({ s: this.seq, delta });
        const doc = this.docs.get(id);
        if (doc === undefined || (doc.s >= this.seq && !this.inEvent.has(id))) return;
        this.inEvent.add(id);
        const text = deltaApply(doc.text, delta);
        // it was not the text the server has: fetched anew when it is looked at
        if (text === undefined) this.docs.delete(id);
        else Object.assign(doc, { text, s: this.seq });
        this.changed.add(id);
    }

    begin(_kind: string, id: Id, _field: string, text: string): void {
        this.docs.set(id, { text, s: this.seq });
        this.inEvent.add(id);
        this.changed.add(id);
    }

    gone(id: Id): void {
        if (this.docs.delete(id)) this.changed.add(id);
    }
}

/** docs.ts - long texts (desc): fetched with their card, then followed by the txt effects of the
 * stream, one's own unconfirmed changes moved past them.
 *
 * A text is at some seq; an effect of that seq or an older one is in it already. What comes
 * between the question and its answer is kept, because an answer may be older than the board by
 * then. After a snapshot a text is `old`: still shown and written in, but nothing is sent before it
 * was fetched again and the difference is known. */
import type { TextSink } from '../model/apply';
import type { Id } from '../model/id';
import { stringOf } from '../model/json';
import type { Op } from '../model/ops';
import { type Delta, deltaApply, deltaDiff } from '../model/text';
import { deltaTransform } from '../model/text_transform';
import type { Entry, Outbox } from '../outbox/outbox';
import { changesText, textAfter, textOf } from '../outbox/texts';
import type { ServerMessage } from '../sync/messages';

interface Doc {
    text: string;
    s: number;
    old: boolean;
}

interface Late {
    readonly s: number;
    readonly delta: Delta;
}

/** An open editor: what it shows, and how it is told of others' changes. */
interface Live {
    shown: string;
    readonly tell: (delta: Delta) => void;
}

const KEPT_MAX = 50;

interface Own {
    readonly outbox: Outbox;
    readonly entry: Entry;
}

type CardMessage = Extract<ServerMessage, { t: 'card' }>;

export interface DocsOwner {
    /** One's own first; then those of closed tabs, whose texts are not shown before they come
     * back as events. */
    outboxes(): readonly Outbox[];
    /** Asks the server for a card; undefined: not now, or it is none. */
    get(id: Id): number | undefined;
    report(what: string, detail: object): void;
}

export class Docs implements TextSink {
    private seq = 0; // of the event being applied
    private readonly inEvent = new Set<Id>(); // what it changed already: it may name a text twice
    private floor = 0; // of the last snapshot
    /** The own message that the event being applied acknowledges. */
    private own: Own | undefined;
    readonly changed = new Set<Id>();
    private readonly docs = new Map<Id, Doc>();
    private readonly asked = new Map<number, Id>();
    private readonly late = new Map<Id, Late[]>();
    private readonly wanted = new Set<Id>();
    private readonly open = new Map<Id, Live>();

    constructor(private readonly owner: DocsOwner) {}

    /** The confirmed text; undefined: not known. */
    confirmed(id: Id): string | undefined {
        return this.docs.get(id)?.text;
    }

    /** Texts that are as they were confirmed. */
    known(): Id[] {
        return [...this.docs].filter(([, doc]) => !doc.old).map(([id]) => id);
    }

    isOld(id: Id): boolean {
        return this.docs.get(id)?.old === true;
    }

    /** What is worth keeping over a reload: the texts that came last. */
    kept(): [Id, string, number][] {
        return [...this.docs]
            .filter(([, doc]) => !doc.old)
            .slice(-KEPT_MAX)
            .map(([id, { text, s }]) => [id, text, s]);
    }

    restore(texts: readonly (readonly [Id, string, number])[]): void {
        for (const [id, text, s] of texts) this.docs.set(id, { text, s, old: false });
    }

    /** Stored ops may know their text as it was later than the stored board, which is at seq; or
     * earlier, and then it is the one to show until it was fetched. */
    adopt(outbox: Outbox, seq: number): void {
        this.doubt(outbox, seq);
        for (const { ops, base, was, gap } of outbox.entries) {
            const id = textOf({ ops })?.id;
            if (id === undefined || was === undefined) continue;
            if (gap) this.wanted.add(id);
            if (gap || (this.docs.get(id)?.s ?? 0) < base)
                this.docs.set(id, { text: was, s: base, old: gap });
        }
    }

    doubt(outbox: Outbox, seq: number): void {
        outbox.doubt(seq, (id) => (this.isOld(id) ? undefined : this.confirmed(id)));
    }

    /** With one's own pending ops. */
    view(id: Id): string | undefined {
        let text = this.docs.get(id)?.text;
        const [own, ...others] = this.owner.outboxes();
        for (const other of others)
            for (const entry of other.entries)
                if (textOf(entry) === undefined) text = textAfter(entry, id, text);
        for (const entry of own?.entries ?? []) text = textAfter(entry, id, text) ?? text;
        return text;
    }

    /** A whole text is sent as its difference from what is shown, so that it merges. */
    asDelta(ops: readonly Op[]): readonly Op[] {
        const [op] = ops;
        if (op?.op !== 'text.put' || ops.length > 1) return ops;
        const delta = deltaDiff(this.view(op.id) ?? op.text, op.text);
        const { kind, id, field } = op;
        return delta.length === 0 ? ops : [{ op: 'text', kind, id, field, delta }];
    }

    /* -- fetching */

    ask(id: Id): void {
        if (this.late.has(id)) return;
        const request = this.owner.get(id);
        if (request === undefined) return;
        this.asked.set(request, id);
        this.late.set(id, []);
    }

    /** At once, or when the connection is live. */
    private askSoon(id: Id): void {
        this.ask(id);
        if (!this.late.has(id)) this.wanted.add(id);
    }

    /** The connection is live. */
    askWanted(): void {
        for (const outbox of this.owner.outboxes())
            for (const id of outbox.askable()) this.wanted.add(id);
        for (const id of this.wanted) {
            this.ask(id);
            if (!this.late.has(id)) this.release(id);
        }
        this.wanted.clear();
    }

    /** It cannot be fetched now: what is known of it is worth nothing, its ops go as they are. */
    private release(id: Id): void {
        if (this.isOld(id)) this.docs.delete(id);
        this.changed.add(id);
        for (const outbox of this.owner.outboxes()) outbox.release(id);
    }

    answer(message: CardMessage): void {
        const id = this.asked.get(message.id);
        if (id === undefined) return;
        this.asked.delete(message.id);
        if (message.at < this.floor) {
            // what changed it between the two was never told
            this.late.delete(id);
            this.askSoon(id);
            return;
        }
        const late = this.late.get(id) ?? [];
        this.late.delete(id);
        const was = this.docs.get(id)?.text;
        const doc: Doc = { text: stringOf(message.card.desc), s: message.at, old: false };
        this.docs.set(id, doc);
        const [own, ...others] = this.owner.outboxes();
        for (const other of others) other.rebase(id, doc.text, doc.s);
        const rest = own?.rebase(id, doc.text, doc.s);
        this.tell(id, rest ?? (was === undefined ? [] : deltaDiff(was, doc.text)));
        const { s: at } = doc;
        for (const { s, delta } of late) if (s > at) this.follow(id, delta, s, s === doc.s);
        this.changed.add(id);
    }

    /** The question was refused, or its connection is gone. undefined: all of them. */
    forget(request?: number): void {
        if (request === undefined) {
            for (const id of this.asked.values()) this.wanted.add(id);
            this.asked.clear();
            this.late.clear();
            return;
        }
        const id = this.asked.get(request);
        if (id === undefined) return;
        this.asked.delete(request);
        this.late.delete(id);
        this.release(id);
    }

    /** A snapshot came, at seq: whatever was known may have changed. */
    lose(seq: number): void {
        this.floor = seq;
        for (const [id, doc] of this.docs) {
            doc.old = true;
            this.wanted.add(id);
        }
        for (const outbox of this.owner.outboxes()) outbox.lose();
    }

    /* -- events */

    /** What is told from here on is of the event at seq, which acknowledges this own message. */
    event(seq: number, own: Own | undefined): void {
        this.seq = seq;
        this.own = own;
        this.inEvent.clear();
    }

    text(_kind: string, id: Id, _field: string, delta: Delta): void {
        this.late.get(id)?.push({ s: this.seq, delta });
        const isSecond = this.inEvent.has(id);
        if ((this.docs.get(id)?.s ?? 0) < this.seq || isSecond)
            this.follow(id, delta, this.seq, isSecond);
        this.inEvent.add(id);
        this.changed.add(id);
    }

    private follow(id: Id, delta: Delta, s: number, isSecond: boolean): void {
        const doc = this.docs.get(id);
        const own =
            this.own !== undefined && changesText(this.own.entry, id) ? this.own : undefined;
        if (doc !== undefined && !doc.old) {
            const text = deltaApply(doc.text, delta);
            if (text === undefined) this.wrong(id, doc);
            else Object.assign(doc, { text, s });
        }
        const now = doc?.old === false ? doc.text : undefined;
        const [first] = this.owner.outboxes();
        for (const outbox of this.owner.outboxes()) {
            const does =
                outbox === own?.outbox
                    ? this.settle(own, id, delta, now, s)
                    : outbox.follow(id, delta, s, isSecond);
            if (outbox === first && doc?.old !== true) this.tell(id, does);
        }
    }

    /** It was not the text the server has. */
    private wrong(id: Id, doc: Doc): void {
        this.owner.report('text', { id, s: this.seq, wrong: 'does not fit' });
        doc.old = true;
        for (const outbox of this.owner.outboxes()) outbox.lose(id);
        this.late.delete(id);
        this.askSoon(id);
    }

    /** What the server made of one's own op must be what this client made of it meanwhile. */
    private settle(
        { outbox, entry }: Own,
        id: Id,
        delta: Delta,
        now: string | undefined,
        s: number,
    ): Delta {
        const mine = textOf(entry)?.delta;
        const exact = mine !== undefined && !entry.gap && !entry.guessed;
        if (exact && JSON.stringify(mine) !== JSON.stringify(delta))
            this.owner.report('text', { id, s, mine, theirs: delta });
        const doc = this.docs.get(id);
        if (doc?.old === true && outbox === this.owner.outboxes()[0])
            doc.text = textAfter(entry, id, doc.text) ?? doc.text;
        return outbox.settle(entry, id, now, s);
    }

    /** An own message turned out to be in the state, without an event. */
    passed(entry: Entry): void {
        for (const [id, doc] of this.docs)
            if (doc.old) doc.text = textAfter(entry, id, doc.text) ?? doc.text;
    }

    begin(_kind: string, id: Id, _field: string, text: string): void {
        this.docs.set(id, { text, s: this.seq, old: false });
        this.inEvent.add(id);
        if (this.own !== undefined) this.own.outbox.settle(this.own.entry, id, text, this.seq);
        this.changed.add(id);
    }

    gone(id: Id): void {
        if (this.docs.delete(id)) this.changed.add(id);
    }

    /* -- open editors */

    private tell(id: Id, delta: Delta): void {
        const live = this.open.get(id);
        if (live === undefined || delta.length === 0) return;
        const shown = deltaApply(live.shown, delta);
        if (shown === undefined) return; // see catchUp
        live.shown = shown;
        live.tell(delta);
    }

    follower(id: Id, tell: (delta: Delta) => void): { readonly text: string; stop(): void } {
        const live = { shown: this.view(id) ?? '', tell };
        this.open.set(id, live);
        return {
            text: live.shown,
            stop: () => {
                if (this.open.get(id) === live) this.open.delete(id);
            },
        };
    }

    /** What came in other ways than as a change of this text: a draft, a refusal, an undo. */
    catchUp(): void {
        for (const [id, live] of this.open) {
            const text = this.view(id);
            if (text !== undefined && text !== live.shown)
                this.tell(id, deltaDiff(live.shown, text));
        }
    }

    /** A change made in an open editor, as one of the view; its editor shows it already. */
    edited(id: Id, delta: Delta): Delta {
        const live = this.open.get(id);
        const text = this.view(id);
        const shown = live === undefined ? undefined : deltaApply(live.shown, delta);
        if (live === undefined || shown === undefined) return delta;
        const missed = text === undefined ? [] : deltaDiff(live.shown, text);
        live.shown = shown;
        if (missed.length === 0) return delta;
        this.tell(id, deltaTransform(missed, delta, true));
        return deltaTransform(delta, missed, false);
    }
}

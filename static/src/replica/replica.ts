/** replica.ts - one board on this machine: what the server confirmed, one's own changes on top,
 * and the connection that joins them.
 *
 *   events --> board (confirmed) --+--> view = board + preview of every op without a verdict
 *   perform -> outbox -------------+        |
 *      ^          | live                    +--> changed(ids)
 *      |          v
 *      +------ link (own client id) ; couriers (ids of closed tabs, only to send what they left)
 *
 * Knows no signals and no views: store.ts is its face to them, test/pipe.mjs to the simulation. */
import type { Env } from '../env';
import { apply, Divergence, touched } from '../model/apply';
import { Board, Overlay } from '../model/board';
import type { Id } from '../model/id';
import { type Json, stringOf, wellFormed } from '../model/json';
import type { Person } from '../model/kinds';
import type { Op } from '../model/ops';
import { partOps, preview, singly } from '../model/preview';
import type { Delta } from '../model/text';
import { type Entry, Outbox } from '../outbox/outbox';
import type { Draft, StoredBoard } from '../outbox/storage';
import { textIds, textOf } from '../outbox/texts';
import type { StopReason } from '../sync/backoff';
import { Link, type LinkHandler, type LinkState } from '../sync/link';
import {
    type BoardEvent,
    type ObjectRow,
    type Position,
    type ServerMessage,
    type Snapshot,
    stateOf,
} from '../sync/messages';
import type { Couriers } from './couriers';
import { Docs } from './docs';
import { claim, newClient, ownClient, owner, randomName } from './identity';
import type { ReplicaListener } from './listener';
import type { Parts } from './parts';

const SAVE_MS = 3000;
const SAVE_FIRST_MS = 300; // a page that goes soon again has it then for the next start
// with more pending ops the view is made anew at most once in REBUILD_MS
const REBUILD_AT_ONCE_MAX = 64;
const REBUILD_MS = 30;

export class Replica implements LinkHandler {
    readonly board = new Board();
    view = new Overlay(this.board);
    readonly docs = new Docs({
        outboxes: () => this.outboxes(),
        get: (id) => this.getCard(id),
        report: (what, detail) => this.env.report(what, detail),
    });
    parts: Parts | undefined; // since a card was looked at
    drafts: Draft[] = [];
    people = new Map<Id, Person>();
    private greetedAs: Person | undefined;
    sid = ''; // of the connection, among those who are here
    serverVersion = '';
    reason: StopReason | undefined;
    /** The state is there: from storage, over HTTP, or as a snapshot. */
    loaded = false;

    private outbox: Outbox | undefined;
    private couriers: Couriers | undefined;
    link: Link | undefined;
    private inst = '';
    private known: 'wait' | 'none' | 'yes' = 'wait';
    private pieces: ObjectRow[] = []; // of a snapshot that is coming
    private cancelSave: (() => void) | undefined;
    private cancelRebuild: (() => void) | undefined;
    private collected: Set<Id> | undefined;
    private owner: Json | undefined;
    private closed = false;

    constructor(
        private readonly env: Env,
        readonly id: Id,
        private readonly listener: ReplicaListener,
    ) {}

    /* -- life */

    /** What this machine knows, or else the snapshot, then the connection. */
    async open(snapshot?: Snapshot): Promise<void> {
        this.inst = randomName(this.env);
        const [cl, stored, rows, drafts, whose] = await Promise.all([
            ownClient(this.env),
            this.env.storage.board(this.id),
            this.env.storage.queue(this.id),
            this.env.storage.drafts(this.id),
            owner(this.env),
        ]);
        if (this.closed) return;
        this.owner = whose;
        this.drafts = drafts;
        this.outbox = this.newOutbox(cl);
        this.outbox.restore(
            rows.filter((row) => row.cl === cl),
            await this.env.storage.counter(this.id, cl),
        );
        if (stored !== undefined) this.loadStored(stored);
        else if (snapshot !== undefined) this.loadSnapshot(snapshot);
        this.docs.adopt(this.outbox, this.board.seq);
        this.link = new Link(this.env, { board: this.id, cl, inst: this.inst }, this);
        this.link.start();
        this.listener.status();
        if (this.known === 'wait') await this.fetchState();
    }

    close(): void {
        this.closed = true;
        this.save();
        this.cancelRebuild?.();
        this.couriers?.stop();
        this.link?.stop();
    }

    wake(): void {
        this.link?.wake();
        this.couriers?.wake();
    }

    /** Before the server says it, and without it: whose all this is. */
    get me(): Person | undefined {
        return this.greetedAs ?? this.people.get(this.owner as Id);
    }

    get linkState(): LinkState {
        return this.link?.state ?? 'idle';
    }

    get cl(): string {
        return this.outbox?.cl ?? '';
    }

    private newOutbox(cl: string, changed = (): void => this.flush()): Outbox {
        return new Outbox({
            board: this.id,
            cl,
            storage: this.env.storage,
            now: () => this.env.now(),
            draftId: () => randomName(this.env),
            changed,
        });
    }

    private loadStored(stored: StoredBoard): void {
        this.board.load(stored.objects, stored.seq, stored.h);
        this.docs.restore(stored.texts ?? []);
        if (stored.parts !== undefined) this.board.putParts(stored.parts);
        this.people = new Map(stored.who.map((person) => [person.id, person]));
        this.known = 'yes';
        this.loaded = true;
        this.rebuild('all');
        this.listener.people();
    }

    private async fetchState(): Promise<void> {
        const answer = await this.env.request('GET', `/v1/boards/${this.id}/state`);
        if (this.closed || this.known !== 'wait') return;
        const { status } = answer;
        if (status === 401) return this.link?.stop('signed-out');
        if (status === 403 || status === 404) return this.link?.stop('forbidden');
        const state = status === 200 ? stateOf(answer.text) : undefined;
        if (state !== undefined) this.loadSnapshot(state);
        else this.known = 'none'; // then the connection brings it
        this.link?.subscribe();
    }

    /** Now, when the page is about to go. */
    save(): void {
        if (this.cancelSave === undefined || !this.loaded) return;
        this.cancelSave();
        this.cancelSave = undefined;
        void this.env.storage.putBoard({
            id: this.id,
            shortLink: stringOf(this.board.get(this.id)?.o.shortLink),
            seq: this.board.seq,
            h: this.board.h,
            objects: this.board.objectList(),
            who: [...this.people.values()],
            texts: this.docs.kept(),
            parts: this.board.parts(this.docs.kept().map(([id]) => id)),
            savedMs: this.env.now(),
        });
    }

    private saveSoon(ms: number): void {
        this.cancelSave ??= this.env.later(ms, () => this.save());
    }

    /* -- own changes */

    /** Shows, queues and sends ops: one atomic message. undefined: the queue is full. */
    perform(ops: readonly Op[]): Entry | undefined {
        if (this.outbox === undefined || this.outbox.full) return undefined;
        if (this.collected !== undefined) this.rebuild(this.collected);
        const before = this.outbox.entries.length;
        const entry = this.add(this.docs.asDelta(wellFormed(ops)), this.outbox);
        if (this.outbox.entries.length > before) {
            const ids = new Set<Id>();
            this.show(entry, ids);
            this.notify(ids, entry.ops);
        } else {
            this.rebuild(new Set());
        }
        this.listener.status();
        this.flush();
        return entry;
    }

    private add(ops: readonly Op[], outbox: Outbox): Entry {
        const id = textOf({ ops })?.id;
        if (id === undefined) return outbox.add(ops, this.board.seq);
        return outbox.add(ops, this.board.seq, this.docs.confirmed(id), this.docs.isOld(id));
    }

    /** A change made in an open editor. */
    edit(id: Id, delta: Delta): boolean {
        const kind = id === this.id ? 'board' : 'card';
        const change = this.docs.edited(id, delta);
        return this.perform([{ op: 'text', kind, id, field: 'desc', delta: change }]) !== undefined;
    }

    /** Takes back what was never sent. */
    drop(n: number): boolean {
        const entry = this.outbox?.entries.at(-1);
        if (entry === undefined || this.outbox?.drop(n) !== true) return false;
        this.rebuild(new Set());
        this.notifyTexts(entry.ops);
        this.listener.status();
        return true;
    }

    *pending(): Iterable<Entry> {
        for (const outbox of this.couriers?.outboxes ?? []) yield* outbox.entries;
        if (this.outbox !== undefined) yield* this.outbox.entries;
    }

    /** What closed tabs left. */
    private async adopt(): Promise<void> {
        const code = await import('./couriers').catch(() => undefined);
        if (code === undefined || this.closed) return;
        this.couriers ??= new code.Couriers(this.env, this.id, {
            own: () => ({ cl: this.cl, inst: this.inst }),
            outbox: (cl, changed) => this.newOutbox(cl, changed),
            restored: (outbox) => this.docs.doubt(outbox, this.board.seq),
            isLive: () => this.link?.state === 'live',
            position: () => [this.board.seq, this.board.h],
            drafts: (drafts) => this.keepDrafts(drafts),
            judged: () => this.reached(),
            ask: () => this.docs.askWanted(),
            changed: () => {
                this.rebuild(new Set());
                this.listener.status();
            },
        });
        this.couriers.adopt();
    }

    private outboxes(): readonly Outbox[] {
        const others = this.couriers?.outboxes ?? [];
        return this.outbox === undefined ? others : [this.outbox, ...others];
    }

    get waiting(): number {
        let count = 0;
        for (const entry of this.pending()) if (entry.appliedAt === 0) count++;
        return count;
    }

    dropDraft(id: string): Draft | undefined {
        const draft = this.drafts.find((other) => other.id === id);
        this.drafts = this.drafts.filter((other) => other !== draft);
        void this.env.storage.dropDraft(id);
        this.listener.status();
        return draft;
    }

    private keepDrafts(drafts: readonly (Draft | undefined)[]): void {
        const made = drafts.filter((draft) => draft !== undefined);
        if (made.length === 0) return;
        this.drafts = [...this.drafts, ...made];
        this.rebuild(new Set());
        for (const draft of made) this.notifyTexts(draft.ops);
        this.listener.status();
    }

    /** What may go: of the own queue, and of closed tabs', whose texts are followed here. */
    private flush(): void {
        this.couriers?.send();
        if (this.link?.state !== 'live' || this.outbox === undefined) return;
        for (const { n, base, ops } of this.outbox.take(this.board.seq))
            this.link.op(n, base, ops);
    }

    /* -- the view */

    /** One message on top of the view; all of it or nothing. */
    private show(entry: Entry, ids: Set<Id>): void {
        const scratch = new Overlay(this.view);
        const context = { idBoard: this.id, nowMs: entry.madeMs, me: this.me?.id };
        try {
            for (const op of singly(entry.ops)) {
                const effects = preview(scratch, op, context);
                if (effects === undefined) return;
                apply(scratch, effects, this.board.seq);
            }
        } catch (error) {
            if (error instanceof Divergence) return; // it will be refused
            throw error;
        }
        for (const [id, row] of scratch.changed) {
            this.view.put(id, row);
            ids.add(id);
        }
    }

    /** ids: what changed below the view. */
    private rebuild(ids: Set<Id> | 'all'): void {
        const all = ids === 'all' ? new Set<Id>() : ids;
        for (const id of [...(this.collected ?? []), ...this.view.changed.keys()]) all.add(id);
        this.cancelRebuild?.();
        this.cancelRebuild = this.collected = undefined;
        this.view = new Overlay(this.board);
        for (const entry of this.pending()) this.show(entry, all);
        this.notify(ids === 'all' ? 'all' : all, []);
    }

    /** Rebuilding costs what is pending: with a long queue it is done for many events together. */
    private rebuildSoon(ids: Set<Id>): void {
        if (this.collected === undefined && this.waiting <= REBUILD_AT_ONCE_MAX) {
            this.rebuild(ids);
            return;
        }
        const collected = (this.collected ??= new Set());
        for (const id of ids) collected.add(id);
        this.cancelRebuild ??= this.env.later(REBUILD_MS, () => this.rebuild(collected));
    }

    private notify(ids: ReadonlySet<Id> | 'all', ops: readonly Op[]): void {
        if (ids === 'all' || ids.size > 0) this.listener.view(ids);
        this.notifyTexts(ops);
    }

    private notifyTexts(ops: readonly Op[]): void {
        const ids = new Set(textIds(singly(ops)));
        for (const id of this.docs.changed) ids.add(id);
        this.docs.changed.clear();
        this.docs.catchUp();
        if (ids.size > 0) this.listener.texts(ids);
    }

    /** The text of a card or of the board, asked for if need be; undefined: not here yet. */
    text(id: Id): string | undefined {
        const text = this.docs.view(id);
        if (text === undefined) this.docs.ask(id);
        return text;
    }

    getCard(id: Id): number | undefined {
        const request = this.board.get(id)?.kind === 'card' ? this.link?.get(id) : undefined;
        if (request !== undefined) this.parts?.asking(request, id);
        return request;
    }

    /** Someone looks at a card: what hangs on it, and what was done to that here, is to be seen. */
    look(card: Id): void {
        this.parts ??= partOps.follow?.(this);
        this.parts?.want(card);
        this.rebuild(new Set());
    }

    position(): Position | 'wait' | undefined {
        if (this.known === 'wait') return 'wait';
        return this.known === 'none' ? undefined : [this.board.seq, this.board.h];
    }

    changed(state: LinkState, reason: StopReason | undefined): void {
        this.reason = reason;
        if (state === 'live') {
            this.flush();
            void this.adopt();
            this.docs.askWanted();
            this.parts?.askWanted();
        } else if (state !== 'catching-up') {
            this.outbox?.lost();
            this.docs.forget();
            this.parts?.forget();
        }
        if (reason === 'forbidden') this.forget();
        this.listener.status();
    }

    /** No longer allowed to see it: the copy goes, one's own unsent work stays as drafts. */
    private forget(): void {
        this.keepDrafts(this.outbox?.abandon('forbidden') ?? []);
        this.cancelSave?.();
        this.cancelSave = undefined;
        this.loaded = false;
        this.board.load([], 0, '');
        this.rebuild('all');
        void this.env.storage.dropBoard(this.id);
    }

    message(message: ServerMessage): void {
        switch (message.t) {
            case 'hello':
                this.serverVersion = message.version;
                this.sid = message.sid;
                this.greeted(message.me);
                break;
            case 'sub':
                this.subscribed(message);
                break;
            case 'snap':
                this.snapshotPart(message);
                break;
            case 'ops':
                this.events(message.list);
                break;
            case 'op':
                this.events([message.event]);
                break;
            case 'live':
                this.joining = false;
                this.listener.here({ t: 'roster', u: message.roster ?? [] });
                // a snapshot in the middle of a stream may have swallowed events: sent again, they
                // are answered `dup`
                this.outbox?.again();
                this.reached();
                break;
            case 'dup':
                this.keepDrafts(this.outbox?.judged(message.n, message.refused, message.s) ?? []);
                this.reached();
                this.flush();
                break;
            case 'rej':
                this.env.report('refused', message);
                this.keepDrafts([this.outbox?.refuse(message.n, message.why, message.d)]);
                this.flush();
                break;
            case 'card':
                this.docs.answer(message);
                this.rebuild(this.parts?.answer(message) ?? new Set());
                this.saveSoon(SAVE_MS);
                this.notifyTexts([]);
                this.flush();
                break;
            case 'who':
                this.met(message.u);
                break;
            case 'here':
                this.listener.here(message.message);
                break;
            case 'resync':
                this.resync(message.why);
                break;
            case 'hb':
                if (message.pos[0] !== this.board.seq || message.pos[1] !== this.board.h)
                    this.link?.subscribe();
                break;
            case 'err':
                this.docs.forget(message.re);
                this.parts?.forget(message.re);
                this.flush();
                this.env.report('error', message);
                break;
            default:
                break;
        }
    }

    /** Between `sub` and `live`. */
    private joining = false;

    private subscribed(message: Extract<ServerMessage, { t: 'sub' }>): void {
        this.pieces = [];
        this.joining = true;
        this.outbox?.again();
        this.keepDrafts(this.outbox?.judged(message.n, message.refused, message.pos[0]) ?? []);
        this.reached();
    }

    /** The server's history is not the one we followed. It cannot tell which of our ops it has, so
     * they are offered to the person. */
    private resync(why: string): void {
        this.pieces = [];
        if (why !== 'position') return;
        this.env.report('position', [this.board.seq, this.board.h]);
        this.keepDrafts(this.outbox?.abandon('position') ?? []);
        const cl = newClient(this.env);
        this.outbox = this.newOutbox(cl);
        this.known = 'none';
        this.link?.restart(cl);
    }

    /** What is stored here goes on only as the person whose it is. */
    private greeted(me: Person | undefined): void {
        this.greetedAs = me ?? this.greetedAs;
        this.listener.status();
        if (me !== undefined && !claim(this.env, this.owner, me.id)) this.link?.stop('signed-out');
    }

    met(people: readonly Person[]): void {
        for (const person of people) this.people.set(person.id, person);
        this.listener.people();
    }

    private snapshotPart(message: Extract<ServerMessage, { t: 'snap' }>): void {
        if (message.part === 1) this.pieces = [];
        for (const row of message.state) this.pieces.push(row);
        if (message.who !== undefined) this.met(message.who);
        if (!message.last) return;
        const objects = this.pieces;
        this.pieces = [];
        this.loadSnapshot({ objects, pos: message.pos, who: undefined });
        // whether a text op that is in flight is in the snapshot is known only from `sub`
        if (!this.joining && this.outbox !== undefined && this.outbox.gaps().size > 0)
            this.link?.subscribe();
    }

    private loadSnapshot({ objects, pos, who }: Snapshot): void {
        this.board.load(objects, pos[0], pos[1]);
        this.known = 'yes';
        this.loaded = true;
        if (who !== undefined) this.met(who);
        this.docs.lose(pos[0]);
        this.parts?.lose(pos[0]);
        this.reachedAll();
        this.rebuild('all');
        this.saveSoon(SAVE_FIRST_MS);
        this.listener.status();
    }

    /* -- events */

    private events(list: readonly BoardEvent[]): void {
        const ids = new Set<Id>();
        let acknowledged = false;
        for (const event of list) {
            if (event.s <= this.board.seq) continue;
            if (event.s > this.board.seq + 1 || !this.applyEvent(event)) {
                this.link?.subscribe();
                break;
            }
            for (const id of touched(event.e)) ids.add(id);
            acknowledged = this.outboxOf(event)?.acknowledge(event.n) === true || acknowledged;
            if (event.ow !== undefined) this.listener.overwritten(event);
        }
        acknowledged = this.reachedAll() || acknowledged;
        this.rebuildSoon(ids);
        this.saveSoon(SAVE_MS);
        if (!acknowledged) return;
        this.listener.status();
        this.flush();
    }

    private applyEvent(event: BoardEvent): boolean {
        const outbox = this.outboxOf(event);
        const entry = outbox?.find(event.n);
        this.docs.event(event.s, outbox && entry && { outbox, entry });
        try {
            apply(this.board, event.e, event.s, this.docs);
        } catch (error) {
            if (!(error instanceof Divergence)) throw error;
            this.env.report('divergence', error.message);
            this.known = 'none'; // a snapshot, whatever this event left half done
            return false;
        } finally {
            this.docs.event(event.s, undefined);
        }
        this.parts?.event(event.s, event.e);
        this.board.seq = event.s;
        this.board.h = event.h;
        this.listener.applied(event);
        return true;
    }

    private outboxOf(event: BoardEvent): Outbox | undefined {
        const mine = this.me === undefined || event.by === null || event.by === this.me.id;
        if (event.cl === '' || !mine) return undefined;
        return this.outboxes().find((outbox) => outbox.cl === event.cl);
    }

    private reachedAll(): boolean {
        const passed = (entry: Entry): void => this.docs.passed(entry);
        let gone = this.outbox?.reached(this.board.seq, passed) === true;
        for (const outbox of this.couriers?.outboxes ?? [])
            gone = outbox.reached(this.board.seq) || gone;
        return gone;
    }

    private reached(): void {
        if (!this.reachedAll()) return;
        this.rebuild(new Set());
        this.listener.status();
        this.flush();
    }
}

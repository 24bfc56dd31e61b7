/** store_signals.ts - the reading half of a store: signals that follow the view, made when they
 * are first read. See store.ts. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Env } from './env';
import { touched } from './model/apply';
import { LISTS, type Row } from './model/board';
import type { Id } from './model/id';
import type { Json, JsonObject } from './model/json';
import type { BoardInfo, Card, Entity, Label, List, Membership, Person } from './model/kinds';
import type { Draft } from './outbox/storage';
import type { ReplicaListener } from './replica/listener';
import { Replica } from './replica/replica';
import type { Connection, Notice, PresenceSink, Saved } from './store_types';
import type { BoardEvent, Snapshot } from './sync/messages';

const UNHEARD_MAX = 100;

function sameIds(a: readonly Id[], b: readonly Id[]): boolean {
    return a.length === b.length && a.every((id, index) => id === b[index]);
}

function open(rows: readonly Row[]): Id[] {
    const ids: Id[] = [];
    for (const row of rows) if (row.o.closed === false) ids.push(row.o.id);
    return ids;
}

export class StoreSignals {
    readonly replica: Replica;

    readonly board: ReadonlySignal<BoardInfo | undefined>;
    readonly lists: ReadonlySignal<readonly Id[]>;
    readonly closedLists: ReadonlySignal<readonly Id[]>;
    readonly closedCards: ReadonlySignal<readonly Id[]>;
    readonly labels: ReadonlySignal<readonly Id[]>;
    readonly members: ReadonlySignal<readonly Membership[]>;
    readonly who: Signal<ReadonlyMap<Id, Person>> = signal(new Map());
    readonly me: Signal<Person | undefined> = signal(undefined);
    readonly connection: Signal<Connection>;
    readonly saved: Signal<Saved>;
    readonly drafts: Signal<readonly Draft[]> = signal([]);
    readonly notices: Signal<readonly Notice[]> = signal([]);
    readonly loaded: Signal<boolean> = signal(false);
    readonly seq: Signal<number> = signal(0); // of the newest event that is shown
    readonly undoLabel: Signal<string | undefined> = signal(undefined);
    readonly redoLabel: Signal<string | undefined> = signal(undefined);

    /** Who else is here: what is said of it is kept until the code that shows it has come. */
    presence: PresenceSink | undefined;
    readonly unheard: JsonObject[] = [];

    /** Of cards that went to another board or came from one: what was said of it last. */
    readonly moved = new Map<Id, Json>();

    private readonly objects = new Map<Id, Signal<Entity | undefined>>();
    private readonly orders = new Map<Id, { signal: Signal<readonly Id[]>; read: () => Id[] }>();
    private readonly texts = new Map<Id, Signal<string | undefined>>();

    constructor(
        readonly env: Env,
        readonly id: Id,
    ) {
        this.replica = new Replica(env, id, this.listener);
        this.connection = signal({
            state: env.online() ? 'connecting' : 'offline',
            reason: undefined,
            since: env.now(),
        });
        this.saved = signal({
            state: 'saved',
            waiting: 0,
            refused: 0,
            lasting: env.storage.lasting,
        });
        this.board = this.object<BoardInfo>(id);
        this.lists = this.order('lists', () => open(this.view.children(LISTS)));
        this.closedLists = this.order('closed lists', () =>
            this.view
                .children(LISTS)
                .filter((row) => row.o.closed === true)
                .map((row) => row.o.id),
        );
        this.labels = this.order('labels', () =>
            this.view
                .ofKind('label')
                .sort((a, b) => byName(a.o, b.o))
                .map((row) => row.o.id),
        );
        this.closedCards = this.lazily(() =>
            this.order('closed cards', () => this.closedCardIds()),
        );
        const memberships = this.order('memberships', () =>
            this.view
                .ofKind('membership')
                .map((row) => row.o.id)
                .sort(),
        );
        this.members = computed(() =>
            memberships.value
                .map((member) => this.object<Membership>(member).value)
                .filter((member) => member !== undefined),
        );
    }

    /** Shows what this machine knows of the board, or the snapshot, then follows the server. */
    open(snapshot?: Snapshot): Promise<void> {
        return this.replica.open(snapshot);
    }

    close(): void {
        this.replica.close();
    }

    /** Names of members, from wherever they came. */
    met(people: readonly Person[]): void {
        this.replica.met(people);
    }

    /** The page is online again, or looked at again. */
    wake(): void {
        this.replica.wake();
    }

    /** The page may be about to go: writes the board down. */
    save(): void {
        this.replica.save();
    }

    /* -- reading */

    get view() {
        return this.replica.view;
    }

    /** Anything by its id. */
    object<T extends Entity>(id: Id): ReadonlySignal<T | undefined> {
        let found = this.objects.get(id);
        if (found === undefined) this.objects.set(id, (found = signal(this.view.get(id)?.o)));
        return found as Signal<Entity | undefined> as ReadonlySignal<T | undefined>;
    }

    /** What read() gives, followed; name: of the order. */
    order(name: string, read: () => Id[]): ReadonlySignal<readonly Id[]> {
        let found = this.orders.get(name);
        if (found === undefined) this.orders.set(name, (found = { signal: signal(read()), read }));
        return found.signal;
    }

    /** An order that costs a look at every card is kept only once somebody reads it. */
    private lazily(make: () => ReadonlySignal<readonly Id[]>): ReadonlySignal<readonly Id[]> {
        return computed(() => make().value);
    }

    list(id: Id): ReadonlySignal<List | undefined> {
        return this.object<List>(id);
    }

    card(id: Id): ReadonlySignal<Card | undefined> {
        return this.object<Card>(id);
    }

    label(id: Id): ReadonlySignal<Label | undefined> {
        return this.object<Label>(id);
    }

    cards(idList: Id): ReadonlySignal<readonly Id[]> {
        return this.order(idList, () => open(this.view.children(idList)));
    }

    text(id: Id): ReadonlySignal<string | undefined> {
        const text = this.replica.text(id); // asks for it, if need be
        let found = this.texts.get(id);
        if (found === undefined) this.texts.set(id, (found = signal(text)));
        return found;
    }

    private closedCardIds(): Id[] {
        const rows = this.view.ofKind('card').filter((row) => row.o.closed === true);
        const date = (row: Row) => (row.o.dateLastActivity as string | null) ?? '';
        return rows
            .sort((a, b) => (date(a) > date(b) ? -1 : date(a) < date(b) ? 1 : 0))
            .map((row) => row.o.id);
    }

    /** Values as they are now, without following them: for handlers, drag and drop, search. */
    peekCard(id: Id): Card | undefined {
        const row = this.view.get(id);
        return row?.kind === 'card' ? (row.o as Card) : undefined;
    }

    peekCards(idList: Id): readonly Card[] {
        return this.view
            .children(idList)
            .filter((row) => row.o.closed === false)
            .map((row) => row.o as Card);
    }

    /** Every card of the board, open and closed: for search and filters. */
    allCards(): readonly Card[] {
        return this.view.ofKind('card').map((row) => row.o as Card);
    }

    /* -- what the replica tells */

    private readonly listener: ReplicaListener = {
        view: (ids) => batch(() => this.viewChanged(ids)),
        texts: (ids) => batch(() => this.textsChanged(ids)),
        status: () => batch(() => this.statusChanged()),
        people: () => {
            this.who.value = new Map(this.replica.people);
        },
        overwritten: (event) => this.overwritten(event),
        here: (message) => {
            if (this.presence !== undefined) this.presence.take(message);
            else if (this.unheard.push(message) > UNHEARD_MAX) this.unheard.shift();
        },
        applied: (event) => {
            this.presence?.applied(event);
            if (event.tx) for (const id of touched(event.e)) this.moved.set(id, event.tx);
        },
    };

    private viewChanged(ids: ReadonlySet<Id> | 'all'): void {
        this.seq.value = this.replica.board.seq;
        if (ids === 'all')
            for (const [id, found] of this.objects) found.value = this.view.get(id)?.o;
        else
            for (const id of ids) {
                const found = this.objects.get(id);
                if (found !== undefined) found.value = this.view.get(id)?.o;
            }
        for (const order of this.orders.values()) {
            const now = order.read();
            if (!sameIds(order.signal.peek(), now)) order.signal.value = now;
        }
        if (this.loaded.peek() !== this.replica.loaded) this.loaded.value = this.replica.loaded;
        if (ids === 'all') this.textsChanged(new Set(this.texts.keys()));
    }

    private textsChanged(ids: ReadonlySet<Id>): void {
        for (const id of ids) {
            const found = this.texts.get(id);
            if (found !== undefined) found.value = this.replica.text(id);
        }
    }

    private statusChanged(): void {
        const { linkState, reason, waiting, drafts, me } = this.replica;
        const state =
            linkState === 'live' || linkState === 'stopped' || linkState === 'catching-up'
                ? linkState
                : this.env.online()
                  ? 'connecting'
                  : 'offline'; // also while it tries
        const was = this.connection.peek();
        if (was.state !== state || was.reason !== reason) {
            this.connection.value = {
                state,
                reason,
                since: was.state === 'live' ? this.env.now() : was.since,
            };
        }
        const saved = this.saved.peek();
        if (saved.waiting !== waiting || saved.refused !== drafts.length) {
            const kind = drafts.length > 0 ? 'refused' : waiting > 0 ? 'waiting' : 'saved';
            this.saved.value = { ...saved, state: kind, waiting, refused: drafts.length };
        }
        this.drafts.value = drafts;
        if (this.me.peek()?.id !== me?.id) this.me.value = me;
    }

    private overwritten(event: BoardEvent): void {
        if (event.by !== this.replica.me?.id) this.note({ kind: 'overwritten', event });
    }

    protected note(notice: Notice): void {
        this.notices.value = [...this.notices.peek(), notice];
    }
}

function byName(a: Entity, b: Entity): number {
    const x = a.name as string;
    const y = b.name as string;
    return x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1;
}

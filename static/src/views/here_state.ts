/** here_state.ts - who else is on the board and what they are at, as the server tells it, and what
 * they see of this page.
 *
 * Nothing of it is kept or waited for: a value is said at most once in SAY_MS, the latest, and
 * nothing at all while nobody else is here. A caret is said as a place in the confirmed text at
 * some seq: whoever hears of it moves it past what came since. */
import { type ReadonlySignal, effect, signal } from '@preact/signals';
import type { Id } from '../model/id';
import { isArray, isObject, type Json, type JsonObject, numberOf, stringOf } from '../model/json';
import { type Delta, deltaDiff, deltaOf } from '../model/text';
import type { Store } from '../store';
import type { PresenceSink } from '../store_types';
import type { BoardEvent } from '../sync/messages';
import { dragging } from './drag_state';

const SAY_MS = 100;
const AGAIN_MS = 12_000; // the server forgets what the silent write and drag
const EFFECTS_KEPT = 200;

/** The colours of .tint-N in base.css, where there is no class: in rules, in the editor. */
const TINTS = '#2d6a4f #8a3b12 #31508f #7a2e6b #5f5710 #14606e #99303f #4e4a8c'.split(' ');

export function tintOf(id: Id): string {
    return TINTS[parseInt(id.slice(-2), 16) % TINTS.length] as string;
}

export interface Sel {
    readonly anchor: number;
    readonly head: number;
    readonly seq: number;
}

export interface DragSeen {
    readonly card: Id;
    readonly list: Id;
    readonly after: Id | null;
}

/** A session of somebody else, or another of one's own. */
export interface Seat {
    readonly sid: string;
    readonly idMember: Id;
    readonly card: Id | undefined;
    readonly field: string | undefined;
    readonly sel: Sel | undefined;
    readonly drag: DragSeen | undefined;
    readonly idle: boolean;
}

/** What others see of this page; null: nothing. */
interface Own {
    card: Id | null;
    field: string | null;
    sel: readonly [number, number, number] | null;
    drag: JsonObject | null;
    idle: boolean;
}

interface TextEffect {
    readonly s: number;
    readonly by: Id | null;
    readonly id: Id;
    readonly delta: Delta;
}

function text(value: Json | undefined): string | undefined {
    return typeof value === 'string' ? value : undefined;
}

function seatOf(sid: string, at: JsonObject, idMember: Id): Seat {
    const { sel, drag } = at;
    return {
        sid,
        idMember,
        card: text(at.card),
        field: text(at.field),
        sel: isArray(sel)
            ? { anchor: numberOf(sel[0]), head: numberOf(sel[1]), seq: numberOf(sel[2]) }
            : undefined,
        drag: isObject(drag)
            ? {
                  card: stringOf(drag.card),
                  list: stringOf(drag.list),
                  after: text(drag.after) ?? null,
              }
            : undefined,
        idle: at.idle === true,
    };
}

/** Where a place in a text is behind a change of it. along: what is inserted right there moves
 * it. */
export function placeAfter(place: number, delta: Delta, along: boolean): number {
    let read = 0;
    let behind = place;
    for (const part of delta) {
        if (read > place) break;
        if (typeof part === 'string') {
            if (read < place || along) behind += part.length;
        } else {
            if (part < 0) behind -= Math.max(0, Math.min(place - read, -part));
            read += Math.abs(part);
        }
    }
    return behind;
}

export class Presence implements PresenceSink {
    /** Everybody else's sessions; nobody while the connection is away. */
    readonly seats: ReadonlySignal<readonly Seat[]>;
    private readonly shown = signal<readonly Seat[]>([]);
    private readonly all = new Map<string, Seat>();
    private count = 0;
    private readonly own: Own = { card: null, field: null, sel: null, drag: null, idle: false };
    private said: Partial<Own> = {}; // as others know it
    private timer = 0;
    private again = 0;
    private readonly effects: TextEffect[] = [];
    private readonly ends: (() => void)[] = [];

    constructor(private readonly store: Store) {
        this.seats = this.shown;
        store.presence = this;
        for (const message of store.unheard.splice(0)) this.take(message);
        const seen = () => this.tell({ idle: document.visibilityState === 'hidden' });
        document.addEventListener('visibilitychange', seen);
        this.ends.push(
            () => document.removeEventListener('visibilitychange', seen),
            effect(() => {
                if (store.connection.value.state !== 'live') this.away();
            }),
            effect(() => {
                const now = dragging.value;
                if (now?.kind !== 'card' || now.list === undefined) this.tell({ drag: null });
                else this.tell({ drag: this.dragSeen(now.id, now.list, now.before) });
            }),
        );
        seen();
    }

    close(): void {
        clearTimeout(this.timer);
        clearTimeout(this.again);
        for (const end of this.ends) end();
        if (this.store.presence === this) this.store.presence = undefined;
    }

    /** With the card that a dragged one would stand behind. */
    private dragSeen(card: Id, list: Id, before: Id | undefined): JsonObject {
        const cards = this.store.cards(list).peek();
        const ids = cards.filter((id) => id !== card);
        const index = before === undefined ? ids.length : ids.indexOf(before);
        return { card, list, after: ids[index - 1] ?? null };
    }

    /* -- hearing */

    take(message: JsonObject): void {
        const alone = this.count <= 1;
        if (message.t === 'roster') this.all.clear();
        for (const row of isArray(message.u) ? message.u : []) {
            if (!isArray(row) || typeof row[0] !== 'string' || !isObject(row[1])) continue;
            const [sid, at] = row as [string, JsonObject];
            const idMember = text(at.idMember) ?? this.all.get(sid)?.idMember;
            if (idMember !== undefined) this.all.set(sid, seatOf(sid, at, idMember));
        }
        for (const sid of isArray(message.x) ? message.x : []) this.all.delete(stringOf(sid));
        this.count = numberOf(message.n, this.all.size);
        this.shown.value = [...this.all.values()].filter(
            (seat) => seat.sid !== this.store.replica.sid,
        );
        // Whoever came knows nothing of this page that was not said yet.
        if (alone && this.count > 1) this.tell({});
    }

    /** The connection went: the next one is another session. */
    private away(): void {
        this.all.clear();
        this.count = 0;
        this.said = {};
        this.shown.value = [];
    }

    applied(event: BoardEvent): void {
        for (const [form, , id, field, delta] of event.e) {
            if (form !== 'txt' || field !== 'desc' || typeof id !== 'string') continue;
            const parts = deltaOf(delta as Json);
            if (parts === undefined) continue;
            this.effects.push({ s: event.s, by: event.by, id, delta: parts });
        }
        if (this.effects.length > EFFECTS_KEPT) this.effects.splice(0, EFFECTS_KEPT / 2);
    }

    /** Where their caret is in the text as it is shown here. */
    place(seat: Seat, card: Id): { anchor: number; head: number } | undefined {
        if (seat.sel === undefined || seat.card !== card || seat.field !== 'desc') return undefined;
        let { anchor, head } = seat.sel;
        const move = (delta: Delta, along: boolean) => {
            anchor = placeAfter(anchor, delta, along);
            head = placeAfter(head, delta, along);
        };
        for (const one of this.effects)
            if (one.id === card && one.s > seat.sel.seq) move(one.delta, one.by === seat.idMember);
        const { confirmed, shown } = this.texts(card);
        if (confirmed !== shown) move(deltaDiff(confirmed, shown), false);
        return { anchor: Math.min(anchor, shown.length), head: Math.min(head, shown.length) };
    }

    private texts(card: Id): { confirmed: string; shown: string } {
        const { docs } = this.store.replica;
        const shown = docs.view(card) ?? '';
        return { confirmed: docs.confirmed(card) ?? shown, shown };
    }

    /* -- saying */

    /** The card that is open. */
    opened(card: Id | undefined): void {
        this.tell({ card: card ?? null });
    }

    /** Somebody writes here; undefined: not any more. */
    writes(field: string | undefined): void {
        this.tell(field === undefined ? { field: null, sel: null } : { field });
    }

    /** The selection in the description, in the text as it is shown here. */
    selected(card: Id, anchor: number, head: number): void {
        const { confirmed, shown } = this.texts(card);
        const back = deltaDiff(shown, confirmed);
        const place = (at: number) => placeAfter(at, back, false);
        const { seq } = this.store.replica.board;
        this.tell({ field: 'desc', sel: [place(anchor), place(head), seq] });
    }

    private tell(change: Partial<Own>): void {
        Object.assign(this.own, change);
        this.timer ||= window.setTimeout(() => this.say(), SAY_MS);
    }

    private say(): void {
        this.timer = 0;
        if (this.count <= 1 || this.store.connection.peek().state !== 'live') return;
        const known = this.said as Record<string, unknown>;
        const changed = Object.entries(this.own).filter(
            ([key, value]) => JSON.stringify(known[key] ?? null) !== JSON.stringify(value || null),
        );
        if (changed.length > 0) {
            const change = Object.fromEntries(changed) as JsonObject;
            this.store.replica.link?.say(change);
            this.said = { ...this.said, ...(change as Partial<Own>) };
        }
        clearTimeout(this.again);
        if (this.own.field === null && this.own.drag === null) return;
        this.again = window.setTimeout(() => {
            this.said = { ...this.said, field: null, drag: null };
            this.tell({});
        }, AGAIN_MS);
    }
}

const known = new WeakMap<Store, Presence>();

/** The one of that store, made when first asked for; it ends with the page or closePresence. */
export function presenceOf(store: Store): Presence {
    let found = known.get(store);
    if (found === undefined) known.set(store, (found = new Presence(store)));
    return found;
}

export function closePresence(store: Store): void {
    known.get(store)?.close();
    known.delete(store);
}

/** messages.ts - what the server says on a live connection, checked once at the door. Unknown
 * types and members are ignored. */
import { type Effect, effectsOf } from '../model/apply';
import type { Id } from '../model/id';
import {
    isArray,
    isObject,
    type Json,
    type JsonObject,
    numberOf,
    parse,
    stringOf,
} from '../model/json';
import type { Entity, Person } from '../model/kinds';

export type Position = readonly [seq: number, h: string];

export interface BoardEvent {
    readonly s: number;
    readonly h: string;
    readonly by: Id | null;
    readonly ts: number;
    readonly cl: string;
    readonly n: number;
    readonly e: readonly Effect[];
    readonly ow: readonly Json[] | undefined; // [id, field, by, s, old] each
    readonly tx: Json | undefined; // of cards that went to another board, or came from one
}

export type ObjectRow = readonly [kind: string, fields: Entity];

export type ServerMessage =
    | {
          readonly t: 'hello';
          readonly sid: string;
          readonly me: Person | undefined;
          readonly now: number;
          readonly hb: number;
          readonly version: string;
      }
    | {
          readonly t: 'sub';
          readonly id: number;
          readonly pos: Position;
          readonly mode: string;
          readonly n: number;
          readonly refused: readonly number[];
      }
    | {
          readonly t: 'snap';
          readonly pos: Position;
          readonly part: number;
          readonly last: boolean;
          readonly who: readonly Person[] | undefined;
          readonly state: readonly ObjectRow[];
      }
    | { readonly t: 'ops'; readonly list: readonly BoardEvent[] }
    | { readonly t: 'live'; readonly pos: Position; readonly roster: Json | undefined }
    /* who is here, read where it is shown: see views/here_state.ts */
    | { readonly t: 'here'; readonly message: JsonObject }
    | { readonly t: 'op'; readonly event: BoardEvent }
    | {
          readonly t: 'dup';
          readonly n: number;
          readonly s: number;
          readonly refused: readonly number[];
      }
    | {
          readonly t: 'rej';
          readonly n: number;
          readonly why: string;
          readonly at: number;
          readonly d: JsonObject;
      }
    | {
          readonly t: 'card';
          readonly id: number;
          readonly at: number;
          readonly card: JsonObject;
          readonly parts: readonly ObjectRow[];
      }
    | { readonly t: 'who'; readonly u: readonly Person[] }
    | { readonly t: 'resync'; readonly why: string }
    | { readonly t: 'hb'; readonly now: number; readonly pos: Position }
    | { readonly t: 'err'; readonly re: number; readonly code: string; readonly msg: string }
    | { readonly t: 'pong'; readonly x: Json }
    | { readonly t: 'bye'; readonly code: number; readonly after: number };

function positionOf(value: Json | undefined): Position {
    return isArray(value) ? [numberOf(value[0]), stringOf(value[1])] : [0, ''];
}

function numbersOf(value: Json | undefined): number[] {
    return isArray(value) ? value.filter((item): item is number => typeof item === 'number') : [];
}

export function eventOf(value: Json | undefined): BoardEvent | undefined {
    if (!isObject(value)) return undefined;
    const e = effectsOf(value.e);
    if (e === undefined || typeof value.s !== 'number') return undefined;
    return {
        s: value.s,
        h: stringOf(value.h),
        by: typeof value.by === 'string' ? value.by : null,
        ts: numberOf(value.ts),
        cl: stringOf(value.cl),
        n: numberOf(value.n),
        e,
        ow: isArray(value.ow) ? value.ow : undefined,
        tx: value.tx,
    };
}

export function peopleOf(value: Json | undefined): Person[] {
    if (!isArray(value)) return [];
    return value.filter(isObject).map((person) => ({
        id: stringOf(person.id),
        username: stringOf(person.username),
        fullName: stringOf(person.fullName),
        initials: stringOf(person.initials),
        avatar: typeof person.avatar === 'string' ? person.avatar : null,
    }));
}

export function objectsOf(value: Json | undefined): ObjectRow[] {
    const rows: ObjectRow[] = [];
    for (const row of isArray(value) ? value : []) {
        if (!isArray(row) || typeof row[0] !== 'string') continue;
        const fields = row[1];
        if (isObject(fields) && typeof fields.id === 'string')
            rows.push([row[0], fields as Entity]);
    }
    return rows;
}

/** A board as one answer. */
export interface Snapshot {
    readonly pos: Position;
    readonly who: readonly Person[] | undefined;
    readonly objects: readonly ObjectRow[];
}

/** The body of GET /v1/boards/{id}/state, or undefined. */
export function stateOf(text: string): Snapshot | undefined {
    const body = parse(text);
    if (!isObject(body) || !isArray(body.pos) || !isArray(body.state)) return undefined;
    return { pos: positionOf(body.pos), who: peopleOf(body.who), objects: objectsOf(body.state) };
}

/** undefined: nothing this client knows. */
export function messageOf(text: string): ServerMessage | undefined {
    const m = parse(text);
    if (!isObject(m)) return undefined;
    switch (m.t) {
        case 'hello': {
            const [me] = peopleOf(isObject(m.me) ? [m.me] : []);
            return {
                t: 'hello',
                sid: stringOf(m.sid),
                me,
                now: numberOf(m.now),
                hb: numberOf(m.hb, 25),
                version: stringOf(m.version),
            };
        }
        case 'sub':
            return {
                t: 'sub',
                id: numberOf(m.id),
                pos: positionOf(m.pos),
                mode: stringOf(m.mode),
                n: numberOf(m.n),
                refused: numbersOf(m.refused),
            };
        case 'snap':
            return {
                t: 'snap',
                pos: positionOf(m.pos),
                part: numberOf(m.part),
                last: m.last === true,
                who: m.who === undefined ? undefined : peopleOf(m.who),
                state: objectsOf(m.state),
            };
        case 'ops':
            return {
                t: 'ops',
                list: (isArray(m.list) ? m.list : [])
                    .map(eventOf)
                    .filter((event) => event !== undefined),
            };
        case 'live':
            return { t: 'live', pos: positionOf(m.pos), roster: m.roster };
        case 'pres':
        case 'roster':
            return { t: 'here', message: m };
        case 'op': {
            const event = eventOf(m);
            return event === undefined ? undefined : { t: 'op', event };
        }
        case 'dup':
            return { t: 'dup', n: numberOf(m.n), s: numberOf(m.s), refused: numbersOf(m.refused) };
        case 'rej':
            return {
                t: 'rej',
                n: numberOf(m.n),
                why: stringOf(m.why),
                at: numberOf(m.at),
                d: isObject(m.d) ? m.d : {},
            };
        case 'card':
            return {
                t: 'card',
                id: numberOf(m.id),
                at: numberOf(m.at),
                card: isObject(m.card) ? m.card : {},
                parts: objectsOf(m.parts),
            };
        case 'who':
            return { t: 'who', u: peopleOf(m.u) };
        case 'resync':
            return { t: 'resync', why: stringOf(m.why) };
        case 'hb':
            return { t: 'hb', now: numberOf(m.now), pos: positionOf(m.pos) };
        case 'err':
            return { t: 'err', re: numberOf(m.re), code: stringOf(m.code), msg: stringOf(m.msg) };
        case 'pong':
            return { t: 'pong', x: m.x ?? null };
        case 'bye':
            return { t: 'bye', code: numberOf(m.code), after: numberOf(m.after) };
        default:
            return undefined;
    }
}

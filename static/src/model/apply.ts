/** apply.ts - what an event does to a board: five forms of effects, exactly as the server applies
 * them (core/effect.h).
 *
 *   ["add", kind, id, {fields}]         ["set", kind, id|[ids], {field: value|[values], ..}]
 *   ["del", kind, id|[ids]]
 *   ["tag", kind, id|[ids], field, element, 0|1]              ["txt", kind, id, field, delta]
 *
 * Kinds and fields of a newer server are applied by the same rules, without knowing them; an
 * object of such a kind that is not there
 * is one this client never loaded, and is passed over; so are parts of cards that were not opened.
 * For other known kinds that would be a board that differs from the server's:
 * Divergence, and the caller fetches a snapshot. */
import type { State } from './board';
import type { Id } from './id';
import { isArray, isObject, type Json, type JsonObject } from './json';
import { type Entity, entityOf, isPart, kinds, valueOf } from './kinds';
import { type Delta, deltaOf } from './text';

export type Effect = readonly Json[];

export class Divergence extends Error {}

/** Told of txt effects, and of texts that come with an add or leave with a del: texts are not part
 * of the board's state. */
export interface TextSink {
    text(kind: string, id: Id, field: string, delta: Delta): void;
    begin(kind: string, id: Id, field: string, text: string): void;
    gone(id: Id): void;
}

function idsOf(effect: Effect): readonly Id[] {
    const ids = effect[2];
    if (typeof ids === 'string') return [ids];
    if (isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string'))
        return ids as readonly Id[];
    throw new Divergence('an effect on no object');
}

/** The object's entity, or undefined for one of an unknown kind that this client does not hold. */
function find(state: State, kind: string, id: Id): Entity | undefined {
    const row = state.get(id);
    if (row !== undefined && row.kind === kind) return row.o;
    if (kinds.has(kind)) throw new Divergence(`an effect on ${kind} ${id}, which is not there`);
    return undefined;
}

function add(state: State, effect: Effect, s: number, texts: TextSink | undefined): void {
    const kind = effect[1] as string;
    const [id] = idsOf(effect) as readonly [Id];
    const fields = effect[3];
    if (!isObject(fields)) throw new Divergence('an add without fields');
    if (isPart(fields) && !state.takes(fields.idCard as Id)) return;
    if (state.get(id) !== undefined) throw new Divergence(`a second ${kind} ${id}`);
    state.put(id, { kind, o: entityOf(kind, id, s, fields) });
    if (kind === 'card') state.hold(id);
    for (const [name, field] of kinds.get(kind)?.fields ?? []) {
        if (field.type === 'text')
            texts?.begin(kind, id, name, typeof fields[name] === 'string' ? fields[name] : '');
    }
}

/** The value of the index-th id. Where the ids are an array, an array gives one value an id. */
function nth(
    kind: string,
    name: string,
    value: Json,
    many: boolean,
    count: number,
    index: number,
): Json {
    const field = kinds.get(kind)?.fields.get(name);
    if (!many || !isArray(value)) return valueOf(field, value);
    if (value.length === count) return valueOf(field, value[index]);
    if (field !== undefined) throw new Divergence(`${name} has another number of values than ids`);
    return value;
}

function set(state: State, effect: Effect, s: number): void {
    const kind = effect[1] as string;
    const ids = idsOf(effect);
    const many = isArray(effect[2]);
    const fields = effect[3];
    if (!isObject(fields)) throw new Divergence('a set without fields');
    for (const [index, id] of ids.entries()) {
        const old = find(state, kind, id);
        if (old === undefined) continue;
        const changed: Record<string, Json | undefined> = { ...old, s };
        for (const [name, value] of Object.entries(fields)) {
            if (value !== undefined)
                changed[name] = nth(kind, name, value, many, ids.length, index);
        }
        state.put(id, { kind, o: changed as Entity });
    }
}

function del(state: State, effect: Effect, texts: TextSink | undefined): void {
    for (const id of idsOf(effect)) {
        if (find(state, effect[1] as string, id) === undefined) continue;
        state.put(id, undefined);
        texts?.gone(id);
    }
}

function tag(state: State, effect: Effect, s: number): void {
    const [, kind, , name, element, on] = effect as readonly [
        string,
        string,
        Json,
        string,
        Id,
        number,
    ];
    for (const id of idsOf(effect)) {
        const old = find(state, kind, id);
        if (old === undefined) continue;
        const was = isArray(old[name]) ? (old[name] as readonly Json[]) : [];
        let elements = was;
        if (on === 1 && !was.includes(element)) elements = [...was, element];
        if (on === 0) elements = was.filter((other) => other !== element);
        state.put(id, { kind, o: { ...old, s, [name]: elements } });
    }
}

function txt(state: State, effect: Effect, s: number, texts: TextSink | undefined): void {
    const [, kind, , name] = effect as readonly [string, string, Json, string];
    const [id] = idsOf(effect) as readonly [Id];
    const old = find(state, kind, id);
    if (old === undefined) return;
    const delta = deltaOf(effect[4]);
    if (delta === undefined) throw new Divergence('a text effect of another form');
    state.put(id, { kind, o: { ...old, s } });
    texts?.text(kind, id, name, delta);
}

/** Applies the effects in order; every object touched gets s. Throws Divergence, with the state
 * then between two events. */
export function apply(state: State, effects: readonly Effect[], s: number, texts?: TextSink): void {
    for (const effect of effects) {
        switch (effect[0]) {
            case 'add':
                add(state, effect, s, texts);
                break;
            case 'set':
                set(state, effect, s);
                break;
            case 'del':
                del(state, effect, texts);
                break;
            case 'tag':
                tag(state, effect, s);
                break;
            case 'txt':
                txt(state, effect, s, texts);
                break;
            default:
                throw new Divergence(`an effect of the form ${String(effect[0])}`);
        }
    }
}

/** Ids an event's effects name: what a view has to look at again. */
export function touched(effects: readonly Effect[]): Id[] {
    return effects.flatMap((effect) => [...idsOf(effect)]);
}

export function effectsOf(value: Json | undefined): readonly Effect[] | undefined {
    return isArray(value) && value.every(isArray) ? (value as readonly Effect[]) : undefined;
}

export type Fields = JsonObject;

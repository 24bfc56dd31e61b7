/** preview.ts - what an own op will probably do: effects for the view until the server's arrive
 * and decide.
 *
 * Approximate where the server knows more (time, numbers, rights), exact in where things go.
 * undefined: it will be refused. */
import { type State, LISTS, type Row } from './board';
import type { Effect } from './apply';
import type { Id } from './id';
import type { Json, JsonObject } from './json';
import { fieldsOf, type Op, type PartOp, tagOf, type Transfer } from './ops';
import type { Parts, PartsOwner } from '../replica/parts';
import { type Place, placeFind, POS_STEP } from './place';

export interface PreviewContext {
    readonly idBoard: Id;
    readonly nowMs: number;
    readonly me?: Id | undefined;
}

export interface InvertContext {
    readonly me: Id | undefined;
    newId(): Id;
}

type Resolved = Effect[] | undefined;

/** What is told of ops on parts of cards: with the code of the first card that is opened
 * (preview_parts.ts). */
export const partOps: {
    preview?: (state: State, op: PartOp | Transfer, context: PreviewContext) => Resolved;
    invert?: (state: State, op: PartOp | Transfer, context: InvertContext) => Op[] | undefined;
    follow?: (owner: PartsOwner) => Parts;
} = {};

/** Positions for `run` things; a renumbering of the siblings goes into effects. */
export function positions(
    state: State,
    kind: string,
    parent: Id,
    without: readonly Id[],
    place: Place,
    run: number,
    effects: Effect[],
): number[] {
    const siblings = state
        .children(parent)
        .map((row) => ({ id: row.o.id, pos: row.o.pos as number }));
    const placed = placeFind(siblings, new Set(without), place, run);
    if (placed.order === undefined) return [...placed.pos];
    const pos: number[] = [];
    const ids: Id[] = [];
    const others: number[] = [];
    for (const [index, id] of placed.order.entries()) {
        if (id === null) {
            pos.push((index + 1) * POS_STEP);
        } else {
            ids.push(id);
            others.push((index + 1) * POS_STEP);
        }
    }
    if (ids.length > 0) effects.push(['set', kind, ids, { pos: others }]);
    return pos;
}

function of(state: State, kind: string, id: Json | undefined): Row | undefined {
    const row = typeof id === 'string' ? state.get(id) : undefined;
    return row?.kind === kind ? row : undefined;
}

function openList(state: State, id: Json | undefined): Row | undefined {
    const list = of(state, 'list', id);
    return list?.o.closed === false ? list : undefined;
}

export function date(context: PreviewContext): string {
    return new Date(context.nowMs).toISOString();
}

function cardCreate(state: State, op: JsonObject, context: PreviewContext): Resolved {
    const list =
        openList(state, op.idList) ?? state.children(LISTS).find((row) => row.o.closed === false);
    if (list === undefined || state.get(op.id as Id) !== undefined) return undefined;
    const effects: Effect[] = [];
    const [pos] = positions(state, 'card', list.o.id, [], op as Place, 1, effects);
    const fields = {
        ...fieldsOf(op),
        idList: list.o.id,
        pos: pos as number,
        dateLastActivity: date(context),
        desc: op.desc,
    };
    effects.push(['add', 'card', op.id as Id, fields]);
    return effects;
}

function listCreate(state: State, op: JsonObject): Resolved {
    if (state.get(op.id as Id) !== undefined) return undefined;
    const effects: Effect[] = [];
    const [pos] = positions(state, 'list', LISTS, [], op as Place, 1, effects);
    effects.push(['add', 'list', op.id as Id, { ...fieldsOf(op), pos: pos as number }]);
    return effects;
}

function cardsMove(
    state: State,
    ids: readonly Id[],
    idList: Id | undefined,
    place: Place,
    context: PreviewContext,
): Resolved {
    const there = ids.filter((id) => of(state, 'card', id) !== undefined);
    const [first] = there;
    if (first === undefined) return undefined;
    const target = idList ?? (state.get(first)?.o.idList as Id);
    if (
        idList === undefined
            ? of(state, 'list', target) === undefined
            : openList(state, target) === undefined
    )
        return undefined;
    const effects: Effect[] = [];
    const pos = positions(state, 'card', target, there, place, there.length, effects);
    effects.push(['set', 'card', there, { idList: target, pos, dateLastActivity: date(context) }]);
    return effects;
}

/** Bytes of ASCII letters as the server compares names; ids and dates compare as they are. */
function sortKey(row: Row, by: string): string {
    const value = row.o[by];
    const text = typeof value === 'string' ? value : '';
    return by === 'name' ? text.toLowerCase() : text;
}

function listSort(state: State, op: { id: Id; by: string; desc?: boolean }): Resolved {
    const cards = state.children(op.id);
    const sign = op.desc === true ? -1 : 1;
    const dates = op.by === 'due' || op.by === 'dateLastActivity';
    const open = cards.filter((row) => row.o.closed === false);
    const byPlace = new Map(open.map((row, index) => [row, index]));
    open.sort((a, b) => {
        const placeOrder = (byPlace.get(a) as number) - (byPlace.get(b) as number);
        if (op.by === 'pos') return sign * placeOrder;
        const x = sortKey(a, op.by);
        const y = sortKey(b, op.by);
        if (dates && (x === '') !== (y === '')) return x === '' ? 1 : -1;
        return x < y ? -sign : x > y ? sign : placeOrder;
    });
    if (open.length === 0) return [];
    let next = 0;
    const ids = cards.map((row) => (row.o.closed === true ? row.o.id : (open[next++] as Row).o.id));
    return [['set', 'card', ids, { pos: ids.map((_, index) => (index + 1) * POS_STEP) }]];
}

function moveAll(state: State, from: Id, to: Id, openOnly: boolean, extra: JsonObject): Effect[] {
    const ids = state
        .children(from)
        .filter((row) => !openOnly || row.o.closed === false)
        .map((row) => row.o.id);
    if (ids.length === 0) return [];
    const effects: Effect[] = [];
    const pos = positions(state, 'card', to, [], {}, ids.length, effects);
    effects.push(['set', 'card', ids, { ...extra, idList: to, pos }]);
    return effects;
}

function listDelete(state: State, id: Id, idList: Id | undefined): Resolved {
    const lists = state.children(LISTS);
    const at = lists.findIndex((row) => row.o.id === id);
    const target =
        idList === undefined
            ? (lists[at - 1] ?? lists[at + 1])?.o.id
            : openList(state, idList)?.o.id;
    if (at < 0 || (target === undefined && state.children(id).length > 0)) return undefined;
    const effects =
        target === undefined
            ? []
            : moveAll(state, id, target, false, idList === undefined ? { closed: true } : {});
    return [...effects, ['del', 'list', id]];
}

function carriers(state: State, field: string, element: Id): Effect[] {
    const ids = state
        .ofKind('card')
        .filter((row) => (row.o[field] as readonly Id[]).includes(element))
        .map((row) => row.o.id);
    return ids.length === 0 ? [] : [['tag', 'card', ids, field, element, 0]];
}

function setFields(state: State, kind: string, id: Id, fields: JsonObject): Resolved {
    return of(state, kind, id) === undefined ? undefined : [['set', kind, id, fields]];
}

function membership(state: State, op: Op): Resolved {
    // whose id the server makes: nothing to see before
    if (op.op !== 'member.remove' && op.op !== 'member.role') return [];
    const row = state.ofKind('membership').find((other) => other.o.idMember === op.idMember);
    if (row === undefined) return undefined;
    if (op.op === 'member.role') return [['set', 'membership', row.o.id, { memberType: op.role }]];
    const votes = carriers(state, 'idMembersVoted', op.idMember);
    const cards = carriers(state, 'idMembers', op.idMember);
    return [...cards, ...votes, ['del', 'membership', row.o.id]];
}

export function preview(state: State, op: Op, context: PreviewContext): Resolved {
    switch (op.op) {
        case 'board.set': {
            const fields = fieldsOf(op);
            const prefs = fields.prefs as JsonObject | undefined;
            const was = state.get(context.idBoard)?.o.prefs as JsonObject | undefined;
            return setFields(
                state,
                'board',
                context.idBoard,
                prefs === undefined ? fields : { ...fields, prefs: { ...was, ...prefs } },
            );
        }
        case 'board.close':
        case 'board.reopen':
            return setFields(state, 'board', context.idBoard, { closed: op.op === 'board.close' });
        case 'list.create':
            return listCreate(state, op as JsonObject);
        case 'list.set':
            return setFields(state, 'list', op.id, fieldsOf(op));
        case 'list.move': {
            if (of(state, 'list', op.id) === undefined) return undefined;
            const effects: Effect[] = [];
            const [pos] = positions(state, 'list', LISTS, [op.id], op, 1, effects);
            return [...effects, ['set', 'list', op.id, { pos: pos as number }]];
        }
        case 'list.close':
        case 'list.reopen':
            return setFields(state, 'list', op.id, { closed: op.op === 'list.close' });
        case 'list.sort':
            return listSort(state, op);
        case 'list.archiveCards': {
            const ids = state
                .children(op.id)
                .filter((row) => row.o.closed === false)
                .map((row) => row.o.id);
            return ids.length === 0 ? [] : [['set', 'card', ids, { closed: true }]];
        }
        case 'list.moveCards':
            return openList(state, op.idList) === undefined
                ? undefined
                : moveAll(state, op.id, op.idList, true, {});
        case 'list.delete':
            return listDelete(state, op.id, op.idList);
        case 'card.create':
            return cardCreate(state, op as JsonObject, context);
        case 'card.set':
            return setFields(state, 'card', op.id, fieldsOf(op));
        case 'card.move':
            return cardsMove(state, [op.id], op.idList, op, context);
        case 'card.close':
        case 'card.reopen':
            return setFields(state, 'card', op.id, { closed: op.op === 'card.close' });
        case 'card.delete':
            return of(state, 'card', op.id) === undefined ? undefined : [['del', 'card', op.id]];
        case 'card.label':
        case 'card.member':
        case 'card.vote': {
            const [field, element] = tagOf(op, context.me);
            if (of(state, 'card', op.id) === undefined || element === undefined) return undefined;
            return [['tag', 'card', op.id, field, element, op.on ? 1 : 0]];
        }
        case 'cards.create':
            return undefined; // previewed one by one: see previewAll
        case 'cards.move':
            return cardsMove(state, op.ids, op.idList, op, context);
        case 'cards.set': {
            const ids = op.ids.filter((id) => of(state, 'card', id) !== undefined);
            return ids.length === 0 ? undefined : ids.map((id) => ['set', 'card', id, op.fields]);
        }
        case 'label.create':
            return state.get(op.id) === undefined
                ? [['add', 'label', op.id, fieldsOf(op)]]
                : undefined;
        case 'label.set':
            return setFields(state, 'label', op.id, fieldsOf(op));
        case 'label.delete': {
            if (of(state, 'label', op.id) === undefined) return undefined;
            return [...carriers(state, 'idLabels', op.id), ['del', 'label', op.id]];
        }
        case 'text':
        case 'text.put':
            return []; // texts have their own view: see replica/docs.ts
        case 'member.add':
        case 'member.remove':
        case 'member.role':
            return membership(state, op);
        default:
            return partOps.preview === undefined ? [] : partOps.preview(state, op, context);
    }
}

/** cards.create is so many card.create. */
export function singly(ops: readonly Op[]): Op[] {
    return ops.flatMap((op) =>
        op.op === 'cards.create'
            ? op.cards.map((card) => ({ ...card, op: 'card.create' }) as unknown as Op)
            : [op],
    );
}

/** undo.ts - undo and redo: a person's own stack of inverse intents, captured from the view when
 * the action is made.
 *
 * An inverse is an op like any other: it lands sensibly whatever others did meanwhile. Where a
 * field was changed by someone else since,
 * undo says so first and does it only when told again. Cleared on reload. */
import { LISTS, type State } from './model/board';
import type { Id } from './model/id';
import { equal, type Json, type JsonObject } from './model/json';
import { fieldsOf, isSet, type Op, tagOf } from './model/ops';
import { type InvertContext, partOps } from './model/preview';

export interface UndoContext extends InvertContext {
    readonly idBoard: Id;
    /** The long text as the view has it; undefined: not known, then a change of it cannot be
     * undone. */
    text(id: Id): string | undefined;
}

/** What an action can be undone by: messages of at most OPS_MAX ops each, or undefined. */
export type Inverse = readonly (readonly Op[])[];

const OPS_MAX = 100; // of one message

/** Behind whom it stands: '' is the head. */
function predecessor(state: State, parent: Id, id: Id): Id | '' {
    const rows = state.children(parent);
    const at = rows.findIndex((row) => row.o.id === id);
    return rows[at - 1]?.o.id ?? '';
}

function before(state: State, id: Id, fields: JsonObject): JsonObject | undefined {
    const was = state.get(id)?.o;
    if (was === undefined) return undefined;
    return Object.fromEntries(Object.keys(fields).map((name) => [name, was[name] ?? null]));
}

function moveBack(state: State, id: Id): Op | undefined {
    const row = state.get(id);
    if (row?.kind !== 'card') return undefined;
    const idList = row.o.idList as Id;
    return { op: 'card.move', id, idList, after: predecessor(state, idList, id) };
}

/** In their old order, so that each finds its old predecessor in place. */
function movesBack(state: State, ids: readonly Id[]): Op[] {
    const rows = ids.map((id) => state.get(id)).filter((row) => row?.kind === 'card');
    const place = new Map<Id, number>();
    for (const list of new Set(rows.map((row) => row?.o.idList as Id))) {
        state.children(list).forEach((row, index) => place.set(row.o.id, index));
    }
    const sorted = [...ids]
        .filter((id) => place.has(id))
        .sort((a, b) => (place.get(a) as number) - (place.get(b) as number));
    return sorted.map((id) => moveBack(state, id)).filter((op) => op !== undefined);
}

export function setBack(state: State, op: Op & { id: Id }): Op[] | undefined {
    const fields = before(state, op.id, fieldsOf(op as JsonObject));
    return fields === undefined ? undefined : [{ op: op.op, id: op.id, ...fields } as Op];
}

function boardBack(state: State, op: JsonObject, idBoard: Id): Op[] | undefined {
    const fields = before(state, idBoard, fieldsOf(op));
    if (fields === undefined) return undefined;
    if (op.prefs === undefined) return [{ op: 'board.set', ...fields }];
    const was = fields.prefs as JsonObject;
    const prefs = Object.fromEntries(
        Object.keys(op.prefs as JsonObject).map((name) => [name, was[name] ?? null]),
    );
    return [{ op: 'board.set', ...fields, prefs }];
}

function openCards(state: State, idList: Id): Id[] {
    return state
        .children(idList)
        .filter((row) => row.o.closed === false)
        .map((row) => row.o.id);
}

/** state: the view before the op. undefined: this op has no inverse. */
export function invert(state: State, op: Op, context: UndoContext): Op[] | undefined {
    switch (op.op) {
        case 'board.set':
            return boardBack(state, op, context.idBoard);
        case 'board.close':
            return [{ op: 'board.reopen' }];
        case 'board.reopen':
            return [{ op: 'board.close' }];
        case 'list.create':
            return [{ op: 'list.close', id: op.id }];
        case 'card.create':
            return [{ op: 'card.close', id: op.id }];
        case 'label.create':
            return [{ op: 'label.delete', id: op.id }];
        case 'cards.create':
            return op.cards.map((card) => ({ op: 'card.close', id: card.id as Id }));
        case 'list.set':
        case 'card.set':
        case 'label.set':
            return setBack(state, op as Op & { id: Id });
        case 'list.move':
            return [{ op: 'list.move', id: op.id, after: predecessor(state, LISTS, op.id) }];
        case 'list.close':
            return [{ op: 'list.reopen', id: op.id }];
        case 'list.reopen':
            return [{ op: 'list.close', id: op.id }];
        case 'list.archiveCards':
            return openCards(state, op.id).map((id) => ({ op: 'card.reopen', id }));
        case 'list.sort':
        case 'list.moveCards':
            return movesBack(state, openCards(state, op.id));
        case 'card.move':
            return movesBack(state, [op.id]);
        case 'cards.move':
            return movesBack(state, op.ids);
        case 'card.close':
            return [{ op: 'card.reopen', id: op.id }];
        case 'card.reopen':
            return [{ op: 'card.close', id: op.id }];
        case 'card.label':
        case 'card.member':
        case 'card.vote': {
            const [field, element = null] = tagOf(op, context.me);
            const elements = state.get(op.id)?.o[field];
            const was = Array.isArray(elements) && (elements as readonly Json[]).includes(element);
            return was === op.on ? [] : [{ ...op, on: was }];
        }
        case 'cards.set':
            return op.ids.flatMap((id) => {
                const fields = before(state, id, op.fields);
                return fields === undefined ? [] : [{ op: 'card.set', id, ...fields } as Op];
            });
        case 'text.put': {
            const text = context.text(op.id);
            return text === undefined ? undefined : [{ ...op, text }];
        }
        case 'member.role': {
            const row = state
                .ofKind('membership')
                .find((other) => other.o.idMember === op.idMember);
            return row === undefined
                ? undefined
                : [{ ...op, role: row.o.memberType as 'admin' | 'normal' | 'observer' }];
        }
        case 'text':
        case 'list.delete':
        case 'card.delete':
        case 'label.delete':
        case 'member.add':
        case 'member.remove':
            return undefined;
        default:
            return partOps.invert?.(state, op, context);
    }
}

/** Fields an action gave values to, to see whether they are still those. */
interface Expected {
    readonly id: Id;
    readonly fields: JsonObject;
}

export function expected(ops: readonly Op[], idBoard: Id): Expected[] {
    const found: Expected[] = [];
    for (const op of ops) {
        if (isSet(op) && !('prefs' in op))
            found.push({
                id: 'id' in op ? (op.id as Id) : idBoard,
                fields: fieldsOf(op as JsonObject),
            });
        if (op.op === 'text.put') found.push({ id: op.id, fields: { desc: op.text } });
        if (op.op === 'cards.set') for (const id of op.ids) found.push({ id, fields: op.fields });
    }
    return found;
}

export function asExpected(
    state: State,
    list: readonly Expected[],
    text: UndoContext['text'],
): boolean {
    return list.every(({ id, fields }) => {
        const o = state.get(id)?.o;
        return (
            o !== undefined &&
            Object.entries(fields).every(([name, value]) =>
                equal(name === 'desc' ? text(id) : o[name], value),
            )
        );
    });
}

export interface Step {
    readonly label: string;
    /** n of the message that did it, to take it back while it is unsent; 0: several, or merged. */
    readonly n: number;
    readonly ops: readonly Op[];
    readonly inverse: Inverse;
    readonly expected: readonly Expected[];
    /** Does it instead of `inverse`, and says so. */
    readonly run?: () => false;
}

export function chunks(ops: readonly Op[]): Inverse {
    const messages: Op[][] = [];
    for (let i = 0; i < ops.length; i += OPS_MAX) messages.push(ops.slice(i, i + OPS_MAX));
    return messages;
}

const STEPS_MAX = 200;

export class UndoStack {
    readonly done: Step[] = [];
    readonly undone: Step[] = [];

    /** A new action of the person: what was undone cannot be redone any more. */
    push(step: Step): void {
        this.done.push(step);
        if (this.done.length > STEPS_MAX) this.done.shift();
        this.undone.length = 0;
    }
}

/** preview_parts.ts - what an own op on a part of a card will probably do, and what takes it back.
 * Comes with the first card that is opened. See preview.ts. */
import { Parts } from '../replica/parts';
import { setBack } from '../undo';
import { apply, type Effect } from './apply';
import { LISTS, Overlay, partsOf, type Row, type State } from './board';
import type { Id } from './id';
import type { Json, JsonObject } from './json';
import { fieldsOf, type Op, type PartOp } from './ops';
import { date, partOps, positions, type PreviewContext } from './preview';

type Resolved = Effect[] | undefined;

function of(state: State, kind: string, id: Json | undefined): Row | undefined {
    const row = typeof id === 'string' ? state.get(id) : undefined;
    return row?.kind === kind ? row : undefined;
}

/** Under what the parts of one card, or of one checklist, stand in order. */
function orderOf(kind: string, parent: Id): string {
    return kind === 'checkItem' ? parent : partsOf(kind, parent);
}

function placed(state: State, kind: string, parent: Id, op: JsonObject, self: Id[]): Effect[] {
    const effects: Effect[] = [];
    const [pos] = positions(state, kind, orderOf(kind, parent), self, op, 1, effects);
    const fields: Record<string, Json | undefined> = { ...fieldsOf(op), pos: pos as number };
    const what = self.length === 0 ? 'add' : 'set';
    if (kind === 'checkItem' && what === 'add') {
        const idCard = (state.get(parent) as Row).o.idCard as Id;
        const none = { due: null, dueReminder: null, idMember: null, state: 'incomplete' };
        Object.assign(fields, { ...none, ...fields, idCard });
    }
    return [...effects, [what, kind, op.id as Id, fields]];
}

type Reactions = readonly (readonly [Id, string])[];

function reactionsWith(was: Reactions, mine: readonly [Id, string], on: boolean): Reactions {
    const others = was.filter(([id, emoji]) => id !== mine[0] || emoji !== mine[1]);
    if (!on) return others;
    return others.length < was.length ? was : [...was, mine];
}

/** A link; what is a file comes by way of the server. */
function linked(state: State, op: PartOp, context: PreviewContext): Resolved {
    const { idCard, ...given } = op as JsonObject & { idCard: Id };
    if (of(state, 'card', idCard) === undefined || state.get(op.id) !== undefined)
        return undefined;
    const none = { bytes: null, file: null, fileName: null, mimeType: null, isUpload: false };
    const now = { date: date(context), idMember: context.me ?? null };
    const all = { ...none, ...now, name: given.url, idCard, ...given } as JsonObject;
    return placed(state, 'attachment', idCard, all, []);
}

function resolveComment(state: State, op: PartOp, context: PreviewContext): Resolved {
    const now = date(context);
    if (op.op === 'comment.create') {
        const { id, idCard, text } = op;
        if (of(state, 'card', idCard) === undefined || state.get(id) !== undefined)
            return undefined;
        const none = { author: null, dateLastEdited: null, reactions: null };
        const said = { ...none, idCard, text, idMemberCreator: context.me ?? null, date: now };
        return [['add', 'comment', id, said]];
    }
    const row = of(state, 'comment', op.id);
    if (row === undefined) return undefined;
    if (op.op === 'comment.set')
        return [['set', 'comment', op.id, { text: op.text, dateLastEdited: now }]];
    if (op.op !== 'comment.react') return [['del', 'comment', op.id]];
    const was = (row.o.reactions ?? []) as Reactions;
    const reactions = reactionsWith(was, [context.me ?? '', op.emoji], op.on);
    return [['set', 'comment', op.id, { reactions: reactions.length === 0 ? null : reactions }]];
}

/* -- custom fields */

function itemOf(state: State, card: Id, field: Id): Row | undefined {
    const items = state.children(partsOf('customFieldItem', card));
    return items.find((row) => row.o.idCustomField === field);
}

function resolveValue(state: State, op: PartOp & { op: 'customFieldItem.set' }): Resolved {
    const { idCard, idCustomField, idValue, value } = op;
    const known = of(state, 'card', idCard) && of(state, 'customField', idCustomField);
    const item = itemOf(state, idCard, idCustomField);
    if (known === undefined) return undefined;
    if (value === null && idValue === null)
        return item === undefined ? [] : [['del', 'customFieldItem', item.o.id]];
    if (item !== undefined) return [['set', 'customFieldItem', item.o.id, { idValue, value }]];
    return [['add', 'customFieldItem', op.id, { idCard, idCustomField, idValue, value }]];
}

/** A field or an option: the server takes the values that cards have of it along. */
function resolveField(state: State, op: PartOp): Resolved {
    const [kind, what] = op.op.split('.') as [string, string];
    if (what !== 'create') {
        if (of(state, kind, op.id) === undefined) return undefined;
        if (what === 'set') return [['set', kind, op.id, fieldsOf(op as JsonObject)]];
        const options = state.children(op.id).map((row) => row.o.id);
        const values = state
            .ofKind('customFieldItem')
            .filter(({ o }) => o.idCustomField === op.id || o.idValue === op.id)
            .map((row) => row.o.id);
        const gone: Effect[] = [['del', kind, op.id]];
        if (options.length > 0) gone.unshift(['del', 'customFieldOption', options]);
        if (values.length > 0) gone.unshift(['del', 'customFieldItem', values]);
        return gone;
    }
    if (state.get(op.id) !== undefined) return undefined;
    const effects: Effect[] = [];
    const parent = kind === 'customField' ? kind : ((op as JsonObject).idCustomField as Id);
    const [pos] = positions(state, kind, parent, [], op as JsonObject, 1, effects);
    const none = kind === 'customField' ? { display: {} } : { color: null };
    const fields = { ...none, ...fieldsOf(op as JsonObject), pos: pos as number };
    return [...effects, ['add', kind, op.id, fields]];
}

function resolve(state: State, op: PartOp, context: PreviewContext): Resolved {
    if (op.op === 'customFieldItem.set') return resolveValue(state, op);
    if (op.op.startsWith('customField')) return resolveField(state, op);
    if (op.op.startsWith('comment.')) return resolveComment(state, op, context);
    if (op.op === 'attachment.create') return linked(state, op, context);
    const [kind, what] = op.op.split('.') as [string, string];
    const above = kind === 'checkItem' ? 'checklist' : 'card';
    const up = kind === 'checkItem' ? 'idChecklist' : 'idCard';
    const row = of(state, kind, op.id);
    if (what === 'create') {
        const parent = of(state, above, op[up as never]);
        if (parent === undefined || state.get(op.id) !== undefined) return undefined;
        return placed(state, kind, parent.o.id, op as JsonObject, []);
    }
    if (row === undefined) return undefined;
    if (what === 'set') return [['set', kind, op.id, fieldsOf(op as JsonObject)]];
    if (what === 'move') {
        const parent = (op[up as never] ?? row.o[up]) as Id;
        if (of(state, above, parent) === undefined) return undefined;
        return placed(state, kind, parent, op as JsonObject, [op.id]);
    }
    const items = kind === 'checklist' ? state.children(op.id).map((item) => item.o.id) : [];
    const gone: Effect[] = [['del', kind, op.id]];
    return items.length === 0 ? gone : [['del', 'checkItem', items], ...gone];
}

const always = ['name', 'address', 'cardRole', 'coordinates', 'locationName'];
const byName: Readonly<Record<string, readonly string[]>> = {
    due: ['due', 'dueReminder'],
    labels: ['idLabels'],
    members: ['idMembers'],
    start: ['start'],
};
const counted: Readonly<Record<string, readonly string[]>> = {
    attachments: ['attachments'],
    checklists: ['checkItems', 'checkItemsChecked', 'checkItemsEarliestDue'],
    comments: ['comments'],
    customFields: ['customFields'],
};

function pick(from: JsonObject, names: readonly string[]): JsonObject {
    return Object.fromEntries(
        names.filter((name) => name in from).map((name) => [name, from[name]]),
    ) as JsonObject;
}

/** Its face. What hangs on it comes with ids that the server makes. */
function resolveCopy(
    state: State,
    op: PartOp & { readonly op: 'card.copy' },
    context: PreviewContext,
): Resolved {
    const source = of(state, 'card', op.idSource)?.o;
    const asked = of(state, 'list', op.idList);
    const open = (row: Row | undefined) => row?.o.closed === false;
    const list = open(asked) ? asked : state.children(LISTS).find(open);
    if (source === undefined || list === undefined || state.get(op.id) !== undefined)
        return undefined;
    const keeps = (what: string) => op.keep === undefined || op.keep.includes(what);
    const named = (table: Readonly<Record<string, readonly string[]>>) =>
        Object.keys(table)
            .filter(keeps)
            .flatMap((what) => table[what] ?? []);
    const cover = source.cover as JsonObject | null;
    const effects: Effect[] = [];
    const [pos] = positions(state, 'card', list.o.id, [], op, 1, effects);
    const { idSource, keep, ...given } = fieldsOf(op);
    const fields = {
        ...pick(source, [...always, ...named(byName)]),
        cover: typeof cover?.color === 'string' ? cover : null,
        ...given,
        badges: pick(source.badges as JsonObject, ['description', ...named(counted)]),
        idList: list.o.id,
        pos: pos as number,
        dateLastActivity: date(context),
    };
    return [...effects, ['add', 'card', op.id, fields]];
}

/** They go, with what hangs on them. */
function resolveTransfer(state: State, ids: readonly Id[]): Resolved {
    const there = ids.filter((id) => of(state, 'card', id) !== undefined);
    return there.length === 0 ? undefined : [['del', 'card', there]];
}

function cardOf(state: State, op: PartOp): Id | undefined {
    const of = (id: unknown) => (typeof id === 'string' ? state.get(id)?.o.idCard : undefined);
    return (of(op.id) ?? of((op as JsonObject).idChecklist) ?? (op as JsonObject).idCard) as
        | Id
        | undefined;
}

/** What its face shows of its items: what is nothing is left out. */
function badgesOf(state: State, card: Id): JsonObject {
    const was = (state.get(card) as Row).o.badges as JsonObject;
    const items = state
        .children(partsOf('checklist', card))
        .flatMap((checklist) => state.children(checklist.o.id));
    const open = items.filter((item) => item.o.state !== 'complete');
    const dues = open.map((item) => item.o.due).filter((due) => typeof due === 'string');
    const due = dues.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
    const comments = state.children(partsOf('comment', card)).length;
    const attachments = state.children(partsOf('attachment', card)).length;
    const { description, attachmentsByType } = was;
    const values = state.children(partsOf('customFieldItem', card)).map(({ o }) => o);
    const byField = values.map((o) => [o.idCustomField, o.idValue ?? o.value] as [Id, Json]);
    byField.sort(([a], [b]) => (a < b ? -1 : 1));
    return {
        ...(attachments > 0 && { attachments }),
        ...(attachmentsByType !== undefined && { attachmentsByType }),
        ...(description === true && { description }),
        ...(comments > 0 && { comments }),
        ...(byField.length > 0 && { customFields: Object.fromEntries(byField) }),
        ...(items.length > 0 && { checkItems: items.length }),
        ...(items.length > open.length && { checkItemsChecked: items.length - open.length }),
        ...(due !== undefined && { checkItemsEarliestDue: due }),
    };
}

partOps.follow = (owner) => new Parts(owner);

partOps.preview = (state, op, context) => {
    if (op.op === 'card.copy') return resolveCopy(state, op, context);
    if (op.op === 'card.transfer') return resolveTransfer(state, op.ids ?? [op.id as Id]);
    const effects = resolve(state, op, context);
    if (op.op.startsWith('customField') && op.op !== 'customFieldItem.set') return effects;
    const card = cardOf(state, op);
    if (effects === undefined || card === undefined || !state.holds(card)) return effects;
    const after = new Overlay(state);
    apply(after, effects, 0);
    if (state.get(card) === undefined) return undefined; // with its card it is gone
    return [...effects, ['set', 'card', card, { badges: badgesOf(after, card) }]];
};

/* -- undo */

function behind(state: State, kind: string, row: Row): Id | '' {
    const parent = (kind === 'checkItem' ? row.o.idChecklist : row.o.idCard) as Id;
    const rows = state.children(orderOf(kind, parent));
    return rows[rows.indexOf(row) - 1]?.o.id ?? '';
}

/** The same again under another id: an id is used once. */
function again(kind: string, { o }: Row, id: Id, more: JsonObject): Op {
    const { s: _, idCard, ...fields } = o;
    const above = kind === 'checklist' ? { idCard } : {};
    return { op: `${kind}.create`, ...fields, ...above, ...more, id } as unknown as Op;
}

function invertComment(row: Row | undefined, op: PartOp, me: Id | undefined, id: Id) {
    if (row === undefined) return undefined;
    if (op.op === 'comment.react') {
        const was = ((row.o.reactions ?? []) as Reactions).some(
            ([member, emoji]) => member === me && emoji === op.emoji,
        );
        return was === op.on ? [] : [{ ...op, on: was }];
    }
    // only one's own can be said again
    if (row.o.idMemberCreator !== me) return undefined;
    const { idCard, text } = row.o as JsonObject as { idCard: Id; text: string };
    return [{ op: 'comment.create', id, idCard, text } as const];
}

/** A link is made again. Which file it is only the server says: it can take the event back. */
function linkAgain(row: Row | undefined, id: Id): Op[] | undefined {
    if (row === undefined || row.o.isUpload === true) return undefined;
    const { idCard, mimeType, name, pos, url } = row.o;
    const kind = mimeType === null ? {} : { mimeType };
    return [{ op: 'attachment.create', id, idCard, name, pos, url, ...kind } as unknown as Op];
}

function invertField(state: State, op: PartOp, newId: () => Id): Op[] | undefined {
    if (op.op === 'customFieldItem.set') {
        const was = itemOf(state, op.idCard, op.idCustomField)?.o;
        const before = { idValue: was?.idValue ?? null, value: was?.value ?? null };
        return [{ ...op, id: newId(), ...before } as Op];
    }
    if (op.op.endsWith('.create'))
        return [{ op: op.op.replace('create', 'delete'), id: op.id } as Op];
    return op.op.endsWith('.set') ? setBack(state, op as Op & { id: Id }) : undefined;
}

partOps.invert = (state, op, { me, newId }) => {
    if (op.op === 'card.copy') return [{ op: 'card.close', id: op.id }];
    if (op.op === 'card.transfer') return undefined; // by the board where they are: transfer.ts
    if (op.op.startsWith('customField')) return invertField(state, op, newId);
    const [kind, what] = op.op.split('.') as [string, string];
    const row = of(state, kind, op.id);
    if (what === 'create') return [{ op: `${kind}.delete`, id: op.id } as Op];
    if (op.op === 'comment.react' || op.op === 'comment.delete')
        return invertComment(row, op, me, newId());
    if (op.op === 'attachment.delete') return linkAgain(row, newId());
    if (row === undefined) return undefined;
    if (what === 'set') return setBack(state, op as Op & { id: Id });
    if (what === 'move') {
        const up = kind === 'checkItem' ? { idChecklist: row.o.idChecklist } : {};
        return [{ op: op.op, id: op.id, ...up, after: behind(state, kind, row) } as Op];
    }
    const id = newId();
    const items = kind === 'checklist' ? state.children(op.id) : [];
    return [
        again(kind, row, id, {}),
        ...items.map((item) => again('checkItem', item, newId(), { idChecklist: id })),
    ];
};

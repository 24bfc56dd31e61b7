/** notices.ts - what the store has to say beside the state: an undo that met another's change, and
 * every value of one's own that somebody replaced without having seen it. */
import { type Id, isId } from '../model/id';
import { equal, isArray, isObject, type Json, type JsonObject } from '../model/json';
import type { Op } from '../model/ops';
import type { CustomField, FieldItem, FieldOption } from '../parts';
import type { Store } from '../store';
import type { BoardEvent } from '../sync/messages';
import { canEdit, short } from './actions';
import { fields } from './activity_words';
import { momentOf } from './moments';
import { dropToast, toast } from './ui';

/** A value of mine and the one that replaced it. */
interface Conflict {
    readonly by: Id | null;
    readonly kind: string;
    readonly id: Id;
    readonly field: string;
    readonly mine: Json;
    readonly theirs: Json | undefined; // undefined: a text, which may hold parts of both
}

const nouns: Readonly<Record<string, string>> = {
    attachment: 'an attachment',
    card: 'a card',
    checkItem: 'a checklist’s item',
    checklist: 'a checklist',
    customField: 'a custom field',
    customFieldItem: 'a custom field',
    customFieldOption: 'an option',
    label: 'a label',
    list: 'a list',
};
const words: Readonly<Record<string, string>> = {
    ...fields,
    desc: 'the description',
    due: 'the due date',
    dueComplete: 'whether it is done',
    idMember: 'the person',
    idValue: 'the value',
    name: 'the name',
    state: 'the tick',
    value: 'the value',
};

/** What became of the object in that event; undefined: not touched there. */
function made(event: BoardEvent, id: Id, field: string): Pick<Conflict, 'kind' | 'theirs'> | null {
    for (const [form, kind, ids, what] of event.e) {
        if (!(isArray(ids) ? ids.includes(id) : ids === id)) continue;
        if (form === 'set' && isObject(what) && field in what)
            return { kind: kind as string, theirs: what[field] };
        if (form === 'txt' && what === field) return { kind: kind as string, theirs: undefined };
    }
    return null;
}

/** Of two objects (a board's `prefs`) only the members that differ: the others were not replaced,
 * and are not to be put back with them. undefined: none does. */
function differing(
    mine: Json,
    theirs: Json | undefined,
): Pick<Conflict, 'mine' | 'theirs'> | undefined {
    if (!isObject(mine) || !isObject(theirs)) return { mine, theirs };
    const keys = Object.keys(mine).filter((key) => !equal(mine[key], theirs[key]));
    if (keys.length === 0) return undefined;
    const of = (all: JsonObject) => Object.fromEntries(keys.map((key) => [key, all[key] ?? null]));
    return { mine: of(mine), theirs: of(theirs) };
}

/** The rows of an event's `ow`, [id, field, by, s, old], that speak of `me`. */
export function conflictsOf(event: BoardEvent, me: Id | undefined): Conflict[] {
    const found: Conflict[] = [];
    for (const row of event.ow ?? []) {
        if (!isArray(row) || row[2] !== me) continue;
        const [id, field, , , mine = null] = row;
        if (typeof id !== 'string' || typeof field !== 'string') continue;
        const what = made(event, id, field);
        if (what === null) continue;
        const { kind, theirs } = what;
        const values = field === 'prefs' ? differing(mine, theirs) : { mine, theirs };
        if (values === undefined) continue;
        found.push({ by: event.by, id, kind, field, ...values });
    }
    return found;
}

function valueWords(store: Store, value: Json | undefined): string | undefined {
    if (value === null || value === '') return 'nothing';
    if (isId(value)) {
        const option = store.object<FieldOption>(value).peek();
        const name = store.who.peek().get(value)?.fullName ?? option?.text;
        return name === undefined ? undefined : `“${short(name)}”`;
    }
    if (isObject(value)) {
        const [only, ...others] = Object.values(value); // of a custom field
        const one = others.length === 0 && typeof only === 'string';
        return one ? valueWords(store, only) : undefined;
    }
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string') return undefined;
    return /^\d{4}-\d\d-\d\dT/.test(value) ? momentOf(value) : `“${short(value)}”`;
}

/** Of the value that a card has; undefined: the card is not here. */
function fieldOf(store: Store, item: Id): CustomField | undefined {
    const id = store.object<FieldItem>(item).peek()?.idCustomField;
    return id === undefined ? undefined : store.object<CustomField>(id).peek();
}

function nameOf(store: Store, { kind, id, field }: Conflict): string {
    if (kind === 'board') return 'this board';
    const ofField = kind === 'customFieldItem' ? fieldOf(store, id)?.name : undefined;
    if (ofField !== undefined) return `“${short(ofField)}”`;
    const object = store.peekCard(id) ?? store.list(id).peek();
    const name = field === 'name' ? undefined : object?.name; // which is said anyway
    return name === undefined ? (nouns[kind] ?? 'something') : `“${short(name)}”`;
}

function sentence(store: Store, conflict: Conflict): string {
    const who = store.who.peek().get(conflict.by ?? '')?.fullName ?? 'Somebody';
    const what = `${words[conflict.field] ?? conflict.field} of ${nameOf(store, conflict)}`;
    const mine = valueWords(store, conflict.mine);
    const theirs = valueWords(store, conflict.theirs);
    const to = theirs === undefined ? '' : ` to ${theirs}`;
    const yours = mine === undefined ? '' : ` Yours was ${mine}.`;
    return `${who} changed ${what}${to} without having seen your change.${yours}`;
}

function keepMine(store: Store, { kind, id, field, mine }: Conflict): void {
    const item = kind === 'customFieldItem' ? store.object<FieldItem>(id).peek() : undefined;
    if (item !== undefined) {
        const { idCard, idCustomField } = item;
        const none = { idValue: null, value: null };
        const put = { op: 'customFieldItem.set', id, idCard, idCustomField, ...none } as const;
        store.act('keep my change', { ...put, [field]: mine } as Op);
    } else if (field === 'desc') store.setText(id, typeof mine === 'string' ? mine : '');
    else store.act('keep my change', { op: `${kind}.set`, id, [field]: mine } as unknown as Op);
}

/** Not answered yet; the first one is shown. */
class Questions {
    private readonly list: Conflict[] = [];
    private shown = 0;

    constructor(private readonly store: Store) {}

    add(conflicts: readonly Conflict[]): void {
        this.list.push(...conflicts);
        this.ask();
    }

    private ask(): void {
        const [conflict] = this.list;
        dropToast(this.shown);
        if (conflict === undefined) return;
        const next = () => {
            this.list.shift();
            this.ask();
        };
        const keep = () => {
            keepMine(this.store, conflict);
            next();
        };
        const of = this.list.length > 1 ? ` (1 of ${this.list.length})` : '';
        const lost = conflict.kind === 'customFieldItem' && !fieldOf(this.store, conflict.id);
        const action = canEdit(this.store) && !lost ? { label: 'Keep mine', run: keep } : undefined;
        const text = sentence(this.store, conflict) + of;
        this.shown = toast(text, action, { label: 'Keep theirs', run: next });
    }
}

const questions = new WeakMap<Store, Questions>();

function overwritten(store: Store, event: BoardEvent): void {
    const asking = questions.get(store) ?? new Questions(store);
    questions.set(store, asking);
    asking.add(conflictsOf(event, store.me.peek()?.id));
}

/** Says all that is to be said, once. */
export function tell(store: Store): void {
    const notices = store.notices.peek();
    if (notices.length > 0) store.notices.value = [];
    for (const notice of notices) {
        if (notice.kind === 'queue-full')
            toast('Too many changes wait for the server. This one was not made.');
        else if (notice.kind === 'overwritten') overwritten(store, notice.event);
        else
            toast(`Somebody changed it since: ${notice.label}.`, {
                label: 'Undo all the same',
                run: () => store.undo(true),
            });
    }
}

/** store.ts - the face of one open board to the views.
 *
 * READ through signals. A component that reads `.value` is drawn again when, and only when, that
 * very thing changes:
 *
 *   store.board                 BoardInfo | undefined      name, prefs, closed ...
 *   store.lists                 Id[]                       open lists, in order
 *   store.closedLists           Id[]                       archived lists
 *   store.list(id)              List | undefined           undefined: deleted
 *   store.cards(idList)         Id[]                       open cards of a list, in order
 *   store.closedCards           Id[]                       archived cards, newest activity first
 *   store.card(id)              Card | undefined
 *   store.labels                Id[]                       by name
 *   store.label(id)             Label | undefined
 *   store.members               Membership[]               who belongs to the board
 *   store.who                   Map<Id, Person>            names and initials by member id
 *   store.me                    Person | undefined
 *   store.text(id)              string | undefined         a description; reading it fetches it
 *   store.connection            Connection                 what to say about the network
 *   store.saved                 Saved                      what to say about one's own changes
 *   store.drafts                Draft[]                    refused changes, their content kept
 *   store.notices               readonly Notice[]          to be told once; then emptied
 *   store.seq                   number                     the newest event that is shown
 *   store.undoLabel/.redoLabel  string | undefined         what Ctrl+Z / Ctrl+Shift+Z would do
 *
 * Values are frozen wire objects in Trello's vocabulary; compare by identity. Ids in an order
 * signal always have their object.
 *
 * WRITE through actions. Each shows its effect at once, queues it so that it survives a reload,
 * sends it when it can, and returns
 * immediately; creating ones return the new id. Nothing is to be awaited, nothing throws; what the
 * server refuses turns up in `drafts`.
 * Places: {after: id} behind that card, {after: ''} at the top, {} at the end; give {before: id}
 * as well when dropping between two.
 * store.group('Move 3 cards', () => {...}) makes several actions one atomic change and one undo.
 *
 * For tests: window.__tavla = { state(), pos(), pending(), drafts() } - see `hook`. */
import { type Id, makeId } from './model/id';
import type { JsonObject } from './model/json';
import type { Op, Role, SortBy } from './model/ops';
import type { Place } from './model/place';
import type { Delta } from './model/text';
import { StoreSignals } from './store_signals';
import type { CardFields, NewCard, TestHook } from './store_types';
import { asExpected, chunks, expected, invert, type Step, UndoStack } from './undo';

export type * from './store_types';

const CARDS_PER_MESSAGE = 500;

export class Store extends StoreSignals {
    private readonly undoStack = new UndoStack();
    private gathering: Op[] | undefined;

    /* -- acting */

    newId(): Id {
        return makeId(this.env.now(), this.env.bytes(8));
    }

    /** Everything that fn does becomes one atomic change under one undo step. */
    group(label: string, fn: () => void): void {
        if (this.gathering !== undefined) {
            fn();
            return;
        }
        const ops: Op[] = (this.gathering = []);
        try {
            fn();
        } finally {
            this.gathering = undefined;
        }
        if (ops.length > 0) this.act(label, ...ops);
    }

    /** One atomic change under one undo step. */
    act(label: string, ...ops: Op[]): void {
        if (this.gathering !== undefined) {
            this.gathering.push(...ops);
            return;
        }
        const step = this.perform(label, ops);
        if (step !== undefined) this.undoStack.push(step);
        this.undoChanged();
    }

    /** Does it and says how to take it back; undefined: it cannot be, or was not done. */
    private perform(label: string, ops: readonly Op[]): Step | undefined {
        const context = {
            idBoard: this.id,
            text: (id: Id) => this.replica.docs.view(id),
            me: this.me.peek()?.id,
            newId: () => this.newId(),
        };
        const inverse = ops.map((op) => invert(this.view, op, context)).reverse();
        let n = 0;
        for (const message of chunks(ops)) {
            const waiting = this.replica.waiting;
            const entry = this.replica.perform(message);
            if (entry === undefined) {
                this.note({ kind: 'queue-full' });
                return undefined;
            }
            // a text's message may take in what is typed next
            const alone = ops.length === message.length && ops[0]?.op !== 'text.put';
            n = alone && this.replica.waiting > waiting ? entry.n : 0;
        }
        if (inverse.some((op) => op === undefined)) return undefined;
        const back = inverse.flatMap((list) => list ?? []);
        return back.length === 0
            ? undefined
            : { label, n, ops, inverse: chunks(back), expected: expected(ops, this.id) };
    }

    private undoChanged(): void {
        this.undoLabel.value = this.undoStack.done.at(-1)?.label;
        this.redoLabel.value = this.undoStack.undone.at(-1)?.label;
    }

    private back(from: Step[], to: Step[], force: boolean): boolean {
        const step = from.at(-1);
        if (step === undefined) return false;
        const text = (id: Id) => this.replica.docs.view(id);
        if (!force && !asExpected(this.view, step.expected, text)) {
            this.note({ kind: 'undo-changed', label: step.label });
            return false;
        }
        from.pop();
        const again =
            this.takeBack(step) ?? step.run?.() ?? this.perform(step.label, step.inverse.flat());
        if (again) to.push(again);
        this.undoChanged();
        return again !== false;
    }

    /** What was never sent is simply dropped. */
    private takeBack(step: Step): Step | undefined {
        if (step.n === 0 || !this.replica.drop(step.n)) return undefined;
        const { label, ops, inverse } = step;
        return { label, n: 0, inverse: chunks(ops), expected: [], ops: inverse.flat() };
    }

    /** False: nothing to undo, or `notices` says that someone changed it since; then undo(true)
     * does it all the same. Or the step itself says what it does. */
    undo(force = false): boolean {
        return this.back(this.undoStack.done, this.undoStack.undone, force);
    }

    redo(force = false): boolean {
        return this.back(this.undoStack.undone, this.undoStack.done, force);
    }

    /* board */

    setBoard(fields: {
        readonly name?: string;
        readonly prefs?: JsonObject;
        readonly idOrganization?: Id | null;
    }): void {
        this.act('Change board', { op: 'board.set', ...fields });
    }

    closeBoard(): void {
        this.act('Close board', { op: 'board.close' });
    }

    reopenBoard(): void {
        this.act('Reopen board', { op: 'board.reopen' });
    }

    /* lists */

    createList(name: string, place: Place = {}): Id {
        const id = this.newId();
        this.act('Add list', { op: 'list.create', id, name, ...place });
        return id;
    }

    renameList(id: Id, name: string): void {
        this.act('Rename list', { op: 'list.set', id, name });
    }

    moveList(id: Id, place: Place): void {
        this.act('Move list', { op: 'list.move', id, ...place });
    }

    archiveList(id: Id): void {
        this.act('Archive list', { op: 'list.close', id });
    }

    restoreList(id: Id): void {
        this.act('Restore list', { op: 'list.reopen', id });
    }

    /** Its cards go to `idList`, or, archived, to a neighbour. Has no undo. */
    deleteList(id: Id, idList?: Id): void {
        this.act('Delete list', {
            op: 'list.delete',
            id,
            ...(idList === undefined ? {} : { idList }),
        });
    }

    sortList(id: Id, by: SortBy, descending = false): void {
        this.act('Sort list', { op: 'list.sort', id, by, ...(descending ? { desc: true } : {}) });
    }

    archiveCards(idList: Id): void {
        this.act('Archive all cards of the list', { op: 'list.archiveCards', id: idList });
    }

    moveAllCards(fromList: Id, idList: Id): void {
        this.act('Move all cards of the list', { op: 'list.moveCards', id: fromList, idList });
    }

    /* cards */

    createCard(idList: Id, card: NewCard, place: Place = {}): Id {
        const id = this.newId();
        this.act('Add card', {
            op: 'card.create',
            id,
            idList,
            ...definedOnly(card),
            ...place,
            name: card.name,
        });
        return id;
    }

    /** One behind another: pasted lines, say. */
    createCards(idList: Id, cards: readonly NewCard[], place: Place = {}): Id[] {
        const made = cards.map((card) => ({ ...definedOnly(card), id: this.newId(), idList }));
        this.group(`Add ${cards.length} cards`, () => {
            for (let i = 0; i < made.length; i += CARDS_PER_MESSAGE) {
                const part = made.slice(i, i + CARDS_PER_MESSAGE).map((card, index) => {
                    const previous = made[i + index - 1]?.id;
                    return { ...card, ...(previous === undefined ? place : { after: previous }) };
                });
                this.act('', { op: 'cards.create', cards: part });
            }
        });
        return made.map((card) => card.id);
    }

    renameCard(id: Id, name: string): void {
        this.act('Rename card', { op: 'card.set', id, name });
    }

    setCard(id: Id, fields: CardFields): void {
        this.act('Change card', { op: 'card.set', id, ...definedOnly(fields) });
    }

    moveCard(id: Id, idList: Id, place: Place = {}): void {
        this.act('Move card', { op: 'card.move', id, idList, ...place });
    }

    moveCards(ids: readonly Id[], idList: Id, place: Place = {}): void {
        if (ids.length > 0)
            this.act(`Move ${ids.length} cards`, { op: 'cards.move', ids, idList, ...place });
    }

    archiveCard(id: Id): void {
        this.act('Archive card', { op: 'card.close', id });
    }

    restoreCard(id: Id): void {
        this.act('Restore card', { op: 'card.reopen', id });
    }

    /** Only an archived card can be deleted. Has no undo. */
    deleteCard(id: Id): void {
        this.act('Delete card', { op: 'card.delete', id });
    }

    setCardLabel(id: Id, idLabel: Id, on: boolean): void {
        this.act(on ? 'Add label' : 'Remove label', { op: 'card.label', id, element: idLabel, on });
    }

    setCardMember(id: Id, idMember: Id, on: boolean): void {
        this.act(on ? 'Add member' : 'Remove member', {
            op: 'card.member',
            id,
            element: idMember,
            on,
        });
    }

    /** The whole description, as a change of what is shown. See also edit(). */
    setText(id: Id, text: string): void {
        this.act('Edit description', {
            op: 'text.put',
            kind: id === this.id ? 'board' : 'card',
            id,
            field: 'desc',
            text,
        });
    }

    /** A change of a description in an open editor that shows it already. False: it could not be
     * kept, the queue is full. No undo step: see views/edited_text.ts. */
    edit(id: Id, delta: Delta): boolean {
        const kept = this.replica.edit(id, delta);
        if (!kept) this.note({ kind: 'queue-full' });
        return kept;
    }

    /** For an editor of a description: the text as it is shown, and then others' changes of it,
     * until it is stopped. */
    follow(id: Id, tell: (delta: Delta) => void): { readonly text: string; stop(): void } {
        return this.replica.docs.follower(id, tell);
    }

    /** What was done otherwise than by act() is to be undone, too. */
    did(step: Step): void {
        this.undoStack.push(step);
        this.undoChanged();
    }

    /* labels */

    createLabel(name: string, color: string | null): Id {
        const id = this.newId();
        this.act('Add label', { op: 'label.create', id, name, color });
        return id;
    }

    setLabel(id: Id, fields: { readonly name?: string; readonly color?: string | null }): void {
        this.act('Change label', { op: 'label.set', id, ...fields });
    }

    /** Comes off every card. Has no undo. */
    deleteLabel(id: Id): void {
        this.act('Delete label', { op: 'label.delete', id });
    }

    /* members */

    removeMember(idMember: Id): void {
        this.act('Remove member', { op: 'member.remove', idMember });
    }

    setRole(idMember: Id, role: Role): void {
        this.act('Change role', { op: 'member.role', idMember, role });
    }

    /* drafts */

    discardDraft(id: string): void {
        this.replica.dropDraft(id);
    }

    /* what is being typed, kept over reloads */

    keepTyped(name: string, text: string | undefined): void {
        void this.env.storage.put(`typed ${this.id} ${name}`, text);
    }

    async typed(name: string): Promise<string | undefined> {
        const text = await this.env.storage.get(`typed ${this.id} ${name}`);
        return typeof text === 'string' ? text : undefined;
    }

    get hook(): TestHook {
        return {
            state: () => this.replica.board.canonical(),
            pos: () => [this.replica.board.seq, this.replica.board.h],
            pending: () =>
                [...this.replica.pending()].map((entry) => ({
                    cl: this.replica.cl,
                    n: entry.n,
                    ops: entry.ops,
                })),
            drafts: () => this.replica.drafts,
        };
    }
}

function definedOnly(fields: object): JsonObject {
    return Object.fromEntries(
        Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as JsonObject;
}

/** pipe_act.ts - what a person does at a board, by chance: any action of the store, on what this
 * person sees at that moment. Others may have changed it since: refusals are part of it. */
import { retryDraft } from '../src/drafts';
import type { Id } from '../src/model/id';
import type { Place } from '../src/model/place';
import { deltaApply, deltaDiff } from '../src/model/text';
import { fieldIds, look, partIds } from '../src/parts';
import type { Store } from '../src/store';
import { cardsThere, targetsOf, transfer } from '../src/transfer';
import { chanceOf } from './pipe_env';

const OPS_MAX = 6; // in one message: the simulation's server takes few

class Person {
    private readonly chance: () => number;

    constructor(
        readonly store: Store,
        seed: number,
    ) {
        this.chance = chanceOf(seed);
    }

    below(bound: number): number {
        return Math.floor(this.chance() * bound);
    }

    percent(percent: number): boolean {
        return this.below(100) < percent;
    }

    pick<T>(list: readonly T[]): T | undefined {
        return list[this.below(list.length)];
    }

    /** Open and archived; sorted, because the order in memory is nobody's business. */
    cards(): Id[] {
        return this.store
            .allCards()
            .map((card) => card.id)
            .sort();
    }

    lists(): Id[] {
        return [...this.store.lists.value, ...this.store.closedLists.value];
    }

    some(): Id[] {
        const cards = this.cards();
        const few = Array.from({ length: 1 + this.below(OPS_MAX) }, () => this.pick(cards));
        return [...new Set(few.filter((id) => id !== undefined))];
    }

    place(among: readonly Id[]): Place {
        switch (this.below(6)) {
            case 0:
                return { after: '' };
            case 1:
                return { pos: 'top' };
            case 2:
                return { before: this.pick(among) ?? '' };
            case 3:
                return { after: this.pick(among) ?? '', before: this.pick(among) ?? '' };
            case 4:
                return { after: this.pick(among) ?? '' };
            default:
                return {};
        }
    }

    name(): string {
        const word = this.pick(['milk', 'äpfel', 'café ☕', '🐈', 'a "quote"', '\\', '']);
        return `${word} ${this.below(1000)}`;
    }
}

function cardAct(person: Person, card: Id, list: Id): void {
    const { store } = person;
    const place = person.place(store.cards(list).value);
    switch (person.below(13)) {
        case 0:
            return store.renameCard(card, person.name());
        case 8: {
            const keep = person.percent(50) ? {} : { keep: ['labels', 'checklists', 'due'] };
            const made = { id: store.newId(), idSource: card, idList: list, ...keep };
            return store.act('', { op: 'card.copy', ...made, ...place });
        }
        case 1:
            return store.setCard(card, { due: '2026-12-24T10:00:00.000Z', name: person.name() });
        case 2:
            return store.setCard(card, {
                dueComplete: person.percent(50),
                cover: { color: 'sky' },
            });
        case 3:
            return store.archiveCard(card);
        case 4:
            return store.restoreCard(card);
        case 5:
            return store.deleteCard(card);
        case 6:
            return store.moveCards(person.some(), list, place);
        case 7:
            return store.act('', {
                op: 'cards.set',
                ids: person.some(),
                fields: { name: person.name() },
            });
        default:
            return store.moveCard(card, list, place);
    }
}

/** As the dialogs do: where to is asked for first, and by then much may have changed here. */
async function transferAct(person: Person, ids: readonly Id[]): Promise<void> {
    const { store } = person;
    const targets = await targetsOf(store);
    const target = targets.ok ? person.pick(targets.value) : undefined;
    const list = person.pick(target?.lists ?? []);
    if (target === undefined || list === undefined) return;
    const there = person.percent(50) ? await cardsThere(store.env, list.id) : undefined;
    const place = person.place(there?.ok === true ? there.value : []);
    const cards = ids.map((id) => store.peekCard(id)).filter((card) => card !== undefined);
    transfer(store, cards, { board: target.id, list: list.id, place }, () => undefined);
}

function listAct(person: Person, list: Id): void {
    const { store } = person;
    switch (person.below(10)) {
        case 0:
        case 1:
            return void store.createList(person.name(), person.place(person.lists()));
        case 2:
            return store.renameList(list, person.name());
        case 3:
        case 4:
            return store.moveList(list, person.place(person.lists()));
        case 5:
            return store.archiveList(list);
        case 6:
            return store.restoreList(list);
        case 7:
            return store.sortList(list, 'name', person.percent(50));
        case 8:
            return store.moveAllCards(list, person.pick(store.lists.value) ?? list);
        default:
            return person.percent(50)
                ? store.deleteList(list, person.pick(store.lists.value))
                : store.archiveCards(list);
    }
}

function tagAct(person: Person, card: Id): void {
    const { store } = person;
    const label = person.pick(store.labels.value);
    const member = person.pick(store.members.value)?.idMember;
    const on = person.percent(65);
    if (label === undefined || person.percent(15)) store.createLabel(person.name(), 'blue');
    else if (person.percent(10)) store.deleteLabel(label);
    else if (person.percent(10)) store.setLabel(label, { name: person.name() });
    else if (person.percent(15)) store.act('', { op: 'card.vote', id: card, on });
    else if (member === undefined || person.percent(60)) store.setCardLabel(card, label, on);
    else store.setCardMember(card, member, on);
}

const CARDS_LOOKED_AT = 3; // so that people meet at the same ones

function commentAct(person: Person, card: Id): void {
    const { store } = person;
    const id = person.pick(partIds(store, 'comment', card));
    const text = `said ${person.name()}`;
    const emoji = person.percent(50) ? '👍' : '🐈';
    if (id === undefined || person.percent(40))
        store.act('', { op: 'comment.create', id: store.newId(), idCard: card, text });
    else if (person.percent(30)) store.act('', { op: 'comment.set', id, text });
    else if (person.percent(20)) store.act('', { op: 'comment.delete', id });
    else store.act('', { op: 'comment.react', id, emoji, on: person.percent(65) });
}

function attachmentAct(person: Person, card: Id): void {
    const { store } = person;
    const all = partIds(store, 'attachment', card);
    const id = person.pick(all);
    const place = person.place(all);
    const url = `https://example.org/c/abcd123${person.below(10)}/1-milk`;
    if (id === undefined || person.percent(40)) {
        const made = { id: store.newId(), idCard: card, url, ...place };
        store.act('', { op: 'attachment.create', ...made });
    } else if (person.percent(30)) store.act('', { op: 'attachment.delete', id });
    else if (person.percent(50)) store.act('', { op: 'attachment.move', id, ...place });
    else store.act('', { op: 'attachment.set', id, name: person.name() });
}

function fieldAct(person: Person, card: Id): void {
    const { store } = person;
    const id = store.newId();
    const field = person.pick(fieldIds(store));
    const option = field === undefined ? undefined : person.pick(fieldIds(store, field));
    const name = person.name();
    if (field === undefined || person.percent(15)) {
        const type = person.percent(50) ? 'list' : 'number';
        store.act('', { op: 'customField.create', id, name, type });
    } else if (person.percent(15)) {
        store.act('', { op: 'customFieldOption.create', id, idCustomField: field, text: name });
    } else if (person.percent(8)) store.act('', { op: 'customField.delete', id: field });
    else {
        const value = person.percent(60) ? { number: `${person.below(100)}` } : null;
        const idValue = option ?? null;
        const item = { id, idCard: card, idCustomField: field };
        const what = idValue === null ? { idValue, value } : { idValue, value: null };
        store.act('', { op: 'customFieldItem.set', ...item, ...what });
    }
}

function partsAct(person: Person, card: Id): void {
    const { store } = person;
    look(store, card);
    if (person.percent(30)) return commentAct(person, card);
    if (person.percent(20)) return fieldAct(person, card);
    if (person.percent(20)) return attachmentAct(person, card);
    const checklists = partIds(store, 'checklist', card);
    const idChecklist = person.pick(checklists);
    const id = person.pick(
        checklists.flatMap((checklist) => partIds(store, 'checkItem', checklist)),
    );
    const state = person.percent(50) ? 'complete' : 'incomplete';
    const name = person.name();
    const what = person.below(12);
    if (idChecklist === undefined || what === 0) {
        const place = person.place(checklists);
        store.act('', { op: 'checklist.create', id: store.newId(), idCard: card, name, ...place });
    } else if (id === undefined || what < 4) {
        const place = person.place(partIds(store, 'checkItem', idChecklist));
        const made = { id: store.newId(), idChecklist, name, state, ...place };
        store.act('', { op: 'checkItem.create', ...made });
    } else if (what < 8) store.act('', { op: 'checkItem.set', id, state, name });
    else if (what < 10) {
        const place = person.place(partIds(store, 'checkItem', idChecklist));
        store.act('', { op: 'checkItem.move', id, idChecklist, ...place });
    } else if (what === 10) store.act('', { op: 'checkItem.delete', id });
    else if (person.percent(50)) store.act('', { op: 'checklist.delete', id: idChecklist });
    else store.act('', { op: 'checklist.set', id: idChecklist, name });
}

/** Open editors: what they show. */
const editors = new WeakMap<Store, Map<Id, { text: string }>>();

export function* openEditors(store: Store): Iterable<readonly [Id, string]> {
    for (const [card, { text }] of editors.get(store) ?? []) yield [card, text];
}

function editorOf(store: Store, card: Id): { text: string } {
    const open = editors.get(store) ?? new Map<Id, { text: string }>();
    editors.set(store, open);
    let editor = open.get(card);
    if (editor === undefined) {
        const made = { text: '' };
        made.text = store.follow(card, (delta) => {
            made.text = deltaApply(made.text, delta) ?? 'what does not fit';
        }).text;
        open.set(card, (editor = made));
    }
    return editor;
}

/** Whole characters go or come, anywhere. */
function typeAct(person: Person, card: Id): void {
    const editor = editorOf(person.store, card);
    const letters = [...editor.text];
    const at = person.below(letters.length + 1);
    const gone = person.percent(30) ? person.below(4) : 0;
    const come = person.percent(80) ? `${person.below(100)} 🐈` : '';
    const after = [...letters.slice(0, at), come, ...letters.slice(at + gone)].join('');
    const delta = deltaDiff(editor.text, after);
    if (delta.length === 0 || after.length > 200) return;
    editor.text = after;
    person.store.edit(card, delta);
}

function textAct(person: Person, card: Id): void {
    const known = person.store.text(card).value; // asked for, if need be
    if (known === undefined || person.percent(30))
        person.store.setText(card, `${(known ?? '').slice(-40)} 🐈 ${person.below(100)}`);
    else for (let left = 1 + person.below(4); left > 0; left--) typeAct(person, card);
}

function draftAct(person: Person): void {
    const draft = person.pick(person.store.drafts.value);
    if (draft === undefined) return;
    if (person.percent(50)) person.store.discardDraft(draft.id);
    else retryDraft(person.store, draft.id);
}

function memberAct(person: Person, members: readonly Id[]): void {
    const { store } = person;
    const member = person.pick(members);
    if (member === undefined) return;
    if (person.percent(50)) store.act('', { op: 'member.add', idMember: member, role: 'normal' });
    else if (person.percent(60)) store.removeMember(member);
    else store.setRole(member, person.percent(50) ? 'observer' : 'normal');
}

function create(person: Person, list: Id): void {
    const { store } = person;
    const place = person.place(store.cards(list).value);
    const desc = person.percent(20) ? { desc: 'first 🐈 words' } : {};
    if (person.percent(80)) store.createCard(list, { name: person.name(), ...desc }, place);
    else store.createCards(list, [{ name: person.name() }, { name: 'pasted', ...desc }], place);
}

/** One action. members: whom an admin may let in and out; empty: no admin. */
export function act(store: Store, seed: number, members: readonly Id[]): void {
    const person = new Person(store, seed);
    const list = person.pick(person.lists());
    const card = person.pick(person.cards());
    const what = person.below(100);
    const away = card !== undefined && person.percent(4);
    const wentAway = store.undoLabel.value?.endsWith('another board') === true;
    if (wentAway && person.percent(30)) store.undo();
    else if (away) void transferAct(person, person.percent(75) ? [card] : person.some());
    else if (list === undefined) store.createList(person.name());
    else if (what < 20 || card === undefined) create(person, list);
    else if (what < 34)
        partsAct(person, person.pick(person.cards().slice(0, CARDS_LOOKED_AT)) ?? card);
    else if (what < 56) cardAct(person, card, list);
    else if (what < 64) listAct(person, list);
    else if (what < 74) tagAct(person, card);
    else if (what < 81) textAct(person, card);
    else if (what < 88) store.undo(person.percent(50));
    else if (what < 92) store.redo(person.percent(50));
    else if (what < 94) store.setBoard({ prefs: { background: `b${person.below(9)}` } });
    else if (what < 96) draftAct(person);
    else if (what < 98)
        store.group('Two at once', () => {
            cardAct(person, card, list);
            create(person, list);
        });
    else memberAct(person, members);
}

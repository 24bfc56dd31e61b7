/** parts.ts - what hangs on cards, as signals of a store: comes with the first card that is opened.
 */
import type { ReadonlySignal } from '@preact/signals';
import { partsOf } from './model/board';
import type { Id } from './model/id';
import type { JsonObject } from './model/json';
import type { Entity } from './model/kinds';
import './model/preview_parts';
import type { Store } from './store';

export interface Checklist extends Entity {
    readonly idCard: Id;
    readonly name: string;
    readonly pos: number;
}

export interface CheckItem extends Entity {
    readonly idCard: Id;
    readonly idChecklist: Id;
    readonly name: string;
    readonly pos: number;
    readonly state: string; // complete, incomplete
    readonly due: string | null;
    readonly idMember: Id | null;
}

export interface Comment extends Entity {
    readonly idCard: Id;
    readonly idMemberCreator: Id | null;
    readonly author: string | null; // of an import: who is nobody here
    readonly date: string;
    readonly dateLastEdited: string | null;
    readonly text: string;
    readonly reactions: readonly (readonly [idMember: Id, emoji: string])[] | null;
}

export interface Attachment extends Entity {
    readonly idCard: Id;
    readonly name: string;
    readonly pos: number;
    readonly url: string; // of a link
    readonly file: string | null; // of a file: the SHA-256 of its bytes
    readonly fileName: string | null;
    readonly bytes: number | null;
    readonly mimeType: string | null;
    readonly isUpload: boolean;
    readonly date: string;
    readonly idMember: Id | null;
}

export interface CustomField extends Entity {
    readonly name: string;
    readonly type: string; // checkbox, date, list, number, text
    readonly display?: JsonObject; // cardFront: on the faces of cards
}

export interface FieldOption extends Entity {
    readonly idCustomField: Id;
    readonly text: string;
    readonly color: string | null;
}

export interface FieldItem extends Entity {
    readonly idCard: Id;
    readonly idCustomField: Id;
    readonly idValue: Id | null;
    readonly value: Readonly<Record<string, string>> | null;
}

/** The fields of the board, or the options of one. */
export function fieldIds(store: Store, field?: Id): readonly Id[] {
    const key = field ?? 'customField';
    return store.order(`fields ${key}`, () => store.view.children(key).map(({ o }) => o.id)).value;
}

export function part<T extends Entity>(store: Store, id: Id): T | undefined {
    return store.object<T>(id).value;
}

/** In their order: of one kind on a card, or the items of a checklist. See look(). */
export function partIds(store: Store, kind: string, parent: Id): readonly Id[] {
    const key = kind === 'checkItem' ? parent : partsOf(kind, parent);
    return store.order(`${kind} ${parent}`, () => store.view.children(key).map(({ o }) => o.id))
        .value;
}

/** A card is looked at: what hangs on it is fetched, if need be. */
export function look(store: Store, card: Id): void {
    store.replica.look(card);
}

/** Is what hangs on the card here, as the server has it? */
export function isHere(store: Store, card: Id): boolean {
    const here: ReadonlySignal<readonly Id[]> = store.order(`here ${card}`, () =>
        store.view.holds(card) ? [card] : [],
    );
    return here.value.length > 0;
}

/** ops.ts - what a client may ask: intents, as they stand in an `op` message. The server resolves
 * them into effects.
 *
 * One type an op (core/op.h); a message's list of ops is atomic. */
import type { Id } from './id';
import type { JsonObject } from './json';
import type { Place } from './place';
import type { Delta } from './text';

export type Op =
    | ({ readonly op: 'board.set' } & JsonObject)
    | { readonly op: 'board.close' | 'board.reopen' }
    | ({ readonly op: 'list.create'; readonly id: Id; readonly name: string } & Place & JsonObject)
    | ({ readonly op: 'list.set'; readonly id: Id } & JsonObject)
    | ({ readonly op: 'list.move'; readonly id: Id } & Place)
    | { readonly op: 'list.close' | 'list.reopen' | 'list.archiveCards'; readonly id: Id }
    | { readonly op: 'list.sort'; readonly id: Id; readonly by: SortBy; readonly desc?: boolean }
    | { readonly op: 'list.moveCards'; readonly id: Id; readonly idList: Id }
    | { readonly op: 'list.delete'; readonly id: Id; readonly idList?: Id }
    | ({
          readonly op: 'card.create';
          readonly id: Id;
          readonly idList: Id;
          readonly name: string;
      } & Place &
          JsonObject)
    | ({ readonly op: 'card.set'; readonly id: Id } & JsonObject)
    | ({ readonly op: 'card.move'; readonly id: Id; readonly idList?: Id } & Place)
    | { readonly op: 'card.close' | 'card.reopen'; readonly id: Id }
    | { readonly op: 'card.delete'; readonly id: Id }
    | {
          readonly op: 'card.label' | 'card.member';
          readonly id: Id;
          readonly element: Id;
          readonly on: boolean;
      }
    | { readonly op: 'card.vote'; readonly id: Id; readonly on: boolean }
    | { readonly op: 'cards.create'; readonly cards: readonly JsonObject[] }
    | ({ readonly op: 'cards.move'; readonly ids: readonly Id[]; readonly idList: Id } & Place)
    | { readonly op: 'cards.set'; readonly ids: readonly Id[]; readonly fields: JsonObject }
    | ({ readonly op: 'label.create'; readonly id: Id } & JsonObject)
    | ({ readonly op: 'label.set'; readonly id: Id } & JsonObject)
    | { readonly op: 'label.delete'; readonly id: Id }
    | {
          readonly op: 'text';
          readonly kind: string;
          readonly id: Id;
          readonly field: string;
          readonly delta: Delta;
      }
    | {
          readonly op: 'text.put';
          readonly kind: string;
          readonly id: Id;
          readonly field: string;
          readonly text: string;
      }
    | { readonly op: 'member.add' | 'member.role'; readonly idMember: Id; readonly role: Role }
    | { readonly op: 'member.remove'; readonly idMember: Id }
    | Transfer
    | PartOp;

/** To another board, as the only op of its message. */
export type Transfer = Place & {
    readonly op: 'card.transfer';
    readonly id?: Id;
    readonly ids?: readonly Id[];
    readonly idBoard: Id;
    readonly idList: Id;
};

/** On what hangs on cards, or takes it along. */
export type PartOp =
    | ({
          readonly op: 'card.copy';
          readonly id: Id;
          readonly idSource: Id;
          readonly idList: Id;
          readonly keep?: readonly string[];
      } & Place &
          JsonObject)
    | ({ readonly op: 'checklist.create'; readonly id: Id; readonly idCard: Id } & Place &
          JsonObject)
    | ({ readonly op: 'checkItem.create'; readonly id: Id; readonly idChecklist: Id } & Place &
          JsonObject)
    | ({ readonly op: 'checklist.set' | 'checkItem.set'; readonly id: Id } & JsonObject)
    | ({ readonly op: 'checklist.move'; readonly id: Id } & Place)
    | ({ readonly op: 'checkItem.move'; readonly id: Id; readonly idChecklist?: Id } & Place)
    | {
          readonly op: 'comment.create';
          readonly id: Id;
          readonly idCard: Id;
          readonly text: string;
      }
    | { readonly op: 'comment.set'; readonly id: Id; readonly text: string }
    | {
          readonly op: 'comment.react';
          readonly id: Id;
          readonly emoji: string;
          readonly on: boolean;
      }
    | ({
          readonly op: 'attachment.create';
          readonly id: Id;
          readonly idCard: Id;
          readonly url: string;
      } & Place &
          JsonObject)
    | ({ readonly op: 'attachment.set'; readonly id: Id } & JsonObject)
    | ({ readonly op: 'attachment.move'; readonly id: Id } & Place)
    | { readonly op: 'attachment.delete'; readonly id: Id }
    | ({ readonly op: 'customField.create'; readonly id: Id } & Place & JsonObject)
    | ({
          readonly op: 'customFieldOption.create';
          readonly id: Id;
          readonly idCustomField: Id;
      } & Place &
          JsonObject)
    | ({ readonly op: 'customField.set' | 'customFieldOption.set'; readonly id: Id } & JsonObject)
    | { readonly op: 'customField.delete' | 'customFieldOption.delete'; readonly id: Id }
    | {
          readonly op: 'customFieldItem.set';
          readonly id: Id;
          readonly idCard: Id;
          readonly idCustomField: Id;
          readonly idValue: Id | null;
          readonly value: JsonObject | null;
      }
    | {
          readonly op: 'checklist.delete' | 'checkItem.delete' | 'comment.delete';
          readonly id: Id;
      };

export type SortBy = 'name' | 'due' | 'dateLastActivity' | 'pos' | 'id';
export type Role = 'admin' | 'normal' | 'observer';

/** Members of an op that say where, what and under which condition, and are no fields of the
 * object. */
const NOT_FIELDS = new Set(['op', 'id', 'ids', 'after', 'before', 'pos', 'if', 'desc']);

/** The field values among an op's members. */
export function fieldsOf(op: JsonObject): JsonObject {
    return Object.fromEntries(Object.entries(op).filter(([name]) => !NOT_FIELDS.has(name)));
}

/** Which set of a card it changes, and what comes into it or goes. */
export function tagOf(
    op: Op & { readonly op: 'card.label' | 'card.member' | 'card.vote' },
    me: Id | undefined,
): readonly [field: string, element: Id | undefined] {
    if (op.op === 'card.vote') return ['idMembersVoted', me];
    return [op.op === 'card.label' ? 'idLabels' : 'idMembers', op.element];
}

/** Does it give fields of one object values, and nothing else? */
export function isSet(op: Op): boolean {
    return op.op.endsWith('.set') && op.op !== 'cards.set' && op.op !== 'customFieldItem.set';
}

/** For a message that only sets fields of one object, what tells it from others; else undefined.
 * Two such messages may be merged. */
export function setTarget(ops: readonly Op[]): string | undefined {
    const [op] = ops;
    if (op === undefined || ops.length !== 1 || !isSet(op) || 'if' in op) return undefined;
    return `${op.op} ${'id' in op ? String(op.id) : ''}`;
}

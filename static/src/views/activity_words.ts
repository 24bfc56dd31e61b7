/** activity_words.ts - an action as a sentence about who did it: "moved “Paint” from Doing to
 * Done". */
import type { Action } from '../activity';
import { type Id, isId } from '../model/id';
import { isObject, type JsonObject, stringOf } from '../model/json';
import { short } from './actions';
import { colorName } from './labels';
import { momentOf } from './moments';

export const fields: Readonly<Record<string, string>> = {
    address: 'the address',
    background: 'the background',
    cardRole: 'the role',
    color: 'the colour',
    coordinates: 'the place',
    cover: 'the cover',
    dueReminder: 'the reminder',
    isTemplate: 'being a template',
    locationName: 'the place',
    pos: 'the place',
    prefs: 'the settings',
    softLimit: 'the card limit',
    start: 'the start date',
};

function part(data: JsonObject, name: string): JsonObject {
    const value = data[name];
    return isObject(value) ? value : {};
}

function quoted(object: JsonObject, otherwise: string): string {
    const name = stringOf(object.name);
    return name === '' ? otherwise : `“${short(name)}”`;
}

function labelWords(data: JsonObject): string {
    const label = part(data, 'label');
    const color = typeof label.color === 'string' ? label.color : null;
    return `the label ${quoted(label, `(${colorName(color)})`)}`;
}

function dueWords(card: string, due: unknown, was: unknown): string {
    if (typeof due !== 'string') return `took the due date off ${card}`;
    const moment = momentOf(due);
    return typeof was === 'string'
        ? `changed the due date of ${card} to ${moment}`
        : `set ${card} to be due ${moment}`;
}

function updatedCard(data: JsonObject, card: string): string {
    const old = part(data, 'old');
    const now = part(data, 'card');
    const [field = ''] = Object.keys(old);
    switch (field) {
        case 'idList': {
            const from = quoted(part(data, 'listBefore'), 'a list that is gone');
            const to = quoted(part(data, 'listAfter'), 'another list');
            return `moved ${card} from ${from} to ${to}`;
        }
        case 'name':
            return `renamed “${short(stringOf(old.name))}” to ${quoted(now, 'nothing')}`;
        case 'closed':
            return `${now.closed === true ? 'archived' : 'brought back'} ${card}`;
        case 'desc':
            return `changed the description of ${card}`;
        case 'due':
            return dueWords(card, now.due, old.due);
        case 'dueComplete':
            return `marked ${card} as ${now.dueComplete === true ? 'complete' : 'not complete'}`;
        case 'pos':
            return `moved ${card} within ${quoted(part(data, 'list'), 'its list')}`;
        default:
            return `changed ${fields[field] ?? field} of ${card}`;
    }
}

const nouns = {
    board: 'board',
    list: 'list',
    label: 'label',
    checklist: 'checklist',
    checkItem: 'item',
    customField: 'field',
    attachment: 'attachment',
};

function updatedOther(data: JsonObject, kind: keyof typeof nouns, what: string): string {
    const old = part(data, 'old');
    const now = part(data, kind);
    const [field = ''] = Object.keys(old);
    if (field === 'name') {
        const was = stringOf(old.name);
        const from = was === '' ? `the ${nouns[kind]}` : `the ${nouns[kind]} “${short(was)}”`;
        return `renamed ${from} to ${quoted(now, 'nothing')}`;
    }
    if (field === 'closed') {
        const closed = kind === 'board' ? ['closed', 'reopened'] : ['archived', 'brought back'];
        return `${closed[now.closed === true ? 0 : 1]} ${what}`;
    }
    if (field === 'pos') return `moved ${what}`;
    if (field === 'desc') return `changed the description of ${what}`;
    return `changed ${fields[field] ?? field} of ${what}`;
}

/** Whose an item is from now on, or was. */
function itemMember(action: Action, item: string): string {
    const { data, member, by } = action;
    const given = typeof part(data, 'checkItem').idMember === 'string';
    const self = member !== undefined && member.id === by?.id;
    if (self) return given ? `took on ${item}` : `left ${item}`;
    const whom = member?.fullName ?? 'somebody';
    return given ? `gave ${item} to ${whom}` : `took ${whom} off ${item}`;
}

function optionWords({ data, type }: Action, field: string): string {
    const old = part(data, 'old');
    const now = short(stringOf(part(data, 'customFieldOption').text));
    if (type === 'createCustomFieldOption') return `added the option “${now}” to ${field}`;
    if (type === 'deleteCustomFieldOption') return `took the option “${now}” off ${field}`;
    return 'text' in old
        ? `renamed the option “${short(stringOf(old.text))}” of ${field} to “${now}”`
        : `changed the colour of the option “${now}” of ${field}`;
}

/** What hangs on cards. undefined: it is none of it. */
function partWords(action: Action, card: string): string | undefined {
    const { data } = action;
    const checklist = `the checklist ${quoted(part(data, 'checklist'), '')}`.trim();
    const item = quoted(part(data, 'checkItem'), 'an item');
    const field = `the field ${quoted(part(data, 'customField'), '')}`.trim();
    const attachment = quoted(part(data, 'attachment'), 'a file');
    switch (action.type) {
        case 'addChecklistToCard':
            return `added ${checklist} to ${card}`;
        case 'removeChecklistFromCard':
            return `took ${checklist} off ${card}`;
        case 'updateChecklist':
            return updatedOther(data, 'checklist', checklist);
        case 'createCheckItem':
            return `added ${item} to a checklist of ${card}`;
        case 'deleteCheckItem':
            return `took ${item} off a checklist of ${card}`;
        case 'updateCheckItem':
            if ('idMember' in part(data, 'old')) return itemMember(action, `${item} on ${card}`);
            return updatedOther(data, 'checkItem', item);
        case 'updateCheckItemDue':
            return `changed the due date of ${item} on ${card}`;
        case 'updateCheckItemStateOnCard': {
            const done = part(data, 'checkItem').state === 'complete';
            return `${done ? 'completed' : 'reopened'} ${item} on ${card}`;
        }
        case 'commentCard':
            return `commented on ${card}: ${short(stringOf(data.text))}`;
        case 'deleteComment':
            return `deleted a comment on ${card}`;
        case 'addAttachmentToCard':
            return `attached ${attachment} to ${card}`;
        case 'deleteAttachmentFromCard':
            return `took the attachment ${attachment} off ${card}`;
        case 'updateAttachment':
            return updatedOther(data, 'attachment', attachment);
        case 'createCustomFieldOption':
        case 'updateCustomFieldOption':
        case 'deleteCustomFieldOption':
            return optionWords(action, field);
        case 'createCustomField':
            return `added ${field}`;
        case 'deleteCustomField':
            return `deleted ${field}`;
        case 'updateCustomField':
            return updatedOther(data, 'customField', field);
        case 'updateCustomFieldItem':
            return `changed a field of ${card}`;
        default:
            return undefined;
    }
}

/** here: the card is known from where this stands. */
export function wordsOf(action: Action, here: boolean): string {
    const { data } = action;
    const card = here ? 'this card' : quoted(part(data, 'card'), 'a card');
    const list = quoted(part(data, 'list'), 'a list');
    const whom = action.member?.fullName ?? stringOf(part(data, 'member').name, 'somebody');
    const place = quoted(part(data, 'organization'), '');
    const workspace = place === '' ? 'a workspace that is not yours' : `the workspace ${place}`;
    const self = action.member !== undefined && action.member.id === action.by?.id;
    switch (action.type) {
        case 'createCard':
            return `added ${card} to ${list}`;
        case 'deleteCard':
            return `deleted ${card} from ${list}`;
        case 'moveCardFromBoard': {
            const to = quoted(part(data, 'boardTarget'), 'that is not shared with you');
            return `moved ${card} from ${list} to the board ${to}`;
        }
        case 'moveCardToBoard': {
            const from = quoted(part(data, 'boardSource'), 'that is not shared with you');
            return `moved ${card} to ${list} from the board ${from}`;
        }
        case 'updateCard':
            return updatedCard(data, card);
        case 'addLabelToCard':
            return `put ${labelWords(data)} on ${card}`;
        case 'removeLabelFromCard':
            return `took ${labelWords(data)} off ${card}`;
        case 'addMemberToCard':
            return self ? `joined ${card}` : `put ${whom} on ${card}`;
        case 'removeMemberFromCard':
            return self ? `left ${card}` : `took ${whom} off ${card}`;
        case 'voteOnCard':
            return data.voted === true ? `voted for ${card}` : `took back a vote for ${card}`;
        case 'createList':
            return `added the list ${list}`;
        case 'deleteList':
            return `deleted the list ${list}`;
        case 'updateList':
            return updatedOther(data, 'list', `the list ${list}`);
        case 'createLabel':
            return `made ${labelWords(data)}`;
        case 'deleteLabel':
            return `deleted ${labelWords(data)}`;
        case 'updateLabel':
            return updatedOther(data, 'label', labelWords(data));
        case 'createBoard':
            return 'made this board';
        case 'updateBoard':
            return updatedOther(data, 'board', 'this board');
        case 'addToOrganizationBoard':
            return `put this board in ${workspace}`;
        case 'removeFromOrganizationBoard':
            return `took this board out of ${workspace}`;
        case 'addMemberToBoard':
            return self ? 'joined this board' : `put ${whom} on this board`;
        case 'removeMemberFromBoard':
            return self ? 'left this board' : `took ${whom} off this board`;
        case 'makeAdminOfBoard':
            return `made ${whom} an admin`;
        case 'makeNormalMemberOfBoard':
            return `made ${whom} a normal member`;
        case 'makeObserverOfBoard':
            return `made ${whom} an observer`;
        default:
            return partWords(action, card) ?? action.type;
    }
}

/** Typing is many events, people and workspaces belong to nobody's undo, what was made is archived
 * rather than taken away, and whoever deletes a comment wants it gone: those are not offered to be
 * taken back. */
export function canRevert(action: Action): boolean {
    return (
        !/^(create|comment|deleteComment$)|(Of|To|From|Organization)Board$/.test(action.type) &&
        !('desc' in part(action.data, 'old'))
    );
}

/** An event may have moved a hundred cards: what is said of one of them is about that one. */
export function ownPart(action: Action): Id | undefined {
    const { id } = part(action.data, 'card');
    return isId(id) ? id : undefined;
}

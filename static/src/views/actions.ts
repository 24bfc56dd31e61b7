/** actions.ts - what buttons, keys, menus and the palette do alike: one function an action, with
 * what is said about it. */
import type { Id } from '../model/id';
import type { Card } from '../model/kinds';
import { boardPath, cardPath, go } from '../router';
import type { Store } from '../store';
import { filter, searchOf } from './filter';
import { say, toast, wanted } from './ui';

export function myRole(store: Store): string | undefined {
    const me = store.me.value?.id;
    const members = store.members.value;
    const role = members.find((member) => member.idMember === me)?.memberType;
    // who is on it by way of its workspace alone reads
    return role ?? (me !== undefined && members.length > 0 ? 'observer' : undefined);
}

/** Observers read. Before the server said who one is, nobody is held up: it refuses by itself. */
export function canEdit(store: Store): boolean {
    return myRole(store) !== 'observer' && store.board.value?.closed !== true;
}

export function short(name: string): string {
    return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}

/** A card that the server has not numbered yet is found by its id. */
export function cardHref(card: Card): string {
    return cardPath({
        shortLink: card.shortLink === '' ? card.id : card.shortLink,
        name: card.name,
    });
}

export function boardHref(store: Store): string {
    const board = store.board.peek();
    const shortLink = board === undefined || board.shortLink === '' ? store.id : board.shortLink;
    return boardPath({ shortLink, name: board?.name ?? '' }) + searchOf(filter.peek());
}

export function openCard(store: Store, id: Id): void {
    const card = store.peekCard(id);
    if (card !== undefined) go(cardHref(card));
}

/** Was the open card reached from its board in this page? Then closing it is going back. */
export const cameFromBoard = { yes: false };

export function closeCard(store: Store, focus: Id): void {
    wanted.focus = focus;
    if (cameFromBoard.yes) history.back();
    else go(boardHref(store), true);
}

/** The card to be focused when this one leaves the list. */
export function neighbourOf(store: Store, card: Card): Id | undefined {
    const row = store.peekCards(card.idList);
    const index = row.findIndex((other) => other.id === card.id);
    return row[index + 1]?.id ?? row[index - 1]?.id;
}

export function archiveCard(store: Store, id: Id): void {
    const card = store.peekCard(id);
    if (card === undefined || card.closed) return;
    wanted.focus = neighbourOf(store, card);
    store.archiveCard(id);
    say(`Archived ${card.name}`);
    toast(`Archived “${short(card.name)}”`, {
        label: 'Undo',
        run: () => {
            wanted.focus = id;
            store.restoreCard(id);
        },
    });
}

export function archiveList(store: Store, id: Id): void {
    const list = store.list(id).peek();
    if (list === undefined) return;
    store.archiveList(id);
    toast(`Archived the list “${short(list.name)}”`, {
        label: 'Undo',
        run: () => store.restoreList(id),
    });
}

export function archiveAll(store: Store, id: Id): void {
    const cards = store.peekCards(id).map((card) => card.id);
    if (cards.length === 0) return;
    store.archiveCards(id);
    toast(cards.length === 1 ? 'Archived 1 card' : `Archived ${cards.length} cards`, {
        label: 'Undo',
        run: () =>
            store.group('Restore cards', () => cards.forEach((card) => store.restoreCard(card))),
    });
}

/** One step among the siblings, or to a neighbour list. */
export function nudgeCard(store: Store, id: Id, dx: number, dy: number): void {
    const card = store.peekCard(id);
    if (card === undefined) return;
    wanted.focus = id;
    if (dx !== 0) return sendCard(store, id, dx, 'same');
    const row = store.peekCards(card.idList);
    const index = row.findIndex((other) => other.id === id);
    const to = index + dy;
    if (index < 0 || to < 0 || to >= row.length) return;
    const rest = row.filter((other) => other.id !== id);
    const before = rest[to]?.id;
    store.moveCard(id, card.idList, {
        after: rest[to - 1]?.id ?? '',
        ...(before === undefined ? {} : { before }),
    });
    say(`Position ${to + 1} of ${row.length}`);
}

/** To the neighbour list: at its top, its end, or as far down as it stands now. */
export function sendCard(store: Store, id: Id, dx: number, where: 'top' | 'end' | 'same'): void {
    const card = store.peekCard(id);
    const lists = store.lists.peek();
    const list = lists[lists.indexOf(card?.idList ?? '') + dx];
    if (card === undefined || list === undefined || dx === 0) return;
    wanted.focus = id;
    const row = store.peekCards(list);
    const index =
        where === 'top'
            ? 0
            : where === 'end'
              ? row.length
              : Math.min(
                    row.length,
                    store.peekCards(card.idList).findIndex((other) => other.id === id),
                );
    const before = row[index]?.id;
    store.moveCard(id, list, {
        after: row[index - 1]?.id ?? '',
        ...(before === undefined ? {} : { before }),
    });
    const name = store.list(list).peek()?.name ?? '';
    say(`Moved to ${name}, position ${index + 1} of ${row.length + 1}`);
}

export function nudgeList(store: Store, id: Id, dx: number): void {
    const lists = store.lists.peek();
    const to = lists.indexOf(id) + dx;
    if (dx === 0 || to < 0 || to >= lists.length) return;
    const rest = lists.filter((other) => other !== id);
    const before = rest[to];
    wanted.focus = id;
    store.moveList(id, { after: rest[to - 1] ?? '', ...(before === undefined ? {} : { before }) });
    say(`List ${to + 1} of ${lists.length}`);
}

/** When it is known who one is: on a first visit the board is here a moment before. */
function asMe(store: Store, run: (me: Id) => void): void {
    const me = store.me.peek();
    if (me !== undefined) return run(me.id);
    const end = store.me.subscribe((person) => {
        if (person === undefined) return;
        end();
        run(person.id);
    });
}

export function toggleMe(store: Store, id: Id): void {
    asMe(store, (me) => {
        const card = store.peekCard(id);
        if (card === undefined) return;
        const on = !card.idMembers.includes(me);
        store.setCardMember(id, me, on);
        say(on ? 'You joined the card' : 'You left the card');
    });
}

/** Whom the board lets vote or comment: who may edit, observers too, or nobody. */
export function lets(store: Store, what: 'voting' | 'comments', otherwise: string): boolean {
    const board = store.board.value;
    const who = board?.prefs[what] ?? otherwise;
    if (who === 'disabled' || board?.closed !== false) return false;
    return who !== 'members' || myRole(store) !== 'observer';
}

export function toggleVote(store: Store, id: Id): void {
    asMe(store, (me) => {
        const card = store.peekCard(id);
        if (card === undefined) return;
        const on = !card.idMembersVoted.includes(me);
        store.act(on ? 'Vote' : 'Take back a vote', { op: 'card.vote', id, on });
        say(on ? 'You voted for the card' : 'You took back your vote');
    });
}

/** field: where the text stands. Over plain http there is no clipboard: then it is copied from
 * there, or at least selected. */
export async function copyText(
    text: string,
    what: string,
    field?: HTMLInputElement | null,
): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        toast(`Copied ${what}`, undefined, 3000);
        return;
    } catch {
        field?.select();
    }
    if (field === undefined || field === null)
        toast(`This browser does not let the page copy. ${text}`);
    else if (document.execCommand('copy')) toast(`Copied ${what}`, undefined, 3000);
    else toast('It is selected: copy it with Ctrl + C, or hold a finger on it.');
}

export function undo(store: Store): void {
    const label = store.undoLabel.peek();
    if (label === undefined) return say('Nothing to undo');
    if (store.undo()) toast(`Undone: ${label}`, { label: 'Redo', run: () => redo(store) }, 4000);
}

export function redo(store: Store): void {
    const label = store.redoLabel.peek();
    if (label === undefined) return say('Nothing to redo');
    if (store.redo())
        toast(`Done again: ${label}`, { label: 'Undo', run: () => undo(store) }, 4000);
}

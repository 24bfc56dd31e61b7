/** transfer.ts - cards that go to another board: where they may go, how they come back, and what
 * became of one that went away; and cards out of the archive. Comes with the dialogs that ask for
 * it, or with an open card. See api.ts for what the calls resolve to. */
import { failure, read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type Json, stringOf } from './model/json';
import type { Card } from './model/kinds';
import type { Place } from './model/place';
import './model/preview_parts';
import type { Store } from './store';
import { short } from './views/actions';

export interface Target {
    readonly id: Id;
    readonly name: string;
    readonly shortLink: string;
    readonly lists: readonly { readonly id: Id; readonly name: string }[];
    readonly members: readonly Id[];
}

function objects(value: Json | undefined) {
    return isArray(value) ? value.filter(isObject) : [];
}

function targetOf(value: Json, me: Id | undefined): Target | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    const members = objects(value.memberships);
    const mine = members.find((one) => one.idMember === me);
    const lists = objects(value.lists).map((list) => ({
        id: stringOf(list.id),
        name: stringOf(list.name),
    }));
    if (mine?.memberType === 'observer' || lists.length === 0) return undefined;
    return {
        id: value.id,
        name: stringOf(value.name),
        shortLink: stringOf(value.shortLink),
        lists,
        members: members.map((one) => stringOf(one.idMember)),
    };
}

/** Open boards with an open list where this person may add cards, but for the one that is shown. */
export async function targetsOf(store: Store): Promise<Result<Target[]>> {
    const query = 'filter=open&fields=name,shortLink&lists=open&memberships=true';
    const answer = await store.env.request('GET', `/1/members/me/boards?${query}`);
    return read(answer, (body) =>
        objects(body)
            .map((board) => targetOf(board, store.me.peek()?.id))
            .filter((board) => board !== undefined && board.id !== store.id)
            .sort((a, b) => ((a?.name ?? '') < (b?.name ?? '') ? -1 : 1)) as Target[],
    );
}

/** The open cards of a list on any board, in order. */
export async function cardsThere(env: Env, idList: Id): Promise<Result<Id[]>> {
    const answer = await env.request('GET', `/1/lists/${idList}/cards?fields=id`);
    return read(answer, (body) => objects(body).map((card) => stringOf(card.id)));
}

/** Cards that are asked to go, and nobody knows yet whether they do. */
export function leaving(store: Store): ReadonlySet<Id> {
    const ids = new Set<Id>();
    for (const { ops, appliedAt } of store.replica.pending())
        for (const op of ops)
            if (op.op === 'card.transfer' && appliedAt === 0)
                for (const id of op.ids ?? [op.id as Id]) ids.add(id);
    return ids;
}

const ASKED_AGAIN_MS = 100;
const ASKED_TIMES = 30;

/** Until the server has said whether they went. False: it does not. */
async function known(store: Store, ids: readonly Id[]): Promise<boolean> {
    for (let times = 0; times < ASKED_TIMES; times++) {
        const unsure = leaving(store);
        if (!ids.some((id) => unsure.has(id))) return true;
        await new Promise<void>((resolve) => void store.env.later(ASKED_AGAIN_MS, resolve));
    }
    return false;
}

/** Where they stood here, and who was on them: a board takes off whom it does not know. One that
 * did not go, or is here again, stays as it is. */
async function bringBack(store: Store, cards: readonly Card[]): Promise<Result<true>> {
    const ids = cards.map((card) => card.id);
    for (const { id, idList, pos, idLabels, idMembers } of cards) {
        if (!(await known(store, ids))) return failure({ status: 0, text: '' });
        if (store.peekCard(id) !== undefined) continue;
        const back = { idBoard: store.id, idList, pos, idLabels, idMembers };
        const answer = await store.env.request('PUT', `/1/cards/${id}`, JSON.stringify(back));
        if (answer.status !== 200) return failure(answer);
    }
    return { ok: true, value: true };
}

/** Cards that this person sent away from here: of them nothing has to be said. */
export const sent = new Set<Id>();

/** back: told of how it went when the person undid it. False: too much waits for the server. */
export function transfer(
    store: Store,
    cards: readonly Card[],
    to: { readonly board: Id; readonly list: Id; readonly place: Place },
    back: (result: Result<true>) => void,
): boolean {
    const ids = cards.map((card) => card.id);
    const [id] = ids;
    if (id === undefined) return false;
    const which = ids.length === 1 ? { id } : { ids };
    const op = { op: 'card.transfer', ...which, idBoard: to.board, idList: to.list } as const;
    const waiting = store.replica.waiting;
    const ops = [{ ...op, ...to.place }];
    for (const one of ids) sent.add(one);
    const entry = store.replica.perform(ops);
    if (entry === undefined) return false;
    const n = store.replica.waiting > waiting ? entry.n : 0;
    const undo = async () => {
        const result = await bringBack(store, cards);
        if (result.ok) for (const one of ids) sent.delete(one);
        else store.did(step);
        back(result);
    };
    const run = () => {
        void undo();
        return false as const;
    };
    const label = ids.length === 1 ? 'Move card' : `Move ${ids.length} cards`;
    const step = { label: `${label} to another board`, n, ops, inverse: [], expected: [], run };
    store.did(step);
    return true;
}

/** What was typed in a comment goes after its card. */
async function carryTyped(store: Store, id: Id, idBoard: Id): Promise<void> {
    const name = `comment ${id}`;
    const text = await store.typed(name);
    if (text === undefined) return;
    await store.env.storage.put(`typed ${idBoard} ${name}`, text);
    store.keepTyped(name, undefined);
}

/** A card that was open here is gone. there: it can be opened elsewhere. */
export async function whatBecame(
    store: Store,
    id: Id,
): Promise<{ readonly words: string; readonly there: boolean }> {
    const tx = store.moved.get(id);
    if (tx === undefined || !isObject(tx) || !isId(tx.to))
        return { words: 'This card was deleted.', there: false };
    const path = '/1/members/me/boards?fields=name';
    const boards = read(await store.env.request('GET', path), objects);
    const board = boards.ok ? boards.value.find((one) => one.id === tx.to) : undefined;
    if (boards.ok && board === undefined)
        return {
            words: 'This card was moved to a board that is not shared with you.',
            there: false,
        };
    await carryTyped(store, id, tx.to);
    const where = board === undefined ? 'another board' : `“${short(stringOf(board.name))}”`;
    return { words: `This card was moved to ${where}.`, there: true };
}

/** A list that is archived or gone shows none of its cards: then a card that comes back goes to
 * the first open one. Returns the name of that. */
export function outOfArchive(store: Store, id: Id): string | undefined {
    const card = store.peekCard(id);
    const [first] = store.lists.peek();
    if (card === undefined) return undefined;
    const hidden = store.list(card.idList).peek()?.closed !== false;
    const to = hidden ? first : undefined;
    store.group('Restore card', () => {
        store.restoreCard(id);
        if (to !== undefined) store.moveCard(id, to);
    });
    return to === undefined ? undefined : store.list(to).peek()?.name;
}

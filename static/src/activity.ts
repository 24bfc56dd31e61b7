/** activity.ts - what happened on a board, what it was like at a past moment, and taking back:
 * asked of the server, which has the log. Comes with the views that need it. */
import { read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import {
    isArray,
    isObject,
    type Json,
    type JsonObject,
    numberOf,
    parse,
    stringOf,
} from './model/json';
import type { Person } from './model/kinds';
import { peopleOf, type Snapshot, stateOf } from './sync/messages';

/** One thing that somebody did, in Trello's words: see core/action_rules.c. */
export interface Action {
    readonly id: Id;
    readonly type: string;
    readonly date: string;
    readonly s: number; // the event it is a part of
    readonly by: Person | undefined;
    readonly member: Person | undefined; // whom it is about
    readonly data: JsonObject;
}

export interface ActivityPage {
    readonly list: readonly Action[];
    readonly before: string | undefined; // where the next page begins; undefined: this was the last
}

export interface Past {
    readonly snapshot: Snapshot;
    readonly floor: number; // the oldest seq there is
    readonly head: number; // the newest
    readonly ts: number | undefined; // Unix ms of the event at this seq
    readonly desc: string | undefined; // of the card that was asked for
}

function person(value: Json | undefined): Person | undefined {
    return isObject(value) ? peopleOf([value])[0] : undefined;
}

function actionOf(value: Json): Action | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    return {
        id: value.id,
        type: stringOf(value.type),
        date: stringOf(value.date),
        s: numberOf(value.s),
        by: person(value.memberCreator),
        member: person(value.member),
        data: isObject(value.data) ? value.data : {},
    };
}

export async function activityOf(
    env: Env,
    board: Id,
    { card, before }: { readonly card?: Id | undefined; readonly before?: string | undefined },
): Promise<Result<ActivityPage>> {
    const query = new URLSearchParams({ limit: '50' });
    if (card !== undefined) query.set('card', card);
    if (before !== undefined) query.set('before', before);
    const answer = await env.request('GET', `/v1/boards/${board}/activity?${query}`);
    return read(answer, (body) =>
        isObject(body) && isArray(body.list)
            ? {
                  list: body.list.map(actionOf).filter((action) => action !== undefined),
                  before: typeof body.before === 'string' ? body.before : undefined,
              }
            : undefined,
    );
}

export async function pastOf(
    env: Env,
    board: Id,
    seq: number,
    card?: Id,
): Promise<Result<Past>> {
    const also = card === undefined ? '' : `&card=${card}`;
    const answer = await env.request('GET', `/v1/boards/${board}/state?at=${seq}${also}`);
    return read(answer, (body) => {
        const snapshot = stateOf(answer.text);
        if (!isObject(body) || snapshot === undefined) return undefined;
        return {
            snapshot,
            floor: numberOf(body.floor),
            head: numberOf(body.head),
            ts: typeof body.ts === 'number' ? body.ts : undefined,
            desc: typeof body.desc === 'string' ? body.desc : undefined,
        };
    });
}

/** An event; of it only what was done to that object; or the deletion of that object. */
export interface Revert {
    readonly s?: number;
    readonly id?: Id | undefined;
}

/** Takes it back. The text of a refusal says what was changed since. */
export async function revert(env: Env, board: Id, what: Revert): Promise<Result<true>> {
    const answer = await env.request('POST', `/v1/boards/${board}/revert`, JSON.stringify(what));
    const body = parse(answer.text);
    if (answer.status === 409 && isObject(body) && isObject(body.d))
        return { ok: false, trouble: 'refused', text: refusal(body.d) };
    return read(answer, () => true as const);
}

function refusal(d: JsonObject): string {
    const field = stringOf(d.field);
    const wrong = stringOf(d.wrong, stringOf(d.msg));
    return field === '' || field === 's' ? wrong : `${field} ${wrong}`;
}

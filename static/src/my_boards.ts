/** my_boards.ts - the boards of a person, making them, signing out. See api.ts for what the calls
 * resolve to. */
import { failure, read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type Json, type JsonObject, stringOf } from './model/json';

export interface BoardSummary {
    readonly id: Id;
    readonly name: string;
    readonly shortLink: string;
    readonly closed: boolean;
    readonly dateLastActivity: string;
    readonly prefs: JsonObject;
    readonly idOrganization?: string;
}

/** undefined: not a board. */
export function boardOf(value: Json): BoardSummary | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    return {
        id: value.id,
        name: stringOf(value.name),
        shortLink: stringOf(value.shortLink),
        closed: value.closed === true,
        dateLastActivity: stringOf(value.dateLastActivity),
        prefs: isObject(value.prefs) ? value.prefs : {},
        idOrganization: stringOf(value.idOrganization),
    };
}

export const SUMMARY_FIELDS = 'id,name,shortLink,closed,dateLastActivity,prefs,idOrganization';

export function summariesOf(body: Json): BoardSummary[] | undefined {
    return isArray(body)
        ? body.map(boardOf).filter((board) => board !== undefined)
        : undefined;
}

export async function boardsOf(env: Env): Promise<Result<BoardSummary[]>> {
    const path = `/1/members/me/boards?filter=all&fields=${SUMMARY_FIELDS}`;
    return read(await env.request('GET', path), summariesOf);
}

export async function whoAmI(env: Env): Promise<Result<Id>> {
    return read(await env.request('GET', '/1/members/me?fields=id'), (body) =>
        isObject(body) && isId(body.id) ? body.id : undefined,
    );
}

/** With the three lists that most boards begin with. */
export async function createBoard(
    env: Env,
    name: string,
    defaultLists = true,
    idOrganization?: string,
): Promise<Result<BoardSummary>> {
    const asked = { name, defaultLists, idOrganization };
    return read(await env.request('POST', '/1/boards', JSON.stringify(asked)), boardOf);
}

/** Ends the session, and leaves nothing of the person on this machine. */
export async function signOut(env: Env): Promise<Result<true>> {
    const answer = await env.request('DELETE', '/v1/session');
    if (answer.status === 0) return failure(answer);
    await env.storage.clear();
    return { ok: true, value: true };
}

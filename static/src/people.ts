/** people.ts - who is on a board, asked over HTTP: names, and the one-time links that let people
 * in. See api.ts for what the calls resolve to. */
import { read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type Json, stringOf } from './model/json';
import type { Person } from './model/kinds';
import type { Role } from './model/ops';
import { peopleOf } from './sync/messages';

/** A link just made: the only time that its address is told. */
export interface NewLink {
    readonly idMember: Id;
    readonly url: string;
    readonly expires: string;
}

/** One that nobody has used yet. */
export interface OpenLink {
    readonly idMember: Id;
    readonly fullName: string;
    readonly expires: string;
}

function newLink(value: Json): NewLink | undefined {
    if (!isObject(value) || !isId(value.idMember) || typeof value.url !== 'string')
        return undefined;
    return { idMember: value.idMember, url: value.url, expires: stringOf(value.expires) };
}

function openLink(value: Json): OpenLink | undefined {
    if (!isObject(value) || !isId(value.idMember)) return undefined;
    return {
        idMember: value.idMember,
        fullName: stringOf(value.fullName),
        expires: stringOf(value.expires),
    };
}

const linksOf = (board: Id) => `/v1/boards/${board}/links`;

/** Makes a new member of the board, and the link that signs them in, once. */
export async function makeLink(
    env: Env,
    board: Id,
    invited: { readonly name: string; readonly role: Role },
): Promise<Result<NewLink>> {
    return read(await env.request('POST', linksOf(board), JSON.stringify(invited)), newLink);
}

/** The board's open links, those that end first in front. */
export async function openLinks(env: Env, board: Id): Promise<Result<OpenLink[]>> {
    return read(await env.request('GET', linksOf(board)), (body) =>
        isArray(body)
            ? body
                  .map(openLink)
                  .filter((link) => link !== undefined)
                  .sort((a, b) => (a.expires < b.expires ? -1 : 1))
            : undefined,
    );
}

/** The link ends, and whom it was for leaves the board. missing: it was used already. */
export async function withdrawLink(env: Env, board: Id, idMember: Id): Promise<Result<true>> {
    return read(await env.request('DELETE', `${linksOf(board)}/${idMember}`), () => true);
}

/** Who the members of a board are. */
export async function members(env: Env, board: Id): Promise<Result<Person[]>> {
    return read(await env.request('GET', `/1/boards/${board}/members`), (body) =>
        isArray(body) ? peopleOf(body) : undefined,
    );
}

/** workspaces.ts - workspaces (organizations) and who is in them, asked over HTTP. See api.ts for
 * what the calls resolve to. */
import { read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type Json, stringOf } from './model/json';
import { type BoardSummary, summariesOf, SUMMARY_FIELDS } from './my_boards';

export interface Workspace {
    readonly id: Id;
    readonly name: string; // short, for addresses
    readonly displayName: string;
    readonly memberships: readonly { readonly idMember: Id; readonly memberType: string }[];
}

export interface WorkspacePerson {
    readonly id: Id;
    readonly fullName: string;
    readonly username: string;
    readonly initials: string;
}

function workspace(value: Json): Workspace | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    const list = isArray(value.memberships) ? value.memberships.filter(isObject) : [];
    return {
        id: value.id,
        name: stringOf(value.name),
        displayName: stringOf(value.displayName),
        memberships: list.flatMap((one) =>
            isId(one.idMember)
                ? [{ idMember: one.idMember, memberType: stringOf(one.memberType) }]
                : [],
        ),
    };
}

function person(value: Json): WorkspacePerson | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    const { fullName, username, initials } = value;
    return {
        id: value.id,
        fullName: stringOf(fullName),
        username: stringOf(username),
        initials: stringOf(initials),
    };
}

const known = <T>(one: T | undefined): one is T => one !== undefined;
const path = (id: Id) => `/1/organizations/${id}`;
const done = (): true => true;

export async function workspacesOf(env: Env): Promise<Result<Workspace[]>> {
    return read(await env.request('GET', '/1/members/me/organizations'), (body) =>
        isArray(body) ? body.map(workspace).filter(known) : undefined,
    );
}

export async function workspaceBoards(env: Env, id: Id): Promise<Result<BoardSummary[]>> {
    const asked = `${path(id)}/boards?filter=open&fields=${SUMMARY_FIELDS}`;
    return read(await env.request('GET', asked), summariesOf);
}

export async function workspacePeople(env: Env, id: Id): Promise<Result<WorkspacePerson[]>> {
    return read(await env.request('GET', `${path(id)}/members`), (body) =>
        isArray(body) ? body.map(person).filter(known) : undefined,
    );
}

export async function createWorkspace(env: Env, displayName: string): Promise<Result<Workspace>> {
    const body = JSON.stringify({ displayName });
    return read(await env.request('POST', '/1/organizations', body), workspace);
}

export async function renameWorkspace(
    env: Env,
    id: Id,
    displayName: string,
): Promise<Result<Workspace>> {
    return read(await env.request('PUT', path(id), JSON.stringify({ displayName })), workspace);
}

export async function deleteWorkspace(env: Env, id: Id): Promise<Result<true>> {
    return read(await env.request('DELETE', path(id)), done);
}

/** who: an id or a user name; adds them, or says what they are from now on. */
export async function putWorkspaceMember(
    env: Env,
    id: Id,
    who: string,
    type: string,
): Promise<Result<true>> {
    const at = `${path(id)}/members/${encodeURIComponent(who)}`;
    return read(await env.request('PUT', at, JSON.stringify({ type })), done);
}

export async function removeWorkspaceMember(env: Env, id: Id, who: Id): Promise<Result<true>> {
    return read(await env.request('DELETE', `${path(id)}/members/${who}`), done);
}

/** Oneself, of a board that one reads by its workspace. */
export async function joinBoard(env: Env, board: Id, me: Id): Promise<Result<true>> {
    const body = JSON.stringify({ type: 'normal' });
    return read(await env.request('PUT', `/1/boards/${board}/members/${me}`, body), done);
}

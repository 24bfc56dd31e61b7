/** import_board.ts - a board from the file that Trello exports, or from another board: sent, then
 * asked for until the server is done with it. */
import { read, type Result } from './api';
import type { Answer, Env } from './env';
import { type Id, isId } from './model/id';
import { isObject, type Json, type JsonObject, numberOf, stringOf } from './model/json';

export interface ImportState {
    readonly state: string; // reading, importing, done, failed
    readonly bytes: number;
    readonly total: number;
    readonly objects: number;
    readonly idBoard: Id | undefined;
    readonly report: JsonObject;
    readonly error: string; // why it failed
}

function importState(value: Json): ImportState | undefined {
    if (!isObject(value)) return undefined;
    return {
        state: stringOf(value.state),
        bytes: numberOf(value.bytes),
        total: numberOf(value.total),
        objects: numberOf(value.objects),
        idBoard: isId(value.idBoard) ? value.idBoard : undefined,
        report: isObject(value.report) ? value.report : {},
        error: stringOf(value.error),
    };
}

/** fetch says nothing of how much was sent. */
const upload = (path: string, body: Blob, sent: (bytes: number) => void): Promise<Answer> =>
    new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open('POST', path);
        request.setRequestHeader('content-type', 'application/json');
        request.upload.onprogress = (event) => sent(event.loaded);
        request.onloadend = () => resolve({ status: request.status, text: request.responseText });
        request.send(body);
    });

/** Sends an export of Trello's; progress tells first the bytes sent, then what the server has
 * made of them. */
export async function importBoard(
    env: Env,
    file: Blob,
    progress: (state: ImportState) => void,
): Promise<Result<ImportState>> {
    const none = { bytes: 0, objects: 0, idBoard: undefined, report: {}, error: '' };
    const answer = await upload('/1/boards/import', file, (bytes) =>
        progress({ ...none, state: 'sending', bytes, total: file.size }),
    );
    return await follow(env, answer, 'Not imported', progress);
}

/** Copies a board on the server: the copy is made like an import, and followed like one. */
export async function copyBoard(
    env: Env,
    board: Id,
    wish: { readonly name: string; readonly keepFromSource: 'cards' | 'none' },
    progress: (state: ImportState) => void,
): Promise<Result<ImportState>> {
    const path = `/v1/boards/${board}/copy`;
    const answer = await env.request('POST', path, JSON.stringify(wish));
    return await follow(env, answer, 'Not copied', progress);
}

async function follow(
    env: Env,
    answer: Answer,
    failed: string,
    progress: (state: ImportState) => void,
): Promise<Result<ImportState>> {
    const job = read(answer, (body) =>
        isObject(body) && typeof body.status === 'string' ? body.status : undefined,
    );
    if (!job.ok) return job;
    let wait = 200;
    let failures = 0;
    for (;;) {
        const state = read(await env.request('GET', job.value), importState);
        if (!state.ok && (state.trouble !== 'offline' || ++failures > 20)) return state;
        if (state.ok) {
            failures = 0;
            progress(state.value);
            if (state.value.state === 'done') return state;
            if (state.value.state === 'failed')
                return {
                    ok: false,
                    trouble: 'refused',
                    text: `${failed}: ${state.value.error}`,
                };
        }
        await new Promise<void>((resolve) => env.later(wait, resolve));
        wait = Math.min(wait * 1.5, 2000);
    }
}

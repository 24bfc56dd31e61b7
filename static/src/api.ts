/** api.ts - what is behind an address, asked over HTTP. See my_boards.ts for the page of boards.
 *
 * Calls resolve to {ok: true, value} or to {ok: false} with what to tell the person; they never
 * reject. */
import type { Answer, Env } from './env';
import { type Id, isId } from './model/id';
import { isObject, type Json, type JsonObject, parse, stringOf } from './model/json';
import { type Snapshot, stateOf } from './sync/messages';

/** offline: no answer. signed-out: 401. missing: 403 and 404, which strangers cannot tell apart. */
export type Trouble = 'offline' | 'signed-out' | 'missing' | 'refused' | 'server';

export type Result<T> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly trouble: Trouble; readonly text: string };

function trouble(answer: Answer): Trouble {
    if (answer.status === 0) return 'offline';
    if (answer.status === 401) return 'signed-out';
    if (answer.status === 403 || answer.status === 404) return 'missing';
    return answer.status < 500 ? 'refused' : 'server';
}

/** What was wrong, in the words of a fault of /v1/. */
function faultOf(body: JsonObject, text: string): string {
    const wrong = stringOf(body.wrong, stringOf(body.msg));
    if (wrong === '') return stringOf(body.message, stringOf(body.text, text));
    const expected = stringOf(body.expected);
    return expected === '' ? wrong : `${wrong}; expected ${expected}`;
}

export function failure(answer: Answer): { ok: false; trouble: Trouble; text: string } {
    const body = parse(answer.text);
    const text = isObject(body) ? faultOf(body, answer.text) : answer.text;
    return { ok: false, trouble: trouble(answer), text: text.slice(0, 500) };
}

export function read<T>(answer: Answer, make: (body: Json) => T | undefined): Result<T> {
    if (answer.status < 200 || answer.status > 299) return failure(answer);
    const body = parse(answer.text);
    const value = body === undefined ? undefined : make(body);
    return value === undefined
        ? { ok: false, trouble: 'server', text: 'The answer was not understood.' }
        : { ok: true, value };
}

export class Api {
    constructor(private readonly env: Env) {}

    /** The id behind a short link or an id. Where this machine does not know it, the whole board
     * is asked for at once: that is what is wanted next. */
    async boardId(key: string): Promise<Result<{ id: Id; snapshot?: Snapshot }>> {
        if (isId(key)) return { ok: true, value: { id: key } };
        const known = await this.env.storage.boardByLink(key);
        if (known !== undefined) return { ok: true, value: { id: known } };
        const answer = await this.env.request('GET', `/v1/boards/${key}/state`);
        if (answer.status !== 200) return failure(answer);
        const snapshot = stateOf(answer.text);
        const id = snapshot?.objects.find(([kind]) => kind === 'board')?.[1].id;
        return snapshot === undefined || id === undefined
            ? { ok: false, trouble: 'server', text: 'The answer was not understood.' }
            : { ok: true, value: { id, snapshot } };
    }

    /** The board and the card behind a card's short link or id. */
    async cardKey(key: string): Promise<Result<{ id: Id; idBoard: Id }>> {
        const answer = await this.env.request('GET', `/1/cards/${key}?fields=id,idBoard`);
        const kept = answer.status === 0 ? await this.env.storage.cardByKey(key) : undefined;
        if (kept !== undefined) return { ok: true, value: kept };
        return read(answer, (body) =>
            isObject(body) && isId(body.id) && isId(body.idBoard)
                ? { id: body.id, idBoard: body.idBoard }
                : undefined,
        );
    }
}

/** api.ts - what is not live: the boards of a person, making them, keys of links,
 * signing out. All over HTTP.
 *
 * Calls resolve to {ok: true, value} or to {ok: false} with what to tell the person; they never
 * reject. */
import type { Answer, Env } from './env';
import { type Id, isId } from './model/id';
import {
    isArray,
    isObject,
    type Json,
    type JsonObject,
    parse,
    stringOf,
} from './model/json';
import type { Person } from './model/kinds';
import { peopleOf, type Snapshot, stateOf } from './sync/messages';

/** offline: no answer. signed-out: 401. missing: 403 and 404, which strangers cannot tell apart. */
export type Trouble = 'offline' | 'signed-out' | 'missing' | 'refused' | 'server';

export type Result<T> =
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly trouble: Trouble; readonly text: string };

export interface BoardSummary {
    readonly id: Id;
    readonly name: string;
    readonly shortLink: string;
    readonly closed: boolean;
    readonly dateLastActivity: string;
    readonly prefs: JsonObject;
}

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

function failure(answer: Answer): { ok: false; trouble: Trouble; text: string } {
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

function summary(value: Json): BoardSummary | undefined {
    if (!isObject(value) || !isId(value.id)) return undefined;
    return {
        id: value.id,
        name: stringOf(value.name),
        shortLink: stringOf(value.shortLink),
        closed: value.closed === true,
        dateLastActivity: stringOf(value.dateLastActivity),
        prefs: isObject(value.prefs) ? value.prefs : {},
    };
}

const SUMMARY_FIELDS = 'id,name,shortLink,closed,dateLastActivity,prefs';

export class Api {
    constructor(private readonly env: Env) {}

    async me(): Promise<Result<Person>> {
        return read(await this.env.request('GET', '/1/members/me'), (body) => peopleOf([body])[0]);
    }

    async boards(): Promise<Result<BoardSummary[]>> {
        const answer = await this.env.request(
            'GET',
            `/1/members/me/boards?filter=all&fields=${SUMMARY_FIELDS}`,
        );
        return read(answer, (body) =>
            isArray(body) ? body.map(summary).filter((board) => board !== undefined) : undefined,
        );
    }

    /** With the three lists that most boards begin with. */
    async createBoard(name: string, defaultLists = true): Promise<Result<BoardSummary>> {
        return read(
            await this.env.request('POST', '/1/boards', JSON.stringify({ name, defaultLists })),
            summary,
        );
    }

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

    /** Ends the session, and leaves nothing of the person on this machine. */
    async signOut(): Promise<Result<true>> {
        const answer = await this.env.request('DELETE', '/v1/session');
        if (answer.status === 0) return failure(answer);
        await this.env.storage.clear();
        return { ok: true, value: true };
    }
}

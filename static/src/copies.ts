/** copies.ts - copies that the server makes, asked for over HTTP: it has the descriptions and parts
 * of all the cards. See api.ts for what the calls resolve to. */
import { read, type Result } from './api';
import type { Env } from './env';
import { type Id, isId } from './model/id';
import { isObject } from './model/json';
import type { Store } from './store';

/** Right behind the original. What is not sent yet is not copied. */
export async function copyList(
    env: Env,
    store: Store,
    id: Id,
    name: string,
): Promise<Result<Id>> {
    const lists = store.lists.peek();
    const here = store.list(id).peek()?.pos ?? 0;
    const next = store.list(lists[lists.indexOf(id) + 1] ?? '').peek()?.pos;
    const pos = next === undefined ? 'bottom' : (here + next) / 2;
    const asked = { idBoard: store.id, idListSource: id, name, pos };
    return read(await env.request('POST', '/1/lists', JSON.stringify(asked)), (body) =>
        isObject(body) && isId(body.id) ? body.id : undefined,
    );
}

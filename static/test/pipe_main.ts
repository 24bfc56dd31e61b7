/** pipe_main.ts - the client without a browser, driven over stdin and stdout: one JSON a line, for
 * the simulation and for a real server's tests. Built and started by pipe.mjs.
 *
 * In, each answered by its consequences and then {"out":"done"}; `tab` is a number, 0 if left out:
 *   {"do":"start","tab":0,"board":id,"now":ms,"seed":1}     a page; a tab started again is a reload
 *   {"do":"end","tab":0}                                    the page goes
 *   {"do":"time","now":ms}                                  time goes on, in every tab
 *   {"do":"open","socket":id}                               what a socket does
 *   {"do":"message","socket":id,"text":".."}
 *   {"do":"closed","socket":id,"code":1006}
 *   {"do":"answer","request":id,"status":200,"text":".."}
 *   {"do":"act","name":"createCard","args":[..]}            any action of the store
 *   {"do":"state"}                                          see `state` below
 *   {"do":"wake"}
 * Out, each with its tab:
 *   {"out":"socket","socket":id,"path":".."}   {"out":"send","socket":id,"text":".."}
 *   {"out":"close","socket":id,"code":1000}    {"out":"value","value":what the action returned}
 *   {"out":"request","request":id,"method":"GET","path":"..","body":".."}
 *   {"out":"state",..}   {"out":"report",..}   {"out":"error","text":".."} */
import { createInterface } from 'node:readline';
import { isObject, type Json, type JsonObject, numberOf, parse, stringOf } from '../src/model/json';
import { Store } from '../src/store';
import { FakeBrowser, FakeEnv, settle } from './pipe_env';

interface Page {
    readonly env: FakeEnv;
    readonly store: Store;
}

const browser = new FakeBrowser();
const pages = new Map<number, Page>();
const tabs = new Map<number, string | undefined>();

function say(out: object): void {
    process.stdout.write(`${JSON.stringify(out)}\n`);
}

function start(tab: number, m: JsonObject): void {
    end(tab);
    const env = new FakeEnv(browser, numberOf(m.now), numberOf(m.seed, 1), tabs.get(tab));
    env.onSocket = (socket) => say({ out: 'socket', tab, socket: socket.id, path: socket.path });
    env.onSend = (socket, text) => say({ out: 'send', tab, socket: socket.id, text });
    env.onClose = (socket, code) => say({ out: 'close', tab, socket: socket.id, code });
    env.onRequest = ({ id, method, path, body }) =>
        say({ out: 'request', tab, request: id, method, path, body });
    env.report = (what, detail) => say({ out: 'report', tab, what, detail });
    const store = new Store(env, stringOf(m.board));
    pages.set(tab, { env, store });
    void store.open();
}

function end(tab: number): void {
    const page = pages.get(tab);
    if (page === undefined) return;
    page.store.save();
    tabs.set(tab, page.env.end());
    pages.delete(tab);
}

function state({ store, env }: Page): object {
    const { hook } = store;
    const view = store.lists.value.map((list) => [list, store.cards(list).value]);
    return {
        out: 'state',
        state: hook.state(),
        pos: hook.pos(),
        pending: hook.pending(),
        drafts: hook.drafts(),
        view,
        connection: store.connection.value,
        saved: store.saved.value,
        reports: env.reports,
    };
}

function act(page: Page, name: string, args: Json): void {
    const action = (page.store as unknown as Record<string, unknown>)[name];
    if (typeof action !== 'function' || !Array.isArray(args)) throw new Error(`no action ${name}`);
    say({
        out: 'value',
        value: (action as (...args: Json[]) => unknown).apply(page.store, args) ?? null,
    });
}

async function handle(m: JsonObject): Promise<void> {
    const tab = numberOf(m.tab);
    if (m.do === 'start') return start(tab, m);
    if (m.do === 'end') return end(tab);
    if (m.do === 'time') {
        for (const page of pages.values()) await page.env.advanceTo(numberOf(m.now));
        return;
    }
    const page = pages.get(tab);
    if (page === undefined) throw new Error(`no page in tab ${tab}`);
    const socket = page.env.sockets.find((other) => other.id === m.socket);
    switch (m.do) {
        case 'open':
            socket?.handler.opened();
            break;
        case 'message':
            socket?.handler.message(stringOf(m.text));
            break;
        case 'closed':
            socket?.handler.closed(numberOf(m.code, 1006));
            break;
        case 'answer':
            page.env.requests
                .find((other) => other.id === m.request)
                ?.answer({ status: numberOf(m.status), text: stringOf(m.text) });
            break;
        case 'act':
            act(page, stringOf(m.name), m.args ?? []);
            break;
        case 'state':
            say(state(page));
            break;
        case 'wake':
            page.store.wake();
            break;
        default:
            throw new Error(`no command ${String(m.do)}`);
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const message = parse(line);
    try {
        if (!isObject(message)) throw new Error('not an object');
        await handle(message);
        await settle();
    } catch (error) {
        say({
            out: 'error',
            text: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
    }
    say({ out: 'done' });
}

/** pipe_main.ts - browsers without a screen: the client's modules as they are shipped, in the
 * simulation's hands (tests/sim/page.c). Built and started by pipe.mjs.
 *
 * Lines in, lines out; words between single spaces, the last one runs to the end of the line. TAB
 * is a number, one browser each; NOW is Unix ms. Time stands still but for NOW, and chance comes
 * from SEED: the same lines in give the same lines out.
 *
 *   start TAB NOW SEED same|other quick|slow BOARD    a page, in the tab that was, or in another
 *   end TAB NOW leave|kill                             it goes, with or without a chance to save
 *   time TAB NOW
 *   open TAB NOW SOCKET        closed TAB NOW SOCKET CODE        message TAB NOW SOCKET TEXT
 *   answer TAB NOW REQUEST STATUS TEXT
 *   act TAB NOW SEED IDS       a person does something; IDS: whom an admin may let in, or -
 *   wake TAB NOW               online again
 *   state TAB NOW busy|quiet   what it holds; says what disagrees within the client
 *   forget 0 0                 every browser is gone
 *
 * Each is answered by what came of it, and then `done`:
 *
 *   socket SOCKET PATH   send SOCKET TEXT   close SOCKET CODE   request REQUEST METHOD PATH BODY
 *   kept CL N            an op is in the queue that outlives the page
 *   gone CL N WHY        it left the queue; it is a draft: refused, abandoned; or none: -
 *   report WHAT DETAIL   state TEXT   text ID JSON   parts ID JSON   wrong TEXT
 *   done NEXT SEQ H LINK REASON WAITING    NEXT: ms of the next timer or 0 */
import { readSync, writeSync } from 'node:fs';
import { LISTS } from '../src/model/board';
import type { Id } from '../src/model/id';
import { canonical, type Json } from '../src/model/json';
import { memoryStorage, type Storage } from '../src/outbox/storage';
import { Store } from '../src/store';
import { leaving } from '../src/transfer';
import { act, openEditors } from './pipe_act';
import { FakeBrowser, FakeEnv, settle } from './pipe_env';

const PART_KINDS = ['checklist', 'checkItem', 'comment', 'customFieldItem', 'attachment'];

interface Page {
    readonly env: FakeEnv;
    readonly store: Store;
}

interface Tab {
    readonly browser: FakeBrowser;
    readonly drafts: Set<string>; // in the browser's storage
    client: string | undefined; // what the tab remembers over a reload
    page: Page | undefined;
}

const tabs = new Map<string, Tab>();
let out: string[] = [];

function say(...words: (string | number)[]): void {
    out.push(words.join(' '));
}

/** Tells of ops as they are written down: from there on they survive the page. */
function watched(drafts: Set<string>): Storage {
    const storage = memoryStorage();
    const kept = new Set<string>();
    return {
        ...storage,
        putOp: async (op, counter) => {
            await storage.putOp(op, counter);
            const key = `${op.cl} ${op.n}`;
            if (!kept.has(key)) say('kept', key);
            kept.add(key);
        },
        dropOps: async (board, cl, ns, draft) => {
            await storage.dropOps(board, cl, ns, draft);
            if (draft !== undefined) drafts.add(draft.id);
            const judged = Object.keys(draft?.detail ?? {}).length > 0 || draft?.why === 'refused';
            const why = draft === undefined ? '-' : judged ? 'refused' : 'abandoned';
            for (const n of ns) if (kept.delete(`${cl} ${n}`)) say('gone', cl, n, why);
        },
        dropDraft: async (id) => {
            await storage.dropDraft(id);
            drafts.delete(id);
        },
    };
}

function newTab(): Tab {
    const drafts = new Set<string>();
    const browser = new FakeBrowser(true, watched(drafts));
    return { browser, drafts, client: undefined, page: undefined };
}

/** What speaks against asking for a card back from another board. */
function* notAway(store: Store, card: Id): Iterable<string> {
    if (leaving(store).has(card)) yield `${card} is asked back before it is known to have left`;
    if (store.card(card).peek() !== undefined) yield `${card} is asked back and is here`;
}

function start(tab: Tab, now: number, words: readonly string[]): void {
    const [seed, which, pace, board] = words as [string, string, string, Id];
    const client = which === 'same' ? tab.client : undefined;
    const env = new FakeEnv(tab.browser, now, Number(seed), client, pace === 'slow');
    const store = new Store(env, board);
    env.onSocket = (socket) => say('socket', socket.id, socket.path);
    env.onSend = (socket, text) => say('send', socket.id, text);
    env.onClose = (socket, code) => say('close', socket.id, code);
    env.onRequest = ({ id, method, path, body }) => {
        const card = path.slice(path.lastIndexOf('/') + 1);
        if (method === 'PUT') for (const wrong of notAway(store, card)) say('wrong', wrong);
        say('request', id, method, path, body ?? '');
    };
    env.report = (what, detail) => say('report', what, JSON.stringify(detail ?? null));
    tab.page = { env, store };
    void store.open();
}

function end(tab: Tab, leaves: boolean): void {
    if (tab.page === undefined) return;
    if (leaves) tab.page.store.save();
    tab.client = tab.page.env.end();
    tab.page = undefined;
}

/** What does not fit together within the client, when nothing is waiting. */
function* disagreements(store: Store, drafts: ReadonlySet<string> | undefined): Iterable<string> {
    const { board, view } = store.replica;
    const open = (parent: Id) =>
        board
            .children(parent)
            .filter((row) => row.o.closed === false)
            .map((row) => row.o.id);
    if (view.changed.size > 0) yield 'the view is not what is confirmed';
    if (store.lists.value.join() !== open(LISTS).join()) yield 'the lists shown';
    for (const list of store.lists.value)
        if (store.cards(list).value.join() !== open(list).join()) yield `cards shown in ${list}`;
    for (const row of board.ofKind('card'))
        if (store.card(row.o.id).value !== row.o) yield `the card shown ${row.o.id}`;
    for (const [card, text] of openEditors(store)) {
        const shown = store.text(card).value;
        if (shown !== undefined && shown !== text) yield `the text in the editor of ${card}`;
    }
    if (drafts === undefined) return; // they may be about to be written
    const shown = store.drafts.value.map((draft) => draft.id).sort();
    if (shown.join() !== [...drafts].sort().join()) yield 'the drafts shown are not those kept';
}

function state({ store }: Page, drafts: ReadonlySet<string> | undefined): void {
    const { docs, board } = store.replica;
    say('state', store.hook.state());
    for (const id of docs.known())
        if (board.get(id) !== undefined) say('text', id, JSON.stringify(docs.confirmed(id)));
    for (const card of board.ofKind('card').map((row) => row.o.id)) {
        const { cards, rows } = board.parts([card]);
        const byKind = rows.map((row) => [PART_KINDS.indexOf(row[0]), row] as const);
        byKind.sort(([a, x], [b, y]) => a - b || (x[1].id < y[1].id ? -1 : 1));
        if (cards.length > 0) say('parts', card, canonical(byKind.map(([, row]) => row as Json)));
    }
    if (store.hook.pending().length > 0) return;
    for (const wrong of disagreements(store, drafts)) say('wrong', wrong);
}

function cut(text: string, count: number): string[] {
    const words: string[] = [];
    let at = 0;
    while (words.length < count) {
        const space = text.indexOf(' ', at);
        if (space < 0) break;
        words.push(text.slice(at, space));
        at = space + 1;
    }
    return [...words, text.slice(at)];
}

function handle(tab: Tab, { env, store }: Page, what: string, rest: string): void {
    const socketOf = (id: string) => env.sockets.find((other) => other.id === Number(id));
    switch (what) {
        case 'time':
            break;
        case 'open':
            socketOf(rest)?.handler.opened();
            break;
        case 'message': {
            const [id, text] = cut(rest, 1) as [string, string];
            const socket = socketOf(id);
            if (socket?.closed === false) socket.handler.message(text);
            break;
        }
        case 'closed': {
            const [id, code] = cut(rest, 1) as [string, string];
            const socket = socketOf(id);
            if (socket?.closed !== false) break;
            socket.closed = true;
            socket.handler.closed(Number(code));
            break;
        }
        case 'answer': {
            const [id, status, text] = cut(rest, 2) as [string, string, string];
            const request = env.requests.find((other) => other.id === Number(id));
            request?.answer({ status: Number(status), text });
            break;
        }
        case 'act': {
            const [seed, ids] = cut(rest, 1) as [string, string];
            if (store.replica.loaded) act(store, Number(seed), ids === '-' ? [] : ids.split(','));
            break;
        }
        case 'wake':
            store.wake();
            break;
        case 'state':
            state({ env, store }, rest === 'quiet' ? tab.drafts : undefined);
            break;
        default:
            throw new Error(`no command ${what}`);
    }
}

async function run(line: string): Promise<Tab | undefined> {
    const [what, name, now, rest = ''] = cut(line, 3) as [string, string, string, string?];
    if (what === 'forget') {
        tabs.clear();
        return undefined;
    }
    let tab = tabs.get(name);
    if (tab === undefined) tabs.set(name, (tab = newTab()));
    await tab.page?.env.advanceTo(Number(now));
    if (what === 'start') start(tab, Number(now), cut(rest, 3));
    else if (what === 'end') end(tab, rest === 'leave');
    else if (tab.page !== undefined) handle(tab, tab.page, what, rest);
    await settle();
    return tab;
}

function done(page: Page | undefined): void {
    if (page === undefined) {
        say('done 0 0 - - - 0');
        return;
    }
    const { store, env } = page;
    const [seq, h] = store.hook.pos();
    const { linkState, reason } = store.replica;
    const waiting = store.hook.pending().length;
    say('done', Math.ceil(env.nextMs() ?? 0), seq, h || '-', linkState, reason ?? '-', waiting);
}

let input = Buffer.alloc(0);

function readLine(): string | undefined {
    for (;;) {
        const at = input.indexOf(10);
        if (at >= 0) {
            const line = input.toString('utf8', 0, at);
            input = input.subarray(at + 1);
            return line;
        }
        const more = Buffer.allocUnsafe(1 << 16);
        const count = readSync(0, more);
        if (count === 0) return undefined;
        input = Buffer.concat([input, more.subarray(0, count)]);
    }
}

function flush(): void {
    let bytes = Buffer.from(`${out.join('\n')}\n`);
    out = [];
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
}

say('ready');
flush();
for (let line = readLine(); line !== undefined; line = readLine()) {
    try {
        done((await run(line))?.page);
    } catch (error) {
        say('wrong', error instanceof Error ? (error.stack ?? '').replace(/\n/g, ' | ') : 'thrown');
        done(undefined);
    }
    flush();
}

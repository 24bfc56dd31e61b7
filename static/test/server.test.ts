/** Against a real server, real sockets and real time: TAVLA_BUILD names its binary, else these
 * tests are skipped. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { WebSocket } from 'ws';
import { Api } from '../src/api';
import { boardsOf, createBoard } from '../src/my_boards';
import type { Env } from '../src/env';
import { Board } from '../src/model/board';
import type { Id } from '../src/model/id';
import { Store } from '../src/store';
import { stateOf } from '../src/sync/messages';
import { FakeBrowser } from './pipe_env';

const binary = process.env.TAVLA_BUILD;

class Server {
    readonly data = mkdtempSync(join(tmpdir(), 'tavla-client-'));
    private process: ChildProcess | undefined;
    origin = '';
    link = '';
    token = '';

    async start(listen = '127.0.0.1:0'): Promise<void> {
        const args = [
            'serve',
            '--data',
            this.data,
            '--listen',
            listen,
            '--demo',
            '--backend',
            process.env.TAVLA_BACKEND ?? 'epoll',
            '--loops',
            process.env.TAVLA_LOOPS ?? '2',
        ];
        const started = spawn(resolve(import.meta.root, binary as string), args, {
            stdio: ['ignore', 'inherit', 'pipe'],
        });
        this.process = started;
        let log = '';
        await new Promise<void>((done, fail) => {
            started.once('exit', () => fail(new Error(log)));
            started.stderr?.on('data', (data: Buffer) => {
                log += data.toString();
                this.link = /\/link\/(\w+)/.exec(log)?.[1] ?? this.link;
                const origin = /listening on (http:\S+)/.exec(log)?.[1];
                if (origin !== undefined) done(void (this.origin = origin));
            });
        });
        if (this.token !== '') return;
        const answer = await fetch(`${this.origin}/v1/link`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ token: this.link }),
        });
        this.token = ((await answer.json()) as { token: string }).token;
    }

    async stop(signal: NodeJS.Signals): Promise<void> {
        const running = this.process;
        if (running === undefined || running.exitCode !== null || running.signalCode !== null)
            return;
        running.removeAllListeners('exit');
        const gone = new Promise((done) => running.once('exit', done));
        running.kill(signal);
        await gone;
    }

    async state(board: Id): Promise<string> {
        const answer = await fetch(`${this.origin}/v1/boards/${board}/state`, {
            headers: { authorization: `Bearer ${this.token}` },
        });
        const state = stateOf(await answer.text());
        assert.ok(state);
        const copy = new Board();
        copy.load(state.objects, state.pos[0], state.pos[1]);
        return copy.canonical();
    }
}

interface RealEnv extends Env {
    cut(): void;
    end(): void;
    readonly reports: string[];
}

function realEnv(server: Server, browser = new FakeBrowser()): RealEnv {
    const sockets = new Set<WebSocket>();
    const timers = new Set<NodeJS.Timeout>();
    const reports: string[] = [];
    let tab: string | undefined;
    return {
        reports,
        now: () => Date.now(),
        random: () => Math.random() * 0.1, // impatient
        bytes: (count) => webcrypto.getRandomValues(new Uint8Array(count)),
        later: (ms, fn) => {
            const timer = setTimeout(fn, ms);
            timers.add(timer);
            return () => clearTimeout(timer);
        },
        socket: (path, handler) => {
            const ws = new WebSocket(server.origin.replace('http', 'ws') + path, 'tavla.v1', {
                headers: { origin: server.origin, cookie: `session=${server.token}` },
                perMessageDeflate: false,
            });
            sockets.add(ws);
            ws.on('open', () => handler.opened());
            ws.on('message', (data) => handler.message(data.toString()));
            ws.on('error', () => undefined);
            ws.on('close', (code) => {
                sockets.delete(ws);
                handler.closed(code);
            });
            return {
                send: (text) => {
                    if (ws.readyState === 1) ws.send(text);
                },
                close: (code) => ws.close(code),
            };
        },
        request: async (method, path, body) => {
            try {
                const headers = {
                    authorization: `Bearer ${server.token}`,
                    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
                };
                const answer = await fetch(server.origin + path, {
                    method,
                    headers,
                    body: body ?? null,
                });
                return { status: answer.status, text: await answer.text() };
            } catch {
                return { status: 0, text: '' };
            }
        },
        storage: browser.storage,
        hold: async () => () => undefined,
        tab: {
            get: () => tab,
            set: (value) => {
                tab = value;
            },
        },
        online: () => true,
        restart: () => undefined,
        report: (what) => {
            if (what !== 'refused') reports.push(what);
        },
        cut: () => sockets.forEach((ws) => ws.terminate()),
        end: () => {
            sockets.forEach((ws) => ws.terminate());
            timers.forEach(clearTimeout);
        },
    };
}

async function until(what: string, condition: () => boolean): Promise<void> {
    const end = Date.now() + 20_000;
    while (!condition()) {
        if (Date.now() > end) assert.fail(`never: ${what}`);
        await new Promise((done) => setTimeout(done, 10));
    }
}

function pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(Math.random() * list.length)];
}

function act(store: Store): void {
    const list = pick(store.lists.peek());
    const card = pick(store.allCards())?.id;
    const label = pick(store.labels.peek());
    const what = Math.floor(Math.random() * 16);
    if (list === undefined || what === 0)
        store.createList(`list ${Math.random()}`, { after: pick(store.lists.peek()) ?? '' });
    else if (card === undefined || what < 4)
        store.createCard(
            list,
            { name: 'caf\u00e9 \ud83c\udf89', due: '2026-12-01T10:00:00.000Z' },
            { after: pick(store.cards(list).peek()) ?? '' },
        );
    else if (what < 8) store.moveCard(card, list, { after: pick(store.cards(list).peek()) ?? '' });
    else if (what === 8) store.renameCard(card, `name ${Math.random()}`);
    else if (what === 9) store.archiveCard(card);
    else if (what === 10) store.sortList(list, 'name');
    else if (what === 11)
        store.moveCards(
            store
                .allCards()
                .slice(0, 4)
                .map((other) => other.id),
            list,
            { pos: 'top' },
        );
    else if (what === 12) store.undo(true);
    else if (what === 13 && label !== undefined)
        store.setCardLabel(card, label, Math.random() < 0.7);
    else if (what === 14) store.createLabel('made', 'sky');
    else store.createCards(list, [{ name: 'p' }, { name: 'q' }], { after: '' });
}

function settled(stores: readonly Store[]): boolean {
    const seqs = new Set(stores.map((store) => store.hook.pos()[0]));
    return (
        seqs.size === 1 &&
        stores.every(
            (store) => store.connection.value.state === 'live' && store.saved.value.waiting === 0,
        )
    );
}

test(
    'clients of a real server come to its state, through cut connections and a killed server',
    { skip: binary === undefined },
    async () => {
        const server = new Server();
        const envs: RealEnv[] = [];
        try {
            await server.start();
            const asker = realEnv(server);
            const api = new Api(asker);
            const boards = await boardsOf(asker);
            assert.ok(boards.ok && boards.value.length > 0);
            const key = await api.boardId(boards.value[0]?.shortLink as string);
            assert.ok(key.ok);
            const made = await createBoard(asker, 'made by the client');
            assert.ok(made.ok && made.value.name === 'made by the client');
            const stores = [0, 1, 2].map(() => {
                const env = realEnv(server);
                envs.push(env);
                return new Store(env, key.value.id);
            });
            await Promise.all(stores.map((store) => store.open()));
            await until('live', () => settled(stores));
            for (let i = 0; i < 300; i++) {
                act(pick(stores) as Store);
                if (i % 20 === 0) await new Promise((done) => setTimeout(done, 20));
                if (i % 70 === 50) pick(envs)?.cut();
                if (i === 200) {
                    await server.stop('SIGKILL');
                    for (let k = 0; k < 30; k++) act(pick(stores) as Store);
                    await server.start(new URL(server.origin).host);
                }
            }
            await until('settled', () => settled(stores));
            const text = await server.state(key.value.id);
            for (const store of stores) assert.equal(store.hook.state(), text);
            assert.deepEqual(
                envs.flatMap((env) => env.reports),
                [],
            );
            assert.ok((stores[0]?.who.value.size ?? 0) > 0 && stores[0]?.me.value !== undefined);

            const [a, b] = stores as [Store, Store];
            const card = a.createCard(a.lists.value[0] as Id, { name: 'with a text', desc: 'one' });
            await until('settled', () => settled(stores));
            assert.equal(a.text(card).value, 'one');
            const seen = b.text(card);
            await until('the text', () => seen.value === 'one');
            b.setText(card, 'one two');
            assert.equal(seen.value, 'one two');
            await until('settled', () => settled(stores));
            assert.equal(a.text(card).value, 'one two');
            a.undo();
            stores.forEach((store) => store.close());
        } finally {
            envs.forEach((env) => env.end());
            await server.stop('SIGTERM');
            rmSync(server.data, { recursive: true, force: true });
        }
    },
);

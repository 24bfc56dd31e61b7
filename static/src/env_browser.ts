/** env_browser.ts - the world as a browser has it: see env.ts. */
import type { Answer, Env, Socket, SocketHandler } from './env';
import { isObject } from './model/json';
import { openStorage } from './outbox/storage_idb';
import type { Storage } from './outbox/storage';

const PROTOCOL = 'tavla.v1';
const TAB_KEY = 'tavla client';

function openSocket(path: string, handler: SocketHandler): Socket {
    const ws = new WebSocket(
        `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`,
        PROTOCOL,
    );
    ws.onopen = () => handler.opened();
    ws.onmessage = (event) => {
        if (typeof event.data === 'string') handler.message(event.data);
    };
    ws.onclose = (event) => handler.closed(event.code);
    return {
        send: (text) => {
            if (ws.readyState === WebSocket.OPEN) ws.send(text);
        },
        close: (code) => ws.close(code),
    };
}

async function request(method: string, path: string, body?: string): Promise<Answer> {
    try {
        const answer = await fetch(path, {
            method,
            body: body ?? null,
            credentials: 'same-origin',
            cache: 'no-store',
            headers: body === undefined ? {} : { 'content-type': 'application/json' },
        });
        return { status: answer.status, text: await answer.text() };
    } catch {
        return { status: 0, text: '' };
    }
}

/* -- holding a name: Web Locks where there are (https, localhost), else a row with a heartbeat */

function holdLock(name: string): Promise<(() => void) | undefined> {
    return new Promise((resolve) => {
        navigator.locks
            .request(name, { ifAvailable: true }, (lock) => {
                if (lock === null) {
                    resolve(undefined);
                    return undefined;
                }
                return new Promise<void>((release) => resolve(release));
            })
            .catch(() => resolve(undefined));
    });
}

const BEAT_MS = 5000;
const BEAT_DEAD_MS = 20_000;
const SETTLE_MS = 120; // two that write at once: the later write wins, both look again

async function holdRow(
    storage: Storage,
    page: string,
    name: string,
): Promise<(() => void) | undefined> {
    const key = `hold ${name}`;
    const beat = (ms: number) => storage.put(key, { page, ms });
    const row = await storage.get(key);
    if (
        isObject(row) &&
        row.page !== page &&
        typeof row.ms === 'number' &&
        Date.now() - row.ms < BEAT_DEAD_MS
    )
        return undefined;
    await beat(Date.now());
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS * (1 + Math.random())));
    const now = await storage.get(key);
    if (!isObject(now) || now.page !== page) return undefined;
    const timer = setInterval(() => void beat(Date.now()), BEAT_MS);
    const release = () => {
        clearInterval(timer);
        void beat(0);
    };
    addEventListener('pagehide', release, { once: true });
    return release;
}

function restart(): void {
    location.replace('/');
}

export async function browserEnv(): Promise<Env> {
    const report = (what: string, detail?: unknown) => console.warn(`tavla: ${what}`, detail);
    const storage = await openStorage(
        (error) => report('storage', error),
        restart,
    );
    const bytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
    const page = [...bytes(8)].join('.');
    return {
        now: () => Date.now(),
        random: () => Math.random(),
        bytes,
        later: (ms, fn) => {
            const timer = setTimeout(fn, ms);
            return () => clearTimeout(timer);
        },
        socket: openSocket,
        request,
        storage,
        hold: (name) => {
            if (!storage.lasting) return Promise.resolve(() => undefined);
            return 'locks' in navigator ? holdLock(name) : holdRow(storage, page, name);
        },
        tab: {
            get: () => sessionGet(),
            set: (value) => {
                try {
                    sessionStorage.setItem(TAB_KEY, value);
                } catch {
                    report('this tab keeps nothing');
                }
            },
        },
        online: () => navigator.onLine,
        restart,
        report,
    };
}

function sessionGet(): string | undefined {
    try {
        return sessionStorage.getItem(TAB_KEY) ?? undefined;
    } catch {
        return undefined;
    }
}

/** Calls wake when the network or the person is back, and save when the page may be about to go.
 * Returns what ends it. */
export function followPage(wake: () => void, save: () => void): () => void {
    const visibility = () => (document.visibilityState === 'visible' ? wake() : save());
    addEventListener('online', wake);
    addEventListener('pageshow', wake);
    addEventListener('pagehide', save);
    document.addEventListener('visibilitychange', visibility);
    return () => {
        removeEventListener('online', wake);
        removeEventListener('pageshow', wake);
        removeEventListener('pagehide', save);
        document.removeEventListener('visibilitychange', visibility);
    };
}

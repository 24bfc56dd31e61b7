/** pipe_env.ts - a world for tests: time that moves when told, sockets and requests that the test
 * answers, storage in memory that
 * outlives a "page", chance from a seed. */
import type { Answer, Env, SocketHandler } from '../src/env';
import { memoryStorage, type Storage } from '../src/outbox/storage';

interface Timer {
    readonly at: number;
    readonly order: number;
    readonly fn: () => void;
}

export interface FakeSocket {
    readonly id: number;
    readonly path: string;
    readonly handler: SocketHandler;
    readonly sent: string[];
    closed: boolean;
}

export interface FakeRequest {
    readonly id: number;
    readonly method: string;
    readonly path: string;
    readonly body: string | undefined;
    answer(answer: Answer): void;
}

/** What tabs of one browser share. */
export class FakeBrowser {
    readonly storage: Storage;
    readonly held = new Set<string>();

    constructor(lasting = true, storage = memoryStorage()) {
        this.storage = { ...storage, lasting };
    }
}

export class FakeEnv implements Env {
    readonly sockets: FakeSocket[] = [];
    readonly requests: FakeRequest[] = [];
    readonly reports: { what: string; detail: unknown }[] = [];
    readonly storage: Storage;
    isOnline = true;
    restarts = 0;
    onSocket: (socket: FakeSocket) => void = () => undefined;
    onSend: (socket: FakeSocket, text: string) => void = () => undefined;
    onClose: (socket: FakeSocket, code: number) => void = () => undefined;
    onRequest: (request: FakeRequest) => void = () => undefined;
    private timers: Timer[] = [];
    private count = 0;
    private readonly chance: () => number;
    private readonly holding = new Set<string>();

    constructor(
        readonly browser: FakeBrowser,
        public nowMs: number,
        seed: number,
        private tabValue?: string,
        slowStorage = false,
    ) {
        const { storage } = browser;
        this.storage = !slowStorage
            ? storage
            : {
                  ...storage,
                  putOp: (...args) => this.slowly(() => storage.putOp(...args)),
                  dropOps: (...args) => this.slowly(() => storage.dropOps(...args)),
                  dropDraft: (id) => this.slowly(() => storage.dropDraft(id)),
              };
        this.chance = chanceOf(seed);
    }

    restart(): void {
        this.restarts++;
    }

    /** The page ends: nothing of it acts any more, and what it held is free. */
    end(): string | undefined {
        this.timers = [];
        for (const name of this.holding) this.browser.held.delete(name);
        for (const socket of this.sockets) socket.closed = true;
        return this.tabValue;
    }

    /** Writes happen in their order, some ms later, and not at all when the page ends before. */
    private slowly(write: () => Promise<void>): Promise<void> {
        return new Promise((resolve) => {
            const at = Math.max(this.writtenMs, this.nowMs + Math.floor(this.random() * 40));
            this.writtenMs = at;
            this.later(at - this.nowMs, () => void write().then(resolve));
        });
    }

    private writtenMs = 0;

    now(): number {
        return this.nowMs;
    }

    random(): number {
        return this.chance();
    }

    bytes(count: number): Uint8Array {
        return Uint8Array.from({ length: count }, () => Math.floor(this.random() * 256));
    }

    later(ms: number, fn: () => void): () => void {
        const timer: Timer = { at: this.nowMs + ms, order: this.count++, fn };
        this.timers.push(timer);
        return () => {
            this.timers = this.timers.filter((other) => other !== timer);
        };
    }

    /** When something falls due next; undefined: nothing will. */
    nextMs(): number | undefined {
        return this.timers.length === 0
            ? undefined
            : Math.max(this.nowMs, Math.min(...this.timers.map((timer) => timer.at)));
    }

    /** Time goes on to nowMs; what falls due happens on the way, in order. */
    async advanceTo(nowMs: number): Promise<void> {
        for (;;) {
            const [next] = this.timers
                .filter((timer) => timer.at <= nowMs)
                .sort((a, b) => a.at - b.at || a.order - b.order);
            if (next === undefined) break;
            this.timers = this.timers.filter((other) => other !== next);
            this.nowMs = Math.max(this.nowMs, next.at);
            next.fn();
            await settle();
        }
        this.nowMs = Math.max(this.nowMs, nowMs);
    }

    socket(path: string, handler: SocketHandler) {
        const socket: FakeSocket = { id: this.count++, path, handler, sent: [], closed: false };
        this.sockets.push(socket);
        this.onSocket(socket);
        return {
            send: (text: string) => {
                if (socket.closed) return;
                socket.sent.push(text);
                this.onSend(socket, text);
            },
            close: (code = 1000) => {
                if (socket.closed) return;
                socket.closed = true;
                this.onClose(socket, code);
            },
        };
    }

    request(method: string, path: string, body?: string): Promise<Answer> {
        return new Promise((resolve) => {
            const request: FakeRequest = { id: this.count++, method, path, body, answer: resolve };
            this.requests.push(request);
            this.onRequest(request);
        });
    }

    async hold(name: string): Promise<(() => void) | undefined> {
        if (this.browser.held.has(name)) return undefined;
        this.browser.held.add(name);
        this.holding.add(name);
        return () => {
            this.browser.held.delete(name);
            this.holding.delete(name);
        };
    }

    readonly tab = {
        get: () => this.tabValue,
        set: (value: string) => {
            this.tabValue = value;
        },
    };

    online(): boolean {
        return this.isOnline;
    }

    report(what: string, detail?: unknown): void {
        this.reports.push({ what, detail });
    }
}

/** mulberry32: 0 <= x < 1, the same row of them for the same seed. */
export function chanceOf(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

/** Until every promise that can go on has gone on. */
export function settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}

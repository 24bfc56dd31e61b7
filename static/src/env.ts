/** env.ts - all that the client takes from the world around it: time, chance, sockets, requests,
 * storage, other tabs.
 *
 * Nothing below the views touches Date, timers, WebSocket or IndexedDB by itself, so that the same
 * modules run in a browser and,
 * with a time of their own, in tests and in the simulation (test/pipe.mjs). env_browser.ts makes
 * the real one. */
import type { Storage } from './outbox/storage';

export interface Socket {
    send(text: string): void;
    close(code?: number): void;
}

export interface SocketHandler {
    opened(): void;
    message(text: string): void;
    closed(code: number): void;
}

export interface Answer {
    readonly status: number;
    readonly text: string;
}

export interface Env {
    now(): number; // Unix ms
    random(): number; // 0 <= x < 1
    bytes(count: number): Uint8Array;
    /** Calls fn once after ms; the returned function cancels. */
    later(ms: number, fn: () => void): () => void;
    /** A WebSocket to a path of this server, subprotocol tavla.v1. */
    socket(path: string, handler: SocketHandler): Socket;
    /** status 0: the server could not be reached. body is sent as JSON. */
    request(method: string, path: string, body?: string): Promise<Answer>;
    storage: Storage;
    /** Holds `name` until released or the page ends; undefined where another tab has it. */
    hold(name: string): Promise<(() => void) | undefined>;
    /** Kept for this tab over reloads, by no other tab. */
    tab: { get(): string | undefined; set(value: string): void };
    online(): boolean;
    /** Leaves all that is in memory, for a fresh page at the beginning. */
    restart(): void;
    /** Something that should not happen, for the console and for tests. */
    report(what: string, detail?: unknown): void;
}

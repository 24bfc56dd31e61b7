/** storage_idb.ts - the storage in IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Json } from '../model/json';
import {
    cardIn,
    type Draft,
    memoryStorage,
    type Storage,
    type StoredBoard,
    type StoredOp,
} from './storage';

interface Schema extends DBSchema {
    boards: { key: string; value: StoredBoard; indexes: { shortLink: string } };
    queue: { key: [string, string, number]; value: StoredOp };
    counters: { key: [string, string]; value: number };
    drafts: { key: string; value: Draft; indexes: { board: string } };
    values: { key: string; value: Json };
}

const TABS_MS = 50;
const OPEN_MS_MAX = 3000; // a browser that never answers must not keep the board away

function upgrade(db: IDBPDatabase<Schema>): void {
    db.createObjectStore('boards', { keyPath: 'id' }).createIndex('shortLink', 'shortLink');
    db.createObjectStore('queue', { keyPath: ['board', 'cl', 'n'] });
    db.createObjectStore('counters');
    db.createObjectStore('drafts', { keyPath: 'id' }).createIndex('board', 'board');
    db.createObjectStore('values');
}

function make(
    db: IDBPDatabase<Schema>,
    failed: (error: unknown) => void,
    cleared: () => void,
): Storage {
    let over = false;
    const tabs = new BroadcastChannel('tavla cleared');
    tabs.onmessage = () => {
        over = true;
        cleared();
    };
    /** A read that fails finds nothing, a write that fails is reported once a kind of trouble, and
     * the page goes on. */
    const read = async <T>(promise: Promise<T>, otherwise: T): Promise<T> =>
        promise.catch((error: unknown) => (failed(error), otherwise));
    const write = async (begin: () => Promise<unknown>): Promise<void> =>
        over ? undefined : void (await begin().catch(failed));
    const of = (board: string, cl?: string) =>
        cl === undefined
            ? IDBKeyRange.bound([board], [board, []])
            : IDBKeyRange.bound([board, cl], [board, cl, []]);
    return {
        lasting: true,
        board: (id) => read(db.get('boards', id), undefined),
        boardByLink: async (link) =>
            (await read(db.getFromIndex('boards', 'shortLink', link), undefined))?.id,
        cardByKey: async (link) => {
            const find = async () => {
                let cursor = await db.transaction('boards').store.openCursor();
                for (; cursor !== null; cursor = await cursor.continue()) {
                    const found = cardIn(cursor.value, link);
                    if (found !== undefined) return found;
                }
                return undefined;
            };
            return read(find(), undefined);
        },
        putBoard: (board) =>
            write(async () => {
                const tx = db.transaction('boards', 'readwrite');
                const old = await tx.store.get(board.id);
                if (
                    old === undefined ||
                    old.seq <= board.seq ||
                    old.savedMs + 60_000 < board.savedMs
                )
                    await tx.store.put(board);
                await tx.done;
            }),
        dropBoard: (id) => write(() => db.delete('boards', id)),
        queue: (board) => read(db.getAll('queue', of(board)), []),
        // Nothing in it waits for an answer: an op is sent when it is written, and every answer
        // would wait for what the page draws meanwhile.
        putOp: (op, counter) =>
            write(async () => {
                const tx = db.transaction(['queue', 'counters'], 'readwrite');
                void tx.objectStore('queue').put(op).catch(() => undefined);
                void tx
                    .objectStore('counters')
                    .put(counter, [op.board, op.cl])
                    .catch(() => undefined);
                tx.commit();
                await tx.done;
            }),
        dropOps: (board, cl, ns, draft) =>
            write(async () => {
                const tx = db.transaction(['queue', 'drafts'], 'readwrite');
                if (draft !== undefined) await tx.objectStore('drafts').put(draft);
                await Promise.all(
                    ns.map((n) => tx.objectStore('queue').delete([board, cl, n])),
                );
                await tx.done;
            }),
        counter: async (board, cl) => (await read(db.get('counters', [board, cl]), undefined)) ?? 0,
        drafts: (board) => read(db.getAllFromIndex('drafts', 'board', board), []),
        dropDraft: (id) => write(() => db.delete('drafts', id)),
        get: (name) => read(db.get('values', name), undefined),
        put: (name, value) =>
            write(async () =>
                value === undefined ? db.delete('values', name) : db.put('values', value, name),
            ),
        clear: () =>
            write(async () => {
                over = true;
                tabs.postMessage(''); // first, so that no tab writes behind the clearing
                await new Promise((resolve) => setTimeout(resolve, TABS_MS));
                const names = ['boards', 'queue', 'counters', 'drafts', 'values'] as const;
                const tx = db.transaction(names, 'readwrite');
                await Promise.all(names.map((name) => tx.objectStore(name).clear()));
                await tx.done;
            }),
    };
}

/** cleared: another tab signed out. */
export async function openStorage(
    failed: (error: unknown) => void,
    cleared: () => void,
): Promise<Storage> {
    if (typeof indexedDB === 'undefined') return memoryStorage();
    try {
        const opening = openDB<Schema>('tavla', 1, { upgrade });
        opening.catch(() => undefined);
        const late = new Promise<undefined>((resolve) =>
            setTimeout(resolve, OPEN_MS_MAX, undefined),
        );
        const db = await Promise.race([opening, late]);
        return db === undefined ? memoryStorage() : make(db, failed, cleared);
    } catch (error) {
        failed(error);
        return memoryStorage();
    }
}

/** page.ts - one page in one tab, with its wires to the small server; and what is true when all is
 * quiet. */
import assert from 'node:assert/strict';
import { Store } from '../src/store';
import { BOARD, type MiniServer, type Peer } from './mini_server';
import { FakeBrowser, FakeEnv, settle } from './pipe_env';

/** One page in one tab, with its wires to the server. */
export class Page {
    env: FakeEnv;
    store: Store;
    peers: Peer[] = [];

    constructor(
        readonly server: MiniServer,
        readonly browser: FakeBrowser,
        now: number,
        seed: number,
        tab?: string,
        slow = false,
    ) {
        this.env = new FakeEnv(browser, now, seed, tab, slow);
        this.env.onSocket = (socket) => {
            const peer = server.connect(socket);
            this.peers.push(peer);
        };
        this.env.onSend = (socket, text) => {
            const peer = this.peers.find((other) => other.socket === socket);
            if (peer !== undefined) this.outbox.push({ peer, text });
        };
        this.env.onClose = (socket) => {
            for (const peer of this.peers) if (peer.socket === socket) server.disconnect(peer);
        };
        this.store = new Store(this.env, BOARD);
    }

    outbox: { peer: Peer; text: string }[] = [];
    private readonly opened = new Set<Peer>();

    /** Up to `count` things of each direction get through. */
    async deliver(count: number): Promise<boolean> {
        let some = false;
        for (const request of this.env.requests.splice(0)) {
            request.answer({ status: 200, text: this.server.stateText() });
            some = true;
        }
        for (const peer of [...this.peers]) {
            if (peer.dead) continue;
            if (!this.opened.has(peer)) {
                this.opened.add(peer);
                peer.socket.handler.opened();
                some = true;
            }
            for (let i = 0; i < count && peer.inbox.length > 0; i++) {
                peer.socket.handler.message(peer.inbox.shift() as string);
                some = true;
            }
        }
        for (const { peer, text } of this.outbox.splice(0, count)) {
            this.server.receive(peer, text);
            some = true;
        }
        await settle();
        return some;
    }

    /** The network goes. What was sent may have arrived, or not. */
    drop(code: number): void {
        this.outbox = [];
        for (const peer of this.peers.splice(0)) {
            this.server.disconnect(peer);
            if (!peer.socket.closed) {
                peer.socket.closed = true;
                peer.socket.handler.closed(code);
            }
        }
    }

    /** Returns what the tab remembers. */
    leave(): string | undefined {
        this.store.save();
        for (const peer of this.peers) this.server.disconnect(peer);
        return this.env.end();
    }
}

export async function quiet(pages: readonly Page[], server: MiniServer): Promise<void> {
    for (let round = 0; round < 400; round++) {
        let some = false;
        if (round % 20 === 19) server.heartbeat();
        for (const page of pages) {
            some = (await page.deliver(50)) || some;
            await page.env.advanceTo(page.env.nowMs + 1500);
        }
        const done = pages.every(
            (page) =>
                page.store.saved.value.waiting === 0 &&
                page.store.connection.value.state === 'live' &&
                page.store.hook.pos()[0] === server.board.seq,
        );
        if (!some && done && round > 60) return;
    }
    assert.fail(
        `not quiet: ${JSON.stringify(pages.map((one) => [one.store.hook.pos(), one.env.reports]))}`,
    );
}

export function assertConverged(pages: readonly Page[], server: MiniServer): void {
    for (const page of pages) {
        assert.equal(page.store.hook.state(), server.board.canonical());
        assert.equal(page.store.replica.view.changed.size, 0);
        const lists = server.board
            .children('')
            .filter((row) => row.o.closed === false)
            .map((row) => row.o.id);
        assert.deepEqual(page.store.lists.value, lists);
        for (const list of lists) {
            const cards = server.board
                .children(list)
                .filter((row) => row.o.closed === false)
                .map((row) => row.o.id);
            assert.deepEqual(page.store.cards(list).value, cards);
            for (const card of cards)
                assert.deepEqual(page.store.card(card).value, server.board.get(card)?.o);
        }
    }
    for (const [key, times] of server.applied)
        assert.equal(times, 1, `${key} applied ${times} times`);
}

export async function page(
    server: MiniServer,
    browser = new FakeBrowser(),
    seed = 1,
    now = 1_700_000_000_000,
    tab?: string,
    slow = false,
): Promise<Page> {
    const made = new Page(server, browser, now, seed, tab, slow);
    void made.store.open();
    await settle();
    return made;
}

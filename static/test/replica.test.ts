import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Id } from '../src/model/id';
import type { JsonObject } from '../src/model/json';
import type { Op } from '../src/model/ops';
import { singly } from '../src/model/preview';
import type { Entry } from '../src/outbox/outbox';
import { Store } from '../src/store';
import { BOARD, MiniServer, type Peer } from './mini_server';
import { FakeBrowser, FakeEnv, settle } from './pipe_env';

/** One page in one tab, with its wires to the server. */
class Page {
    env: FakeEnv;
    store: Store;
    peers: Peer[] = [];

    constructor(readonly server: MiniServer, readonly browser: FakeBrowser, now: number, seed: number, tab?: string, slow = false) {
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

async function quiet(pages: readonly Page[], server: MiniServer): Promise<void> {
    for (let round = 0; round < 400; round++) {
        let some = false;
        if (round % 20 === 19) server.heartbeat();
        for (const page of pages) {
            some = (await page.deliver(50)) || some;
            await page.env.advanceTo(page.env.nowMs + 1500);
        }
        const done = pages.every((page) => page.store.saved.value.waiting === 0 && page.store.connection.value.state === 'live' &&
            page.store.hook.pos()[0] === server.board.seq);
        if (!some && done && round > 60) return;
    }
    assert.fail(`not quiet: ${JSON.stringify(pages.map((page) => [page.store.connection.value, page.store.saved.value, page.store.hook.pos(), page.env.reports]))}`);
}

function assertConverged(pages: readonly Page[], server: MiniServer): void {
    for (const page of pages) {
        assert.equal(page.store.hook.state(), server.board.canonical());
        assert.equal(page.store.replica.view.changed.size, 0);
        const lists = server.board.children('').filter((row) => row.o.closed === false).map((row) => row.o.id);
        assert.deepEqual(page.store.lists.value, lists);
        for (const list of lists) {
            const cards = server.board.children(list).filter((row) => row.o.closed === false).map((row) => row.o.id);
            assert.deepEqual(page.store.cards(list).value, cards);
            for (const card of cards) assert.deepEqual(page.store.card(card).value, server.board.get(card)?.o);
        }
    }
    for (const [key, times] of server.applied) assert.equal(times, 1, `${key} applied ${times} times`);
}

async function page(server: MiniServer, browser = new FakeBrowser(), seed = 1, now = 1_700_000_000_000, tab?: string, slow = false): Promise<Page> {
    const made = new Page(server, browser, now, seed, tab, slow);
    void made.store.open();
    await settle();
    return made;
}

test('a change is seen at once, sent when live, and confirmed by its own event', async () => {
    const server = new MiniServer();
    const a = await page(server);
    const b = await page(server, new FakeBrowser(), 2);
    await quiet([a, b], server);
    const list = a.store.createList('Doing');
    const card = a.store.createCard(list, { name: 'first' });
    assert.deepEqual(a.store.lists.value, [list]);
    assert.deepEqual(a.store.cards(list).value, [card]);
    assert.equal(a.store.card(card).value?.name, 'first');
    assert.equal(a.store.saved.value.state, 'waiting');
    assert.deepEqual(b.store.lists.value, []);
    await quiet([a, b], server);
    assert.equal(a.store.saved.value.state, 'saved');
    assert.equal(b.store.card(card).value?.name, 'first');
    assertConverged([a, b], server);
});

test('a queue made offline survives a reload and is sent once', async () => {
    const server = new MiniServer();
    const browser = new FakeBrowser();
    const a = await page(server, browser);
    await quiet([a], server);
    const list = a.store.createList('Doing');
    await quiet([a], server);
    a.drop(1006);
    a.store.createCard(list, { name: 'offline' });
    a.store.renameList(list, 'Done');
    await settle();
    const between = await page(server, browser, 6, a.env.nowMs, a.leave());
    between.store.setList(list, { softLimit: 3 }); // its n goes on where the first page's ended
    await settle();
    const again = await page(server, browser, 7, a.env.nowMs, between.leave());
    await settle();
    assert.equal(again.store.list(list).value?.name, 'Done');
    assert.equal(again.store.cards(list).value.length, 1);
    assert.equal(again.store.saved.value.waiting, 3);
    await quiet([again], server);
    assertConverged([again], server);
    assert.equal(server.board.get(list)?.o.softLimit, 3);
    const third = await page(server, browser, 8, again.env.nowMs, again.leave());
    third.store.renameList(list, 'with an empty queue'); // numbers go on all the same
    await settle();
    const fourth = await page(server, browser, 9, third.env.nowMs, third.leave());
    await quiet([fourth], server);
    assert.equal(server.board.get(list)?.o.name, 'with an empty queue');
    assert.equal(server.board.children(list).length, 1);
});

test('the queue of a closed tab is sent by another one', async () => {
    const server = new MiniServer();
    const browser = new FakeBrowser();
    const a = await page(server, browser, 1);
    const b = await page(server, browser, 2);
    await quiet([a, b], server);
    assert.notEqual(a.store.replica.cl, b.store.replica.cl);
    a.drop(1006);
    const list = a.store.createList('left behind');
    await settle();
    a.leave();
    await b.env.advanceTo(b.env.nowMs + 61_000);
    await quiet([b], server);
    assert.equal(server.board.get(list)?.o.name, 'left behind');
    assertConverged([b], server);
    assert.deepEqual(await browser.storage.queue(BOARD), []);
});

test('a copied tab takes another client id', async () => {
    const server = new MiniServer();
    const browser = new FakeBrowser();
    const a = await page(server, browser, 1);
    await quiet([a], server);
    const copy = await page(server, browser, 2, a.env.nowMs, a.env.tab.get());
    await copy.env.advanceTo(copy.env.nowMs + 2000);
    await quiet([a, copy], server);
    assert.notEqual(a.store.replica.cl, copy.store.replica.cl);
});

test('what is refused becomes a draft with its content', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const list = a.store.createList('L');
    const card = a.store.createCard(list, { name: 'c' });
    await quiet([a], server);
    a.drop(1006);
    a.store.renameCard(card, 'typed with care');
    server.commit([['del', 'card', card]]);
    await quiet([a], server);
    assert.equal(a.store.saved.value.state, 'refused');
    assert.equal((a.store.drafts.value[0]?.ops[0] as JsonObject).name, 'typed with care');
    a.store.discardDraft(a.store.drafts.value[0]?.id as string);
    assert.equal(a.store.saved.value.state, 'saved');
    assertConverged([a], server);

    const other = a.store.createList('archived meanwhile');
    const moved = a.store.createCard(list, { name: 'm' });
    const shown = a.store.card(moved);
    await quiet([a], server);
    a.drop(1006);
    a.store.moveCard(moved, other);
    server.commit([['set', 'list', other, { closed: true }]]);
    assert.equal(shown.value?.idList, other);
    await quiet([a], server);
    assert.equal(shown.value?.idList, list);
    assert.equal(a.store.drafts.value.length, 1);
});

test('runs of sets in the queue become one message', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const list = a.store.createList('L');
    const [x, y] = a.store.createCards(list, [{ name: 'x' }, { name: 'y' }]) as [Id, Id];
    await quiet([a], server);
    a.drop(1006);
    for (const letter of 'abcdef') {
        a.store.renameCard(x, letter);
        a.store.setCard(y, { dueComplete: letter > 'c' });
    }
    a.store.setCard(x, { due: '2026-12-01T00:00:00.000Z' });
    assert.equal(a.store.saved.value.waiting, 2);
    a.store.moveCard(y, list, { after: '' });
    a.store.renameCard(x, 'behind a move');
    assert.equal(a.store.saved.value.waiting, 4);
    await quiet([a], server);
    assert.equal(server.board.get(x)?.o.name, 'behind a move');
    assertConverged([a], server);
});

test('another history on the server makes drafts of what was not acknowledged, under a new client id', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    a.store.createList('L');
    await quiet([a], server);
    const cl = a.store.replica.cl;
    a.drop(1006);
    a.store.createList('not acknowledged');
    server.epoch = 'bbbb';
    server.log.length = 0;
    server.board.h = `bbbb${server.board.seq.toString(16).padStart(12, '0')}`;
    await quiet([a], server);
    assert.notEqual(a.store.replica.cl, cl);
    assert.equal(a.store.drafts.value.length, 1);
    assertConverged([a], server);
    a.store.createList('goes on');
    await quiet([a], server);
    assertConverged([a], server);
});

test('a divergence is healed by a snapshot', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const list = a.store.createList('L');
    await quiet([a], server);
    a.store.replica.board.put(list, undefined);
    server.commit([['set', 'list', list, { name: 'renamed' }]]);
    await quiet([a], server);
    assert.equal(a.env.reports[0]?.what, 'divergence');
    assertConverged([a], server);
});

test('undo takes back, redo does it again, and a stranger\'s change is asked about first', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const { store } = a;
    const [l1, l2] = [store.createList('1'), store.createList('2')];
    const ids = store.createCards(l1, [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    const [x, y, z] = ids as [Id, Id, Id];
    await quiet([a], server);
    store.moveCards([x, z], l2);
    assert.deepEqual(store.cards(l2).value, [x, z]);
    assert.ok(store.undo());
    assert.deepEqual(store.cards(l1).value, [x, y, z]);
    assert.ok(store.redo());
    assert.deepEqual(store.cards(l1).value, [y]);
    await quiet([a], server);
    assert.deepEqual(store.cards(l2).value, [x, z]);
    store.renameCard(y, 'mine');
    await quiet([a], server);
    server.commit([['set', 'card', y, { name: 'theirs' }]]);
    await quiet([a], server);
    assert.equal(store.undo(), false);
    assert.equal(store.notice.value?.kind, 'undo-changed');
    assert.ok(store.undo(true));
    assert.equal(store.card(y).value?.name, 'b');
    store.group('two', () => {
        store.archiveCard(y);
        store.renameList(l1, 'grouped');
    });
    assert.ok(store.undo());
    assert.deepEqual([store.cards(l1).value, store.list(l1).value?.name], [[y], '1']);
    a.drop(1006);
    const never = store.createCard(l1, { name: 'never sent' });
    assert.ok(store.undo());
    assert.equal(store.card(never).value, undefined);
    await quiet([a], server);
    assert.equal(server.board.get(never), undefined);
    assertConverged([a], server);
});

test('what may have been applied is neither merged into nor dropped', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const list = a.store.createList('L');
    await quiet([a], server);
    a.store.renameList(list, 'first');
    await settle();
    for (const { peer, text } of a.outbox.splice(0)) server.receive(peer, text); // it arrives; its event does not
    a.drop(1006);
    a.store.renameList(list, 'second');
    await quiet([a], server);
    assert.equal(server.board.get(list)?.o.name, 'second');
    const card = a.store.createCard(list, { name: 'in flight' });
    await settle();
    for (const { peer, text } of a.outbox.splice(0)) server.receive(peer, text);
    a.drop(1006);
    assert.ok(a.store.undo());
    await quiet([a], server);
    assert.equal(server.board.get(card)?.o.closed, true);
    assertConverged([a], server);
});

test('close codes: stop, back off, come back', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    a.drop(4009);
    assert.deepEqual([a.store.connection.value.state, a.store.connection.value.reason], ['stopped', 'signed-out']);
    const b = await page(server, new FakeBrowser(), 3);
    await quiet([b], server);
    b.drop(4100);
    assert.equal(b.store.connection.value.state, 'connecting');
    const { length } = b.env.sockets;
    await b.env.advanceTo(b.env.nowMs + 999);
    assert.equal(b.env.sockets.length, length);
    await quiet([b], server);
});

test('a connection that only seems alive is noticed in five seconds', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const { length } = a.env.sockets;
    a.store.wake();
    await a.env.advanceTo(a.env.nowMs + 5100);
    assert.notEqual(a.store.connection.value.state, 'live');
    await a.env.advanceTo(a.env.nowMs + 31_000);
    assert.ok(a.env.sockets.length > length);
    await quiet([a], server);
});

/* -- everything at once */

interface World { server: MiniServer; browsers: FakeBrowser[]; pages: Page[]; seed: number; made: Set<Id> }

/** Ids that ops without a verdict, or a draft, are to make. */
function making(ops: readonly Op[]): Id[] {
    return singly(ops).filter((op) => op.op === 'card.create' || op.op === 'list.create').map((op) => (op as { id: Id }).id);
}

function pendingIds({ store }: Page, which: (entry: Entry) => boolean = () => true): Id[] {
    return [...store.replica.pending()].filter(which).flatMap((entry) => making(entry.ops));
}

type Step = (world: World) => Promise<void>;

function pick<T>(list: readonly T[], n: number): T | undefined {
    return list[n % Math.max(1, list.length)];
}

function act({ store }: Page, what: number, x: number, y: number): void {
    const lists = store.lists.peek();
    const cards = store.allCards().map((card) => card.id).sort();
    const list = pick(lists, x);
    const card = pick(cards, y);
    for (const id of cards) store.card(id); // signals that have to follow from here on
    for (const id of lists) store.cards(id);
    if (what === 0 || list === undefined) store.createList(`list ${x}`, x % 2 === 0 ? {} : { after: '' });
    else if (what < 4 || card === undefined) store.createCard(list, { name: `card ${x} ${y}` }, y % 3 === 0 ? { after: '' } : {});
    else if (what < 8) store.moveCard(card, list, { after: pick(cards, x + y) ?? '' });
    else if (what === 8) store.renameCard(card, `name ${x}`);
    else if (what === 9) store.archiveCard(card);
    else if (what === 10) store.deleteCard(card);
    else if (what === 11) store.moveCards(cards.slice(0, 3), list, { pos: 'top' });
    else if (what === 12) store.undo(true);
    else if (what === 13) store.sortList(list, 'name');
    else if (what === 14) store.archiveList(list);
    else store.createCards(list, [{ name: 'p' }, { name: 'q' }]);
}

const num = fc.nat({ max: 15 });
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(num, num, num, num).map(([p, what, x, y]): Step => async ({ pages, made }) => {
        const one = pick(pages, p) as Page;
        const before = pendingIds(one);
        act(one, what, x, y);
        const after = new Set(pendingIds(one));
        for (const id of before) if (!after.has(id)) made.delete(id); // undone before it was sent
        for (const id of after) if (!before.includes(id)) made.add(id);
    }) },
    { weight: 8, arbitrary: fc.tuple(num, num).map(([p, count]): Step => async ({ pages }) => void (await (pick(pages, p) as Page).deliver(1 + (count % 4)))) },
    { weight: 3, arbitrary: fc.tuple(num, num).map(([p, s]): Step => async ({ pages }) => { const one = pick(pages, p) as Page; await one.env.advanceTo(one.env.nowMs + s * 1000); }) },
    { weight: 2, arbitrary: fc.tuple(num, fc.constantFrom(1006, 4200, 4202, 1011)).map(([p, code]): Step => async ({ pages }) => (pick(pages, p) as Page).drop(code)) },
    { weight: 1, arbitrary: num.map((p): Step => async (world) => {
        const index = p % world.pages.length;
        const old = world.pages[index] as Page;
        for (const id of pendingIds(old, (entry) => !entry.stored && !entry.everSent)) world.made.delete(id); // gone with the page before it was written
        const tab = old.leave();
        world.pages[index] = await page(world.server, old.browser, world.seed++, old.env.nowMs, tab, true);
    }) },
    { weight: 1, arbitrary: fc.nat({ max: 3 }).map((keep): Step => async ({ server }) => {
        server.log.splice(0, Math.max(0, server.log.length - keep));
        server.floor = (server.log[0]?.s as number | undefined ?? server.board.seq + 1) - 1;
    }) },
    { weight: 1, arbitrary: num.map((n): Step => async ({ server }) => {
        const cards = server.board.ofKind('card').map((row) => row.o.id).sort();
        const card = pick(cards, n);
        if (card !== undefined) server.commit([['del', 'card', card]]);
    }) },
    { weight: 1, arbitrary: num.map((p): Step => async ({ pages }) => {
        const one = pick(pages, p) as Page;
        for (const peer of one.peers) { // a hole in the stream
            const at = peer.inbox.findIndex((text) => text.startsWith('{"t":"op"'));
            if (at >= 0) peer.inbox.splice(at, 1);
        }
    }) },
    { weight: 1, arbitrary: num.map((p): Step => async ({ pages }) => {
        for (const peer of (pick(pages, p) as Page).peers) { // a join that overlaps: the same event twice
            const again = peer.inbox.find((text) => text.startsWith('{"t":"op",'));
            if (again !== undefined) peer.inbox.splice(peer.inbox.indexOf(again) + 1, 0, again);
        }
    }) },
    { weight: 1, arbitrary: num.map((p): Step => async ({ server, pages }) => (pick(pages, p) as Page).peers.forEach((peer) => server.lag(peer))) },
);

test('whatever breaks, all come to the server\'s state, and every op is done once or is a draft', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70 }), async (steps) => {
        const server = new MiniServer();
        const browsers = [new FakeBrowser(), new FakeBrowser()];
        const pages: Page[] = [];
        for (const [i, browser] of [0, 0, 1].entries()) pages.push(await page(server, browsers[browser], 1 + i, undefined, undefined, true));
        const world: World = { server, browsers, pages, seed: 10, made: new Set() };
        for (const one of steps) {
            await one(world);
            await settle();
        }
        await quiet(world.pages, server);
        assertConverged(world.pages, server);
        for (const one of world.pages) await one.env.advanceTo(one.env.nowMs + 1000);
        for (const browser of browsers) assert.deepEqual(await browser.storage.queue(BOARD), []);
        for (const one of world.pages) assert.deepEqual(one.env.reports.filter((report) => report.what !== 'refused'), []);
        const drafts = (await Promise.all(browsers.map((browser) => browser.storage.drafts(BOARD)))).flat().flatMap((draft) => making(draft.ops));
        for (const id of world.made) assert.ok(server.added.has(id) || drafts.includes(id), `${id} was neither made nor kept`);
    }), { numRuns: Number(process.env.TAVLA_COUNT ?? 60), seed: Number(process.env.TAVLA_SEED ?? 1) });
});

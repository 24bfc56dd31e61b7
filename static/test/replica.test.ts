import assert from 'node:assert/strict';
import test from 'node:test';
import type { Id } from '../src/model/id';
import type { JsonObject } from '../src/model/json';
import { BOARD, MiniServer } from './mini_server';
import { assertConverged, page, quiet } from './page';
import { FakeBrowser, settle } from './pipe_env';

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
    // its n goes on where the first page's ended
    between.store.act('Change list', { op: 'list.set', id: list, softLimit: 3 });
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

test('a change that came while much was waiting is shown, whatever is done next', async () => {
    const server = new MiniServer();
    const a = await page(server);
    await quiet([a], server);
    const list = a.store.createList('L');
    const card = a.store.createCard(list, { name: 'c' });
    const shown = a.store.card(card);
    await quiet([a], server);
    for (let i = 0; i < 100; i++) a.store.createList(`list ${i}`);
    await settle();
    server.commit([['set', 'card', card, { name: 'theirs' }]]);
    a.outbox = []; // still on the way: all of it goes on waiting
    await a.deliver(9);
    assert.equal(a.store.replica.board.get(card)?.o.name, 'theirs');
    assert.equal(shown.value?.name, 'c');
    a.store.replica.look(card);
    assert.equal(shown.value?.name, 'theirs');
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

test('another history makes drafts of what was not acknowledged', async () => {
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

test("undo takes back, redo does again, a stranger's change is asked about", async () => {
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
    assert.equal(store.notices.value.at(-1)?.kind, 'undo-changed');
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
    // it arrives; its event does not
    for (const { peer, text } of a.outbox.splice(0)) server.receive(peer, text);
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
    assert.deepEqual(
        [a.store.connection.value.state, a.store.connection.value.reason],
        ['stopped', 'signed-out'],
    );
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

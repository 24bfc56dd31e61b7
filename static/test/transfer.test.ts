import assert from 'node:assert/strict';
import test from 'node:test';
import type { Result } from '../src/api';
import type { Id } from '../src/model/id';
import { transfer } from '../src/transfer';
import { MiniServer } from './mini_server';
import { type Page, page, quiet } from './page';
import { settle } from './pipe_env';

const ELSEWHERE = { board: 'b'.repeat(24), list: 'c'.repeat(24), place: {} };

async function pageWithCard(server: MiniServer): Promise<{ a: Page; card: Id }> {
    const a = await page(server);
    await quiet([a], server);
    const card = a.store.createCard(a.store.createList('Doing'), { name: 'it moves' });
    await quiet([a], server);
    return { a, card };
}

/** What came of its way back. */
function sendAway({ store }: Page, id: Id): string[] {
    const said: string[] = [];
    const card = store.card(id).peek();
    assert.ok(card !== undefined);
    const tell = (back: Result<true>) => said.push(back.ok ? 'ok' : back.trouble);
    assert.ok(transfer(store, [card], ELSEWHERE, tell));
    return said;
}

test('a card is asked back from the other board once it is known to have left', async () => {
    const server = new MiniServer();
    const { a, card } = await pageWithCard(server);
    const said = sendAway(a, card);
    await settle(); // kept, so it is on its way
    assert.equal(a.store.undo(), false);
    await a.env.advanceTo(a.env.nowMs + 250);
    assert.equal(a.env.requests.length, 0);
    while (a.env.requests.length === 0) {
        await a.deliver(1);
        await a.env.advanceTo(a.env.nowMs + 50);
    }
    const [request] = a.env.requests.splice(0);
    assert.equal(`${request?.method} ${request?.path}`, `PUT /1/cards/${card}`);
    assert.equal(server.board.get(card), undefined);
    request?.answer({ status: 200, text: '{}' });
    await settle();
    assert.deepEqual(said, ['ok']);
});

test('while the server is silent no card is asked back, and it can be tried again', async () => {
    const server = new MiniServer();
    const { a, card } = await pageWithCard(server);
    const said = sendAway(a, card);
    await settle();
    a.store.undo();
    await a.env.advanceTo(a.env.nowMs + 5000);
    assert.deepEqual(said, ['offline']);
    assert.equal(a.env.requests.length, 0);
    assert.equal(a.store.undoLabel.value, 'Move card to another board');
});

test('a card that the server did not let go stays as others made it', async () => {
    const server = new MiniServer();
    const { a, card } = await pageWithCard(server);
    const b = await page(server, undefined, 2);
    await quiet([a, b], server);
    b.store.renameCard(card, 'theirs');
    server.refuses = 'card.transfer';
    const said = sendAway(a, card);
    await quiet([a, b], server);
    a.store.undo();
    await settle();
    assert.deepEqual(said, ['ok']);
    assert.equal(a.env.requests.length, 0);
    assert.equal(a.store.card(card).value?.name, 'theirs');
});

test('a move that was never sent is undone here, and done again', async () => {
    const server = new MiniServer();
    const { a, card } = await pageWithCard(server);
    a.drop(1006);
    sendAway(a, card);
    assert.equal(a.store.card(card).value, undefined);
    assert.equal(a.store.undo(), true);
    assert.equal(a.store.card(card).value?.name, 'it moves');
    a.store.redo();
    assert.equal(a.store.card(card).value, undefined);
    assert.equal(a.env.requests.length, 0);
    await quiet([a], server);
    assert.equal(server.board.get(card), undefined);
});

/** What hangs on a card is fetched while the stream goes on: none may come twice or be missed. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { apply, type Effect } from '../src/model/apply';
import { Board } from '../src/model/board';
import { isArray, type JsonObject } from '../src/model/json';
import { kinds } from '../src/model/kinds';
import { Parts } from '../src/replica/parts';
import { messageOf, type ServerMessage } from '../src/sync/messages';

const CARD = '400000000000000000000000';
const LIST = '500000000000000000000001';
const OTHER = '500000000000000000000002';

/** A board of one card, and what is asked of the server. */
class Stage {
    readonly board = new Board();
    readonly parts = new Parts(this);
    asked = 0;
    live = true;

    constructor(seq: number) {
        const fields = Object.keys(Object.fromEntries(kinds.get('card')?.fields ?? []));
        const card = Object.fromEntries(fields.map((name) => [name, null]));
        this.board.load([['card', { ...card, id: CARD, s: 1, closed: false }]], seq, '');
    }

    getCard(card: string): number | undefined {
        if (!this.live) return undefined;
        this.parts.asking(++this.asked, card);
        return this.asked;
    }

    event(...effects: Effect[]): void {
        this.board.seq += 1;
        apply(this.board, effects, this.board.seq);
        this.parts.event(this.board.seq, effects);
    }

    answer(at: number, ...ids: string[]): void {
        const parts = ids.map((id) => ['checklist', { id, idCard: CARD, name: id, pos: 1, s: at }]);
        const card = { desc: '' };
        const text = JSON.stringify({ t: 'card', id: this.asked, at, card, parts });
        this.parts.answer(messageOf(text) as Extract<ServerMessage, { t: 'card' }>);
    }

    held(): string[] {
        const { rows } = this.board.parts([CARD]);
        return rows.map(([, o]) => o.id).sort();
    }
}

function checklist(id: string): Effect {
    const fields: JsonObject = { idCard: CARD, name: id, pos: 1 };
    const effect = ['add', 'checklist', id, fields];
    assert.ok(isArray(effect));
    return effect as unknown as Effect;
}

test('what happened between the question and its answer is done again on the answer', () => {
    const stage = new Stage(10);
    stage.parts.want(CARD);
    stage.event(checklist(OTHER));
    stage.answer(10, LIST);
    assert.deepEqual(stage.held(), [LIST, OTHER]);
});

test('what comes before the answer is seen at once, and once with it', () => {
    const stage = new Stage(10);
    stage.event(checklist('500000000000000000000003')); // nobody looks yet
    const seen = () => stage.board.on(CARD).map(({ o }) => o.id);
    assert.deepEqual(seen(), []);
    stage.parts.want(CARD);
    stage.event(checklist(OTHER));
    assert.deepEqual(seen(), [OTHER]);
    stage.parts.forget(); // the connection went, and with it the question
    stage.event(['set', 'checklist', OTHER, { name: 'Tools' }]);
    stage.parts.askWanted();
    stage.answer(12, LIST, OTHER);
    assert.deepEqual(seen().sort(), [LIST, OTHER]);
    stage.event(['del', 'checklist', OTHER]);
    assert.deepEqual(seen(), [LIST]);
});

test('what the answer has already is not done again', () => {
    const stage = new Stage(10);
    stage.parts.want(CARD);
    stage.event(checklist(OTHER));
    stage.answer(11, LIST, OTHER);
    assert.deepEqual(stage.held(), [LIST, OTHER]);
});

test('an answer from ahead of the stream is asked for again where the stream goes on', () => {
    const stage = new Stage(10);
    stage.parts.want(CARD);
    stage.live = false; // the stream is asked for again
    stage.answer(12, LIST, OTHER);
    assert.deepEqual(stage.held(), []);
    stage.event(checklist(LIST));
    stage.event(checklist(OTHER));
    stage.live = true;
    stage.parts.askWanted();
    stage.answer(12, LIST, OTHER);
    assert.deepEqual(stage.held(), [LIST, OTHER]);
});

test('an answer from before a snapshot is asked for again', () => {
    const stage = new Stage(10);
    stage.parts.want(CARD);
    stage.parts.lose(12);
    stage.board.seq = 12;
    stage.answer(10, LIST);
    assert.deepEqual(stage.held(), []);
    assert.equal(stage.asked, 2);
    stage.answer(12, LIST, OTHER);
    assert.deepEqual(stage.held(), [LIST, OTHER]);
});

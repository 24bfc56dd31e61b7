/** Texts that several people change at once: what deltas mean, and a queue of them over a network
 * that breaks at every moment. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Id } from '../src/model/id';
import type { JsonObject } from '../src/model/json';
import { type Delta, deltaApply, deltaDiff, deltaOf } from '../src/model/text';
import { deltaCompose, deltaTransform } from '../src/model/text_transform';
import { Outbox } from '../src/outbox/outbox';
import { memoryStorage } from '../src/outbox/storage';
import { EditedText, edited } from '../src/views/edited_text';
import { BOARD, MiniServer } from './mini_server';
import { type Page, page, quiet } from './page';
import { FakeBrowser, settle } from './pipe_env';
import { vectors } from './vectors';

interface TransformVector {
    delta: Delta;
    over: Delta;
    first: Delta;
    second: Delta;
}

test('deltas are moved past each other as by the server', () => {
    for (const { delta, over, first, second } of vectors<TransformVector>('text_transform.json')) {
        assert.deepEqual(deltaTransform(delta, over, true), first);
        assert.deepEqual(deltaTransform(delta, over, false), second);
    }
});

test('two deltas become one as by the server', () => {
    for (const vector of vectors<{ delta: Delta; then: Delta; both: Delta | null }>(
        'text_compose.json',
    ))
        assert.deepEqual(deltaCompose(vector.delta, vector.then) ?? null, vector.both);
});

/* -- properties */

const letters = ['a', 'b', 'c', ' ', '\u00e9', '\u20ac', '\ud83c\udf89', '\ud83c\udf88'];
const unit = fc.constantFrom(...letters);
const words = fc.array(unit, { maxLength: 12 });
const cuts = fc.array(
    fc.record({
        keep: fc.nat({ max: 3 }),
        gone: fc.nat({ max: 2 }),
        come: fc.array(unit, { maxLength: 2 }),
    }),
    { maxLength: 6 },
);
type Cuts = { keep: number; gone: number; come: string[] }[];

/** A delta on this text, made of whole characters; how it is made canonical is compose's work. */
function deltaFrom(text: readonly string[], list: Cuts): Delta {
    let delta: Delta = [];
    let at = 0;
    let shift = 0;
    for (const { keep, gone, come } of list) {
        const units = (from: number, count: number) =>
            text.slice(from, from + count).join('').length;
        const before = units(0, at) + shift + units(at, keep);
        at = Math.min(text.length, at + keep);
        const lost = units(at, gone);
        at = Math.min(text.length, at + gone);
        const insert = come.join('');
        const part: (number | string)[] = before > 0 ? [before] : [];
        if (insert !== '') part.push(insert);
        if (lost > 0) part.push(-lost);
        if (insert === '' && lost === 0) continue;
        delta = deltaCompose(delta, part) as Delta;
        shift += insert.length - lost;
    }
    return delta;
}

function applied(text: string, delta: Delta): string {
    assert.deepEqual(deltaOf(delta as never), delta, 'canonical');
    const after = deltaApply(text, delta);
    assert.ok(after !== undefined, `${JSON.stringify(delta)} on ${text}`);
    return after;
}

test('two sides come to one text', () => {
    fc.assert(
        fc.property(words, cuts, cuts, (text, x, y) => {
            const [a, b] = [deltaFrom(text, x), deltaFrom(text, y)];
            const whole = text.join('');
            assert.equal(
                applied(applied(whole, a), deltaTransform(b, a, false)),
                applied(applied(whole, b), deltaTransform(a, b, true)),
            );
        }),
        { numRuns: 3000 },
    );
});

test('a composition is one after the other', () => {
    fc.assert(
        fc.property(words, cuts, cuts, (text, x, y) => {
            const whole = text.join('');
            const a = deltaFrom(text, x);
            const then = applied(whole, a);
            const b = deltaFrom([...then], y);
            assert.equal(applied(whole, deltaCompose(a, b) as Delta), applied(then, b));
        }),
        { numRuns: 3000 },
    );
});

/* -- editors */

/** What an open editor is to the store. */
class Writer {
    text: string;
    private readonly stop: () => void;

    constructor(
        readonly page: Page,
        readonly card: Id,
    ) {
        const followed = page.store.follow(card, (delta) => {
            this.text = applied(this.text, delta);
        });
        this.text = followed.text;
        this.stop = () => followed.stop();
    }

    type(at: number, gone: number, come: string): void {
        const after = this.text.slice(0, at) + come + this.text.slice(at + gone);
        const delta = deltaDiff(this.text, after);
        if (delta.length === 0) return;
        this.text = after;
        assert.ok(this.page.store.edit(this.card, delta));
    }

    close(): void {
        this.stop();
    }
}

async function opened(
    server: MiniServer,
    pages: Page[],
    desc = '',
): Promise<{ card: Id; writers: Writer[] }> {
    const [first] = pages as [Page];
    await quiet(pages, server);
    const list = first.store.createList('L');
    const card = first.store.createCard(list, { name: 'c', desc });
    await quiet(pages, server);
    for (const one of pages) void one.store.text(card).value;
    await quiet(pages, server);
    return { card, writers: pages.map((one) => new Writer(one, card)) };
}

async function twoPages(): Promise<{ server: MiniServer; a: Page; b: Page }> {
    const server = new MiniServer();
    const a = await page(server);
    const b = await page(server, new FakeBrowser(), 2);
    return { server, a, b };
}

/** A card was gone when its text was asked for. */
function isError(report: unknown): boolean {
    return (report as { what: string }).what === 'error';
}

function reported(pages: readonly Page[]): unknown[] {
    return pages.flatMap((one) => one.env.reports.filter(({ what }) => what !== 'refused'));
}

test('two type in one text, and every editor shows both', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one two');
    const [x, y] = writers as [Writer, Writer];
    x.type(0, 0, 'zero ');
    y.type(7, 0, ' three');
    y.type(13, 0, '!');
    x.type(5, 3, '1');
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'zero 1 two three!');
    assert.deepEqual([x.text, y.text], ['zero 1 two three!', 'zero 1 two three!']);
    assert.equal(a.store.text(card).value, 'zero 1 two three!');
    assert.deepEqual(reported([a, b]), []);
});

test('what is typed before the text is there is shown once', async () => {
    const { server, a, b } = await twoPages();
    const { card } = await opened(server, [a], 'one');
    const early = new Writer(b, card); // nobody asked for the text yet
    assert.equal(early.text, '');
    early.type(0, 0, 'early ');
    void b.store.text(card).value;
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'early one');
    assert.equal(early.text, 'early one');
});

test('half a character becomes one that can be sent, in the editor, too', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one');
    const [x] = writers as [Writer];
    x.type(3, 0, ' \ud83c and \ud83c\udf89');
    a.store.renameCard(card, '\udf89 party');
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'one \ufffd and \ud83c\udf89');
    assert.equal(x.text, server.texts.get(card));
    assert.equal(b.store.card(card).value?.name, '\ufffd party');
});

test('at one spot, what was sequenced first stands left', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one two');
    const [x, y] = writers as [Writer, Writer];
    a.drop(1006);
    x.type(3, 0, ' later');
    y.type(3, 0, ' first');
    await quiet([b], server);
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'one first later two');
    assert.deepEqual([x.text, y.text], ['one first later two', 'one first later two']);
    assert.deepEqual(reported([a, b]), []);
});

test('what is typed offline is merged on return, after a reload, too', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'middle');
    const [x, y] = writers as [Writer, Writer];
    x.type(6, 0, ' end');
    await settle();
    for (const { peer, text } of a.outbox.splice(0)) server.receive(peer, text);
    a.drop(1006); // applied, and not told so
    x.type(10, 0, '.');
    y.type(0, 0, 'begin ');
    await quiet([b], server);
    await settle();
    const again = await page(server, a.browser, 5, a.env.nowMs, a.leave());
    await quiet([again, b], server);
    assert.equal(server.texts.get(card), 'begin middle end.');
    assert.equal(y.text, 'begin middle end.');
    assert.deepEqual(reported([again, b]), []);
});

test('behind a snapshot unsent text goes on by the difference', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one two three');
    const [x, y] = writers as [Writer, Writer];
    a.drop(1006);
    x.type(3, 0, ' and a half');
    y.type(8, 5, '3');
    y.type(8, 0, 'or ');
    await quiet([b], server);
    server.log.length = 0;
    server.floor = server.textFloor = server.board.seq;
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'one and a half two or 3');
    assert.deepEqual([x.text, y.text], ['one and a half two or 3', 'one and a half two or 3']);
});

test('what is typed offline is merged when another tab kept a newer board', async () => {
    const { server, a, b } = await twoPages();
    const tab = await page(server, a.browser, 3);
    const { card, writers } = await opened(server, [a, b, tab], 'one two three');
    const [x, y] = writers as [Writer, Writer];
    a.drop(1006);
    x.type(8, 5, '3');
    y.type(0, 0, 'zero ');
    await quiet([b, tab], server);
    tab.leave();
    await settle();
    const again = await page(server, a.browser, 5, a.env.nowMs, a.leave());
    assert.equal(again.store.text(card).value, 'one two 3');
    await quiet([again, b], server);
    assert.equal(server.texts.get(card), 'zero one two 3');
    assert.equal(again.store.text(card).value, 'zero one two 3');
    assert.equal(y.text, 'zero one two 3');
    assert.deepEqual(reported([again, b]), []);
});

test('what is typed in a text that is behind a snapshot survives a reload', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one two three');
    const [x, y] = writers as [Writer, Writer];
    a.drop(1006);
    y.type(0, 0, 'zero ');
    await quiet([b], server);
    server.log.length = 0;
    server.floor = server.textFloor = server.board.seq;
    for (let round = 0; a.store.hook.pos()[0] !== server.board.seq; round++) {
        assert.ok(round < 400);
        await a.deliver(1);
        await a.env.advanceTo(a.env.nowMs + 200);
    }
    x.type(8, 5, '3');
    await settle();
    const again = await page(server, a.browser, 5, a.env.nowMs, a.leave());
    assert.equal(again.store.text(card).value, 'one two 3');
    await quiet([again, b], server);
    assert.equal(server.texts.get(card), 'zero one two 3');
    assert.equal(again.store.text(card).value, 'zero one two 3');
    assert.deepEqual(reported([again, b]), []);
});

test('what a closed tab left is moved by what it missed, or is a draft', async () => {
    for (const isGone of [false, true]) {
        const { server, a, b } = await twoPages();
        const tab = await page(server, a.browser, 3);
        const { card, writers } = await opened(server, [a, b, tab], 'one two three');
        const [x, y] = writers as [Writer, Writer];
        a.drop(1006);
        x.type(8, 5, '3');
        if (isGone) server.commit([['del', 'card', card]]);
        else y.type(0, 0, 'zero ');
        await quiet([b, tab], server);
        a.leave();
        tab.drop(1006);
        await quiet([b, tab], server); // adopts it
        assert.equal(tab.store.saved.value.waiting, 0);
        const drafts = tab.store.drafts.value.flatMap(({ ops }) => ops as unknown as JsonObject[]);
        if (isGone) assert.deepEqual(drafts.map((op) => op.text), ['one two 3']);
        else assert.equal(server.texts.get(card), 'zero one two 3');
        assert.deepEqual(reported([b, tab]).filter((one) => !isGone || !isError(one)), []);
    }
});

test('an op whose text cannot be fetched says that it may go', () => {
    let told = 0;
    const outbox = new Outbox({
        board: BOARD,
        cl: 'c',
        storage: memoryStorage(),
        now: () => 0,
        draftId: () => 'd',
        changed: () => told++,
    });
    const id = 'a'.repeat(24) as Id;
    const ops = [{ op: 'text', kind: 'card', id, field: 'desc', delta: ['x'] } as const];
    outbox.restore([{ board: BOARD, cl: 'c', n: 1, base: 5, ops, madeMs: 0, was: '' }], 1);
    outbox.doubt(9, () => 'else');
    assert.deepEqual(outbox.take(9), []);
    outbox.release(id);
    assert.equal(told, 1);
    assert.equal(outbox.take(9).length, 1);
});

test('what was sent a month ago is not sent again: the server may have forgotten it', () => {
    const day = 86_400_000;
    const outbox = new Outbox({
        board: BOARD,
        cl: 'c',
        storage: memoryStorage(),
        now: () => 40 * day,
        draftId: () => 'd',
        changed: () => undefined,
    });
    const ops = [{ op: 'board.set', id: BOARD, name: 'x' } as const];
    const row = { board: BOARD, cl: 'c', base: 5, ops };
    const made = [5, 10, 20].map((days, i) => ({ ...row, n: i + 1, madeMs: days * day }));
    outbox.restore(made, 3);
    const drafts = outbox.judged(1, [], 7);
    assert.deepEqual(
        drafts.map(({ why, madeMs }) => [why, madeMs / day]),
        [['old', 10]],
    );
    assert.deepEqual(
        outbox.take(7).map(({ n }) => n),
        [3],
    );
    assert.equal(outbox.find(1)?.appliedAt, 7);
});

test('a base that the server forgot is not the end of what was typed', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'x');
    const [x] = writers as [Writer];
    x.type(1, 0, 'y');
    await settle();
    server.textFloor = server.board.seq + 1;
    const sent = a.outbox.splice(0);
    x.type(2, 0, 'z');
    for (const { peer, text } of sent) server.receive(peer, text);
    server.textFloor = 0;
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), 'xyz');
    assert.equal(a.store.drafts.value.length, 0);
});

test('what was typed in a deleted card is a draft, whole', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'a poem');
    const [x] = writers as [Writer];
    a.drop(1006);
    x.type(6, 0, ' about');
    await settle();
    x.type(12, 0, ' cats');
    server.commit([['del', 'card', card]]);
    await quiet([a, b], server);
    const ops = a.store.drafts.value.flatMap((draft) => draft.ops as unknown as JsonObject[]);
    assert.deepEqual(
        ops.map((op) => op.text),
        ['a poem about cats'],
    );
});

test('a whole text is sent as its difference; undo takes back a session', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'one two');
    const [x, y] = writers as [Writer, Writer];
    x.close();
    a.drop(1006);
    a.store.setText(card, 'one 2');
    y.type(0, 3, '1');
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), '1 2');
    const w = new Writer(a, card);
    w.type(3, 0, ' three');
    w.type(9, 0, ' four');
    w.close();
    edited(a.store, card, '1 2');
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), '1 2 three four');
    assert.ok(a.store.undo());
    await quiet([a, b], server);
    assert.equal(server.texts.get(card), '1 2');
    assert.ok(a.store.redo());
    await quiet([a, b], server);
    assert.equal(y.text, '1 2 three four');
    y.type(0, 0, '0 ');
    await quiet([a, b], server);
    assert.equal(a.store.undo(), false);
    assert.equal(a.store.notices.value.at(-1)?.kind, 'undo-changed');
});

test('a text that is not the one the server has is noticed and fetched', async () => {
    const { server, a, b } = await twoPages();
    const { card, writers } = await opened(server, [a, b], 'long enough');
    const [x, y] = writers as [Writer, Writer];
    server.texts.set(card, 'short');
    b.drop(1006);
    x.type(0, 0, '! ');
    await quiet([a, b], server);
    server.texts.set(card, 'other');
    server.commit([['txt', 'card', card, 'desc', [5, ' words']]]);
    await quiet([a, b], server);
    assert.equal(x.text, a.store.text(card).value);
    assert.equal(y.text, b.store.text(card).value);
});

test('an editor shares what it may, and knows what the text was without it', () => {
    const sent: Delta[] = [];
    const edited = new EditedText('one', (delta) => sent.push(delta));
    edited.typed('one \ud83c');
    assert.deepEqual(sent, []);
    assert.deepEqual(edited.changed(['zero '], 'one \ud83c'), ['zero ']);
    edited.typed('zero one \ud83c\udf89');
    assert.deepEqual(sent.pop(), [8, ' \ud83c\udf89']);
    edited.typed('zero one \ud83c\udf88', [10, '\udf88', -1]); // cuts a pair
    assert.deepEqual(sent.pop(), [9, '\ud83c\udf88', -2]);
    edited.hold([4, '!']);
    edited.hold([5, '?']);
    assert.deepEqual(edited.release('zero and one \ud83c\udf88'), [4, '!?']);
    edited.typed('zero!? and one \ud83c\udf88');
    assert.deepEqual(sent.pop(), [7, 'and ']);
    assert.equal(edited.before(), 'zero!? one');
});

/* -- everything at once */

interface World {
    server: MiniServer;
    browsers: FakeBrowser[];
    writers: Writer[];
    card: Id;
    seed: number;
    typed: string[];
    taken: string; // every text that someone deleted
}

type Step = (world: World) => Promise<void> | void;
const num = fc.nat({ max: 20 });

function pick(world: World, n: number): Writer {
    return world.writers[n % world.writers.length] as Writer;
}

const step: fc.Arbitrary<Step> = fc.oneof(
    {
        weight: 8,
        arbitrary: fc.tuple(num, num, num).map(([p, at, gone]): Step => (world) => {
            const writer = pick(world, p);
            const from = Math.min(at * 4, writer.text.length - (writer.text.length % 4));
            if (gone < 3) {
                world.taken += ` ${writer.text.slice(from, from + 4 * gone)} `;
                writer.type(from, 4 * gone, '');
            } else {
                const word = `<${String(world.typed.length).padStart(2, '0')}>`;
                world.typed.push(word);
                writer.type(from, 0, word);
            }
        }),
    },
    {
        weight: 8,
        arbitrary: fc
            .tuple(num, num)
            .map(
                ([p, n]): Step =>
                    async (world) =>
                        void (await pick(world, p).page.deliver(1 + (n % 3))),
            ),
    },
    {
        weight: 2,
        arbitrary: fc.tuple(num, num).map(([p, s]): Step => async (world) => {
            const { env } = pick(world, p).page;
            await env.advanceTo(env.nowMs + s * 1000);
        }),
    },
    {
        weight: 2,
        arbitrary: num.map((p): Step => (world) => pick(world, p).page.drop(1006)),
    },
    {
        weight: 1,
        arbitrary: fc.nat({ max: 2 }).map((keep): Step => ({ server }) => {
            server.log.splice(0, Math.max(0, server.log.length - keep));
            server.floor = ((server.log[0]?.s as number | undefined) ?? server.board.seq + 1) - 1;
            server.textFloor = server.board.seq;
        }),
    },
    {
        weight: 1,
        arbitrary: num.map((p): Step => (world) => {
            const { page: one } = pick(world, p);
            one.peers.forEach((peer) => world.server.lag(peer));
        }),
    },
);

test('whatever breaks, all show one text, and nothing typed is lost', async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
            const server = new MiniServer();
            const browsers = [new FakeBrowser(), new FakeBrowser(), new FakeBrowser()];
            const pages: Page[] = [];
            for (const [i, browser] of browsers.entries())
                pages.push(await page(server, browser, 1 + i, undefined, undefined, true));
            const { card, writers } = await opened(server, pages);
            const world: World = { server, browsers, writers, card, seed: 9, typed: [], taken: '' };
            for (const one of steps) {
                await one(world);
                await settle();
            }
            await quiet(pages, server);
            const text = server.texts.get(card) as string;
            for (const writer of writers) {
                assert.equal(writer.text, text);
                assert.equal(writer.page.store.text(card).value, text);
                assert.equal(writer.page.store.drafts.value.length, 0);
            }
            for (const word of world.typed)
                assert.ok(text.includes(word) || world.taken.includes(word[1] as string), word);
            assert.deepEqual(reported(pages), []);
            assert.equal(server.board.get(BOARD)?.kind, 'board');
        }),
        {
            numRuns: Number(process.env.TAVLA_COUNT ?? 100),
            seed: Number(process.env.TAVLA_SEED ?? 1),
        },
    );
});

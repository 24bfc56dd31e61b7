/** Everything at once: several pages, and a network that breaks at every moment. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Id } from '../src/model/id';
import type { Op } from '../src/model/ops';
import { singly } from '../src/model/preview';
import type { Entry } from '../src/outbox/outbox';
import { BOARD, MiniServer } from './mini_server';
import { assertConverged, type Page, page, quiet } from './page';
import { FakeBrowser, settle } from './pipe_env';

interface World {
    server: MiniServer;
    browsers: FakeBrowser[];
    pages: Page[];
    seed: number;
    made: Set<Id>;
}

/** Ids that ops without a verdict, or a draft, are to make. */
function making(ops: readonly Op[]): Id[] {
    return singly(ops)
        .filter((op) => op.op === 'card.create' || op.op === 'list.create')
        .map((op) => (op as { id: Id }).id);
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
    const cards = store
        .allCards()
        .map((card) => card.id)
        .sort();
    const list = pick(lists, x);
    const card = pick(cards, y);
    for (const id of cards) store.card(id); // signals that have to follow from here on
    for (const id of lists) store.cards(id);
    if (what === 0 || list === undefined)
        store.createList(`list ${x}`, x % 2 === 0 ? {} : { after: '' });
    else if (what < 4 || card === undefined)
        store.createCard(list, { name: `card ${x} ${y}` }, y % 3 === 0 ? { after: '' } : {});
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
    {
        weight: 8,
        arbitrary: fc
            .tuple(num, num, num, num)
            .map(([p, what, x, y]): Step => async ({ pages, made }) => {
                const one = pick(pages, p) as Page;
                const before = pendingIds(one);
                act(one, what, x, y);
                const after = new Set(pendingIds(one));
                // undone before it was sent
                for (const id of before) if (!after.has(id)) made.delete(id);
                for (const id of after) if (!before.includes(id)) made.add(id);
            }),
    },
    {
        weight: 8,
        arbitrary: fc.tuple(num, num).map(
            ([p, count]): Step =>
                async ({ pages }) =>
                    void (await (pick(pages, p) as Page).deliver(1 + (count % 4))),
        ),
    },
    {
        weight: 3,
        arbitrary: fc.tuple(num, num).map(([p, s]): Step => async ({ pages }) => {
            const one = pick(pages, p) as Page;
            await one.env.advanceTo(one.env.nowMs + s * 1000);
        }),
    },
    {
        weight: 2,
        arbitrary: fc.tuple(num, fc.constantFrom(1006, 4200, 4202, 1011)).map(
            ([p, code]): Step =>
                async ({ pages }) =>
                    (pick(pages, p) as Page).drop(code),
        ),
    },
    {
        weight: 1,
        arbitrary: num.map((p): Step => async (world) => {
            const index = p % world.pages.length;
            const old = world.pages[index] as Page;
            // gone with the page before it was written
            for (const id of pendingIds(old, (entry) => !entry.stored && !entry.everSent))
                world.made.delete(id);
            const tab = old.leave();
            world.pages[index] = await page(
                world.server,
                old.browser,
                world.seed++,
                old.env.nowMs,
                tab,
                true,
            );
        }),
    },
    {
        weight: 1,
        arbitrary: fc.nat({ max: 3 }).map((keep): Step => async ({ server }) => {
            server.log.splice(0, Math.max(0, server.log.length - keep));
            server.textFloor = server.board.seq;
            server.floor = ((server.log[0]?.s as number | undefined) ?? server.board.seq + 1) - 1;
        }),
    },
    {
        weight: 1,
        arbitrary: num.map((n): Step => async ({ server }) => {
            const cards = server.board
                .ofKind('card')
                .map((row) => row.o.id)
                .sort();
            const card = pick(cards, n);
            if (card !== undefined) server.commit([['del', 'card', card]]);
        }),
    },
    {
        weight: 1,
        arbitrary: num.map((p): Step => async ({ pages }) => {
            const one = pick(pages, p) as Page;
            for (const peer of one.peers) {
                // a hole in the stream
                const at = peer.inbox.findIndex((text) => text.startsWith('{"t":"op"'));
                if (at >= 0) peer.inbox.splice(at, 1);
            }
        }),
    },
    {
        weight: 1,
        arbitrary: num.map((p): Step => async ({ pages }) => {
            // a join that overlaps: the same event twice
            for (const peer of (pick(pages, p) as Page).peers) {
                const again = peer.inbox.find((text) => text.startsWith('{"t":"op",'));
                if (again !== undefined) peer.inbox.splice(peer.inbox.indexOf(again) + 1, 0, again);
            }
        }),
    },
    {
        weight: 1,
        arbitrary: num.map(
            (p): Step =>
                async ({ server, pages }) =>
                    (pick(pages, p) as Page).peers.forEach((peer) => server.lag(peer)),
        ),
    },
);

test('whatever breaks, all agree, and every op is done once or is a draft', async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 70 }), async (steps) => {
            const server = new MiniServer();
            const browsers = [new FakeBrowser(), new FakeBrowser()];
            const pages: Page[] = [];
            for (const [i, browser] of [0, 0, 1].entries())
                pages.push(
                    await page(server, browsers[browser], 1 + i, undefined, undefined, true),
                );
            const world: World = { server, browsers, pages, seed: 10, made: new Set() };
            for (const one of steps) {
                await one(world);
                await settle();
            }
            await quiet(world.pages, server);
            assertConverged(world.pages, server);
            for (const one of world.pages) await one.env.advanceTo(one.env.nowMs + 1000);
            for (const browser of browsers)
                assert.deepEqual(await browser.storage.queue(BOARD), []);
            for (const one of world.pages)
                assert.deepEqual(
                    one.env.reports.filter((report) => report.what !== 'refused'),
                    [],
                );
            const drafts = (
                await Promise.all(browsers.map((browser) => browser.storage.drafts(BOARD)))
            )
                .flat()
                .flatMap((draft) => making(draft.ops));
            for (const id of world.made)
                assert.ok(
                    server.added.has(id) || drafts.includes(id),
                    `${id} was neither made nor kept`,
                );
        }),
        {
            numRuns: Number(process.env.TAVLA_COUNT ?? 60),
            seed: Number(process.env.TAVLA_SEED ?? 1),
        },
    );
});

/** history.tsx - the board as it was: a slider over every event that is kept, the lists and cards
 * of that moment, read-only, and a way back for each card; beside it what happened, in words. */
import { effect, useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Past, pastOf } from '../activity';
import type { Id } from '../model/id';
import { equal, type JsonObject } from '../model/json';
import { type Card, entityOf, type Label, type List } from '../model/kinds';
import type { Store } from '../store';
import type { CardFields } from '../store_types';
import { outOfArchive } from '../transfer';
import { Activity, takeBack } from './activity';
import { canEdit } from './actions';
import { Icon } from './icons';
import { colorClass, labelTitle } from './labels';
import { Modal } from './modal';
import { momentOf } from './moments';
import { toast } from './ui';

const SETTLE_MS = 120; // of the slider, before it is asked
const TEXT_MS = 5000;

interface Scene {
    readonly lists: readonly { readonly list: List; readonly cards: readonly Card[] }[];
    readonly labels: ReadonlyMap<Id, Label>;
}

function byPlace(a: List | Card, b: List | Card): number {
    return a.pos - b.pos || (a.id < b.id ? -1 : 1);
}

function sceneOf(past: Past): Scene {
    const of = <T,>(kind: string): T[] =>
        past.snapshot.objects
            .filter(([name]) => name === kind)
            .map(([name, o]) => entityOf(name, o.id, o.s, o) as JsonObject as T);
    const cards = of<Card>('card').filter((card) => !card.closed);
    return {
        lists: of<List>('list')
            .filter((list) => !list.closed)
            .sort(byPlace)
            .map((list) => ({
                list,
                cards: cards.filter((card) => card.idList === list.id).sort(byPlace),
            })),
        labels: new Map(of<Label>('label').map((label) => [label.id, label])),
    };
}

const restorable = [
    'name',
    'due',
    'dueComplete',
    'dueReminder',
    'start',
    'cover',
    'isTemplate',
    'cardRole',
    'address',
    'locationName',
    'coordinates',
] as const satisfies readonly (keyof CardFields)[];

/** How a card of the past differs from the one there is. touched: in what is not seen here, its
 * description perhaps. */
function difference(store: Store, was: Card): 'gone' | 'changed' | 'touched' | 'same' {
    const now = store.card(was.id).value;
    if (now === undefined) return 'gone';
    if (now.s === was.s) return 'same';
    const moved = now.idList !== was.idList || now.closed !== was.closed;
    const tagged = !equal(now.idLabels, was.idLabels) || !equal(now.idMembers, was.idMembers);
    return moved || tagged || restorable.some((field) => !equal(now[field], was[field]))
        ? 'changed'
        : 'touched';
}

/** The description as it is now, once it is here; undefined: it does not come. */
function textNow(store: Store, id: Id): Promise<string | undefined> {
    const text = store.text(id);
    return new Promise((done) => {
        const late = setTimeout(() => done(undefined), TEXT_MS);
        const stop = effect(() => {
            if (text.value === undefined) return;
            clearTimeout(late);
            done(text.value);
            queueMicrotask(() => stop());
        });
    });
}

/** As it was, where that is still possible: by ordinary changes of one's own, with one undo. */
async function putBack(store: Store, was: Card, desc: string | undefined): Promise<void> {
    const text = await textNow(store, was.id);
    const now = store.peekCard(was.id);
    if (now === undefined) return;
    const fields = Object.fromEntries(
        restorable.filter((field) => !equal(now[field], was[field])).map((f) => [f, was[f]]),
    ) as CardFields;
    const list = store.list(was.idList).peek();
    store.group('Restore card', () => {
        if (now.closed) outOfArchive(store, was.id);
        if (Object.keys(fields).length > 0) store.setCard(was.id, fields);
        if (desc !== undefined && text !== undefined && text !== desc)
            store.setText(was.id, desc);
        if (now.idList !== was.idList && list?.closed === false)
            store.moveCard(was.id, was.idList);
        for (const id of new Set([...now.idLabels, ...was.idLabels]))
            if (now.idLabels.includes(id) !== was.idLabels.includes(id) && store.label(id).peek())
                store.setCardLabel(was.id, id, was.idLabels.includes(id));
        const here = new Set(store.members.peek().map((member) => member.idMember));
        for (const id of new Set([...now.idMembers, ...was.idMembers]))
            if (now.idMembers.includes(id) !== was.idMembers.includes(id) && here.has(id))
                store.setCardMember(was.id, id, was.idMembers.includes(id));
    });
    toast('The card is as it was.');
}

function PastCard({
    store,
    card,
    labels,
    seq,
}: {
    store: Store;
    card: Card;
    labels: Scene['labels'];
    seq: number;
}): JSX.Element {
    const how = difference(store, card);
    const busy = useSignal(false);
    const restore = async () => {
        busy.value = true;
        if (how === 'gone') {
            await takeBack(store, { id: card.id }, 'The card is there again.');
        } else {
            const answer = await pastOf(store.env, store.id, seq, card.id);
            if (answer.ok) await putBack(store, card, answer.value.desc);
            else toast('That needs the server, which does not answer.');
        }
        busy.value = false;
    };
    return (
        <li class={`past-card ${how}`}>
            <span class="past-labels">
                {card.idLabels.map((id) => {
                    const label = labels.get(id);
                    return (
                        label && (
                            <i
                                key={id}
                                class={colorClass(label.color)}
                                title={labelTitle(label)}
                            />
                        )
                    );
                })}
            </span>
            {card.name}
            {how !== 'same' && canEdit(store) && (
                <button
                    disabled={busy.value}
                    aria-label={`Restore ${card.name}`}
                    onClick={() => void restore()}
                >
                    {how === 'gone' ? 'Bring back' : 'Restore'}
                </button>
            )}
        </li>
    );
}

function PastBoard({ store, past }: { store: Store; past: Past }): JSX.Element {
    const scene = sceneOf(past);
    return (
        <div class="past-board" tabIndex={0} aria-label="The board as it was">
            {scene.lists.length === 0 && <p class="quiet">There was no list yet.</p>}
            {scene.lists.map(({ list, cards }) => (
                <section key={list.id} aria-label={list.name}>
                    <h3>
                        {list.name} <small>{cards.length}</small>
                    </h3>
                    <ul>
                        {cards.map((card) => (
                            <PastCard
                                key={card.id}
                                store={store}
                                card={card}
                                labels={scene.labels}
                                seq={past.snapshot.pos[0]}
                            />
                        ))}
                    </ul>
                </section>
            ))}
        </div>
    );
}

export function History({ store }: { store: Store }): JSX.Element {
    const wanted = useSignal(store.seq.peek());
    const past = useSignal<Past | undefined>(undefined);
    const trouble = useSignal('');
    const seq = wanted.value;
    useEffect(() => {
        let current = true;
        const timer = setTimeout(
            async () => {
                const answer = await pastOf(store.env, store.id, seq);
                if (!current) return;
                trouble.value = answer.ok ? '' : answer.text;
                if (answer.ok) past.value = answer.value;
            },
            past.peek() === undefined ? 0 : SETTLE_MS,
        );
        return () => {
            current = false;
            clearTimeout(timer);
        };
    }, [seq]);
    const when = useComputed(() => {
        const shown = past.value;
        if (shown === undefined) return '';
        if (shown.ts === undefined) return 'the beginning';
        return momentOf(new Date(shown.ts).toISOString());
    });
    const floor = past.value?.floor ?? 0;
    const head = Math.max(past.value?.head ?? 0, store.seq.value, seq);
    const to = (next: number) => {
        wanted.value = Math.max(floor, Math.min(head, next));
    };
    return (
        <Modal title="Activity and history" kind="panel history">
            <div class="row when">
                <button
                    aria-label="One change back"
                    disabled={seq <= floor}
                    onClick={() => to(seq - 1)}
                >
                    <Icon name="back" />
                </button>
                <input
                    type="range"
                    class="grow"
                    aria-label="Moment"
                    aria-valuetext={when.value}
                    min={floor}
                    max={head}
                    value={seq}
                    onInput={(event) => to(Number(event.currentTarget.value))}
                />
                <button
                    aria-label="One change on"
                    disabled={seq >= head}
                    onClick={() => to(seq + 1)}
                >
                    <Icon name="arrow" />
                </button>
                <output>{seq >= head ? `now, ${when.value}` : when.value}</output>
            </div>
            {trouble.value !== '' && (
                <p class="quiet" role="status">
                    {trouble.value}
                </p>
            )}
            <div class="past">
                {past.value !== undefined && <PastBoard store={store} past={past.value} />}
                <Activity store={store} show={to} />
            </div>
        </Modal>
    );
}

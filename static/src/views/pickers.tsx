/** pickers.tsx - small dialogs that hang from what opened them: labels, members, dates, where to, a
 * list's menu. */
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { App } from '../app';
import { copyList } from '../copies';
import type { Id } from '../model/id';
import type { SortBy } from '../model/ops';
import { flipWatch } from '../own';
import { isWatched } from '../shelf';
import type { Store } from '../store';
import { archiveAll, archiveList, canEdit, short, undo } from './actions';
import { Icon, type IconName } from './icons';
import { closeDialog, Modal } from './modal';
import { isoOf, localInput } from './moments';
import { TransferPicker } from './move_picker';
import { Avatar } from './person';
import { type Anchor, composing, renaming, toast } from './ui';

export interface CardPickerProps {
    readonly store: Store;
    readonly id: Id;
    readonly anchor?: Anchor | undefined;
}

export { MovePicker } from './move_picker';

/* -- members, dates */

export function MemberPicker({ store, id, anchor }: CardPickerProps): JSX.Element {
    const card = store.card(id).value;
    return (
        <Modal title="Members" anchor={anchor} kind="picker">
            <ul class="choices">
                {store.members.value.map(({ idMember }, index) => (
                    <li key={idMember}>
                        <label class="choice">
                            <input
                                type="checkbox"
                                data-first={index === 0 ? '' : undefined}
                                checked={card?.idMembers.includes(idMember) === true}
                                onChange={(event) =>
                                    store.setCardMember(id, idMember, event.currentTarget.checked)
                                }
                            />
                            <Avatar id={idMember} person={store.who.value.get(idMember)} />
                            <span>{store.who.value.get(idMember)?.fullName ?? 'Somebody'}</span>
                        </label>
                    </li>
                ))}
            </ul>
        </Modal>
    );
}

/** Nine in the morning, so many days from now. */
function morning(days: number): string {
    const when = new Date();
    when.setDate(when.getDate() + days);
    when.setHours(9, 0, 0, 0);
    return when.toISOString();
}

export function DatePicker({ store, id, anchor }: CardPickerProps): JSX.Element | null {
    const card = store.card(id).value;
    const start = useRef<HTMLInputElement>(null);
    const due = useRef<HTMLInputElement>(null);
    if (card === undefined) return null;
    // what was not touched here stays, seconds and others' changes too
    const typed = (name: 'start' | 'due', field: HTMLInputElement | null) =>
        field === null || field.value === field.defaultValue ? {} : { [name]: isoOf(field.value) };
    const put = (when: string | null) => {
        store.setCard(id, { due: when });
        closeDialog();
    };
    return (
        <Modal title="Dates" anchor={anchor} kind="picker">
            <form
                class="stack"
                onSubmit={(event) => {
                    event.preventDefault();
                    const fields = {
                        ...typed('start', start.current),
                        ...typed('due', due.current),
                    };
                    if (Object.keys(fields).length > 0) store.setCard(id, fields);
                    closeDialog();
                }}
            >
                <div class="row quick">
                    <button type="button" onClick={() => put(morning(0))}>
                        Today
                    </button>
                    <button type="button" onClick={() => put(morning(1))}>
                        Tomorrow
                    </button>
                    <button type="button" onClick={() => put(morning(7))}>
                        In a week
                    </button>
                </div>
                <label class="field">
                    Due
                    <input
                        ref={due}
                        data-first
                        type="datetime-local"
                        defaultValue={localInput(card.due)}
                    />
                </label>
                <label class="field">
                    Start
                    <input
                        ref={start}
                        type="datetime-local"
                        defaultValue={localInput(card.start)}
                    />
                </label>
                {card.due !== null && (
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={card.dueComplete}
                            onChange={(event) =>
                                store.setCard(id, { dueComplete: event.currentTarget.checked })
                            }
                        />{' '}
                        Complete
                    </label>
                )}
                <div class="row">
                    <button class="primary">Save</button>
                    {(card.due !== null || card.start !== null) && (
                        <button
                            type="button"
                            class="end"
                            onClick={() => {
                                store.setCard(id, { due: null, start: null, dueComplete: false });
                                closeDialog();
                            }}
                        >
                            Remove the dates
                        </button>
                    )}
                </div>
            </form>
        </Modal>
    );
}

/* -- a list's menu */

function Item({
    icon,
    run,
    children,
    danger = false,
}: {
    icon: IconName;
    run: () => void;
    children: ComponentChildren;
    danger?: boolean;
}): JSX.Element {
    return (
        <li>
            <button
                class={`item ${danger ? 'danger' : ''}`}
                onClick={() => {
                    closeDialog();
                    run();
                }}
            >
                <Icon name={icon} />
                {children}
            </button>
        </li>
    );
}

/** Opens a second page of the menu. */
function More<T extends string>({
    icon,
    to,
    choosing,
    children,
}: {
    icon: IconName;
    to: T;
    choosing: Signal<T | undefined>;
    children: ComponentChildren;
}): JSX.Element {
    return (
        <li>
            <button
                class="item"
                onClick={() => {
                    choosing.value = to;
                }}
            >
                <Icon name={icon} />
                {children}
            </button>
        </li>
    );
}

const orders: readonly (readonly [string, SortBy, boolean])[] = [
    ['Newest first', 'id', true],
    ['Oldest first', 'id', false],
    ['By name', 'name', false],
    ['By due date', 'due', false],
];

/** Says that it is done. Undo is of what was done last: not of this after something else. */
function undoable(store: Store, words: string, run: () => void): void {
    run();
    const label = store.undoLabel.peek();
    toast(words, {
        label: 'Undo',
        run: () => {
            if (store.undoLabel.peek() === label) undo(store);
            else toast('Something else was done since. Undo that first.');
        },
    });
}

function ListCopy({
    app,
    store,
    id,
    anchor,
    name,
}: CardPickerProps & { readonly app: App; readonly name: string }): JSX.Element {
    const busy = useSignal(false);
    const copy = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const wanted = String(form.get('name')).trim();
        if (wanted === '' || busy.peek()) return;
        busy.value = true;
        const made = await copyList(app.env, store, id, wanted);
        busy.value = false;
        if (!made.ok) {
            toast(made.trouble === 'offline' ? 'A copy needs the server.' : made.text);
            return;
        }
        closeDialog();
        toast(`Copied the list “${short(name)}”`, {
            label: 'Undo',
            run: () => store.archiveList(made.value),
        });
    };
    return (
        <Modal title="Copy the list" anchor={anchor} kind="picker">
            <form class="stack" onSubmit={copy}>
                <label class="field">
                    Name
                    <input name="name" data-first defaultValue={name} maxLength={16384} />
                </label>
                <button class="primary" disabled={busy.value}>
                    Copy
                </button>
            </form>
        </Modal>
    );
}

/** How many cards it should have at most: it is shown beside how many it has. */
function ListLimit({ store, id, anchor }: CardPickerProps): JSX.Element {
    const field = useRef<HTMLInputElement>(null);
    const limit = store.list(id).value?.softLimit ?? null;
    return (
        <Modal title="Limit of cards" anchor={anchor} kind="picker">
            <form
                class="stack"
                onSubmit={(event) => {
                    event.preventDefault();
                    const given = Math.round(Number(field.current?.value));
                    const softLimit = given > 0 ? given : null;
                    if (softLimit !== limit)
                        store.act('Change the limit', { op: 'list.set', id, softLimit });
                    closeDialog();
                }}
            >
                <label class="field">
                    Cards at most; empty for no limit
                    <input
                        ref={field}
                        data-first
                        type="number"
                        min={1}
                        max={5000}
                        defaultValue={limit ?? ''}
                    />
                </label>
                <button class="primary">Save</button>
            </form>
        </Modal>
    );
}

export function ListMenu({
    app,
    store,
    id,
    anchor,
}: CardPickerProps & { readonly app: App }): JSX.Element | null {
    const list = store.list(id).value;
    const choosing = useSignal<'sort' | 'move' | 'board' | 'copy' | 'limit' | undefined>(undefined);
    const cards = store.cards(id).value;
    const lists = store.lists.value;
    const watched = isWatched(store, id);
    if (list === undefined) return null;
    const watch = watched !== undefined && (
        <Item icon="eye" run={() => void flipWatch(store, 'list', id)}>
            {watched ? 'Stop watching' : 'Watch'}
        </Item>
    );
    const place = (dx: number) => {
        const rest = lists.filter((other) => other !== id);
        const to = lists.indexOf(id) + dx;
        const before = rest[to];
        store.moveList(id, {
            after: rest[to - 1] ?? '',
            ...(before === undefined ? {} : { before }),
        });
    };
    if (!canEdit(store))
        return (
            <Modal title={list.name} anchor={anchor} kind="picker">
                <p class="quiet">You may read this board, not change it.</p>
                <ul class="menu">{watch}</ul>
            </Modal>
        );
    if (choosing.value === 'sort') {
        return (
            <Modal title="Sort the cards" anchor={anchor} kind="picker">
                <ul class="menu">
                    {orders.map(([words, by, descending]) => (
                        <Item
                            key={words}
                            icon="text"
                            run={() =>
                                undoable(store, `Sorted “${short(list.name)}”`, () =>
                                    store.sortList(id, by, descending),
                                )
                            }
                        >
                            {words}
                        </Item>
                    ))}
                </ul>
            </Modal>
        );
    }
    if (choosing.value === 'limit') return <ListLimit store={store} id={id} anchor={anchor} />;
    if (choosing.value === 'copy')
        return <ListCopy app={app} store={store} id={id} anchor={anchor} name={list.name} />;
    if (choosing.value === 'board')
        return <TransferPicker app={app} store={store} ids={cards} anchor={anchor} />;
    if (choosing.value === 'move') {
        return (
            <Modal title="Move all cards to" anchor={anchor} kind="picker">
                <ul class="menu">
                    {lists
                        .filter((other) => other !== id)
                        .map((other) => (
                            <Item
                                key={other}
                                icon="arrow"
                                run={() =>
                                    undoable(
                                        store,
                                        cards.length === 1
                                            ? 'Moved 1 card'
                                            : `Moved ${cards.length} cards`,
                                        () => store.moveAllCards(id, other),
                                    )
                                }
                            >
                                {store.list(other).value?.name}
                            </Item>
                        ))}
                    <More icon="boards" to="board" choosing={choosing}>
                        Another board …
                    </More>
                </ul>
            </Modal>
        );
    }
    return (
        <Modal title={list.name} anchor={anchor} kind="picker">
            <ul class="menu">
                <Item
                    icon="plus"
                    run={() => {
                        composing.value = { list: id, after: undefined };
                    }}
                >
                    Add a card
                </Item>
                <Item
                    icon="pen"
                    run={() => {
                        renaming.value = id;
                    }}
                >
                    Rename
                </Item>
                {lists.indexOf(id) > 0 && (
                    <Item icon="back" run={() => place(-1)}>
                        Move to the left
                    </Item>
                )}
                {lists.indexOf(id) < lists.length - 1 && (
                    <Item icon="arrow" run={() => place(1)}>
                        Move to the right
                    </Item>
                )}
                {watch}
                <More icon="copy" to="copy" choosing={choosing}>
                    Copy the list …
                </More>
                <More icon="list" to="limit" choosing={choosing}>
                    Limit of cards …
                </More>
                {cards.length > 1 && (
                    <More icon="text" to="sort" choosing={choosing}>
                        Sort the cards …
                    </More>
                )}
                {cards.length > 0 && (
                    <More icon="boards" to="move" choosing={choosing}>
                        Move all cards …
                    </More>
                )}
                {cards.length > 0 && (
                    <Item icon="archive" run={() => archiveAll(store, id)}>
                        Archive all cards
                    </Item>
                )}
                <Item icon="archive" danger run={() => archiveList(store, id)}>
                    Archive the list
                </Item>
            </ul>
        </Modal>
    );
}

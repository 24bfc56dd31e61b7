/** header.tsx - the bar above a board: its name, who is on it, search and filter, its menu; on a
 * phone, the bar below. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import type { Store } from '../store';
import { canEdit, myRole, undo } from './actions';
import { clearFilter, filter, filtering, setFilter, shownIn, wantReader } from './filter';
import { Icon } from './icons';
import { Lazy } from './lazy';
import { colorClass, labelTitle } from './labels';
import { NameEditor } from './name_editor';
import { Avatar } from './person';
import { anchorOf, composing, dialog, renaming } from './ui';

const FACES_MAX = 5;
const endFile = () => import('./header_end');

function BoardName({ store, edit }: { store: Store; edit: boolean }): JSX.Element {
    const editing = useComputed(() => renaming.value === store.id).value;
    const name = store.board.value?.name ?? '';
    if (editing && edit) {
        return (
            <NameEditor
                name={name}
                label="Board name"
                save={(next) => store.setBoard({ name: next })}
                done={() => {
                    renaming.value = undefined;
                }}
            />
        );
    }
    return (
        <h1>
            {edit ? (
                <button
                    class="board-name"
                    title="Rename the board"
                    onClick={() => {
                        renaming.value = store.id;
                    }}
                >
                    {name}
                </button>
            ) : (
                <span class="board-name">{name}</span>
            )}
        </h1>
    );
}

function Search({ store }: { store: Store }): JSX.Element {
    const ref = useRef<HTMLInputElement>(null);
    const count = useComputed(() => {
        if (!filtering.value) return undefined;
        return store.lists.value.reduce((found, id) => found + shownIn(store, id).length, 0);
    }).value;
    useEffect(() => {
        if (ref.current !== null && ref.current.value !== filter.value.text)
            ref.current.value = filter.value.text;
    }, [filter.value.text]);
    return (
        <div class={`search ${filtering.value ? 'on' : ''}`} role="search">
            <Icon name="search" />
            <input
                ref={ref}
                id="search"
                type="search"
                aria-label="Filter cards"
                placeholder="Filter cards"
                autocomplete="off"
                defaultValue={filter.value.text}
                onFocus={wantReader}
                onInput={(event) => setFilter({ text: event.currentTarget.value })}
                onKeyDown={(event) => {
                    if (event.key !== 'Escape') return;
                    clearFilter();
                    event.currentTarget.blur();
                }}
            />
            {filter.value.labels.map((id) => {
                const label = store.label(id).value;
                return (
                    label && (
                        <button
                            key={id}
                            class={colorClass(label.color)}
                            aria-label={`Stop filtering by ${labelTitle(label)}`}
                            onClick={() =>
                                setFilter({
                                    labels: filter.peek().labels.filter((other) => other !== id),
                                })
                            }
                        >
                            {label.name || '\u00a0\u00a0'}
                        </button>
                    )
                );
            })}
            {filter.value.mine && (
                <button class="mine" onClick={() => setFilter({ mine: false })}>
                    mine
                </button>
            )}
            {count !== undefined && (
                <span class="count" role="status">
                    {count === 1 ? '1 card' : `${count} cards`}
                </span>
            )}
            {filtering.value && (
                <button
                    class="bare"
                    aria-label="Clear the filter (X)"
                    title="Clear (X)"
                    onClick={clearFilter}
                >
                    <Icon name="close" />
                </button>
            )}
            <button
                class="bare"
                aria-label="Filter by labels (F)"
                title="Filter by labels (F)"
                aria-haspopup="dialog"
                onClick={(event) => {
                    dialog.value = { kind: 'filter', ...anchorOf(event.currentTarget) };
                }}
            >
                <Icon name="filter" />
            </button>
        </div>
    );
}

export function Header({ app, store }: { app: App; store: Store }): JSX.Element {
    const edit = canEdit(store);
    const members = store.members.value;
    return (
        <header class="bar">
            <a class="home" href="/" title="Your boards (B)">
                <Icon name="boards" />
                <span class="wide">Boards</span>
            </a>
            <BoardName store={store} edit={edit && myRole(store) === 'admin'} />
            {store.board.value?.closed === true && <span class="tagged">closed</span>}
            {!edit && store.board.value?.closed === false && (
                <span class="tagged">
                    <Icon name="eye" /> read only
                </span>
            )}
            <Search store={store} />
            <div class="bar-end">
                <Lazy
                    load={endFile}
                    show={({ HeaderEnd }) => <HeaderEnd app={app} store={store} />}
                />
                <button
                    class="people"
                    aria-label={`Share: ${members.length} on this board`}
                    title="Who is on this board"
                    onClick={() => {
                        dialog.value = { kind: 'share' };
                    }}
                >
                    <span class="faces" aria-hidden="true">
                        {members.slice(0, FACES_MAX).map((member) => (
                            <Avatar
                                key={member.id}
                                id={member.idMember}
                                person={store.who.value.get(member.idMember)}
                            />
                        ))}
                    </span>
                    {members.length > FACES_MAX && (
                        <span aria-hidden="true">+{members.length - FACES_MAX}</span>
                    )}
                    <span class="share-word">Share</span>
                </button>
                <button
                    class="bare"
                    aria-label="Board menu"
                    title="Board menu (W)"
                    aria-haspopup="dialog"
                    onClick={() => {
                        dialog.value = { kind: 'board' };
                    }}
                >
                    <Icon name="more" />
                </button>
            </div>
        </header>
    );
}

/** The list that is in sight on a phone. */
function listInSight(): string | undefined {
    const middle = innerWidth / 2;
    const lists = [...document.querySelectorAll<HTMLElement>('.lists > [data-list]')];
    return (
        lists.find((list) => {
            const { left, right } = list.getBoundingClientRect();
            return left <= middle && right >= middle;
        })?.dataset.list ?? lists[0]?.dataset.list
    );
}

export function BottomBar({ store }: { store: Store }): JSX.Element {
    const edit = canEdit(store);
    return (
        <nav class="bottom" aria-label="Board actions">
            <a href="/">
                <Icon name="boards" />
                Boards
            </a>
            <button
                class={filtering.value ? 'on' : ''}
                onClick={() => {
                    dialog.value = { kind: 'filter' };
                }}
            >
                <Icon name="filter" />
                Filter
            </button>
            {edit && (
                <button
                    class="primary"
                    onClick={() => {
                        const list = listInSight();
                        if (list !== undefined) composing.value = { list, after: undefined };
                    }}
                >
                    <Icon name="plus" />
                    Card
                </button>
            )}
            <button disabled={store.undoLabel.value === undefined} onClick={() => undo(store)}>
                <Icon name="undo" />
                Undo
            </button>
            <button
                onClick={() => {
                    dialog.value = { kind: 'board' };
                }}
            >
                <Icon name="more" />
                Menu
            </button>
        </nav>
    );
}

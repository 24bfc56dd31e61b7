/** panels.tsx - dialogs about the board as a whole: its menu, what is archived, what the server
 * refused. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { App } from '../app';
import type { Id } from '../model/id';
import { signOut } from '../my_boards';
import type { Draft } from '../outbox/storage';
import { slug } from '../router';
import { retryDraft } from '../drafts';
import { flipWatch } from '../own';
import { isWatched } from '../shelf';
import type { Store } from '../store';
import { outOfArchive } from '../transfer';
import { canEdit, copyText, myRole, short } from './actions';
import { fold } from './query';
import { Icon, type IconName } from './icons';
import { wallClass } from './labels';
import { Lazy } from './lazy';
import { closeDialog, Modal } from './modal';
import { since } from './moments';
import { Twice } from './twice';
import {
    type Dialog,
    dialog,
    labelNames,
    nextTheme,
    setLabelNames,
    setSingleKeys,
    singleKeys,
    theme,
    toast,
} from './ui';

/* -- the board's menu */

const about = () => import('./about');
const boardCopy = () => import('./board_copy');
const workspaces = () => import('./workspaces');

function Item({
    icon,
    run,
    children,
    danger = false,
    stay = false,
}: {
    icon: IconName;
    run: () => void;
    children: ComponentChildren;
    danger?: boolean;
    stay?: boolean;
}): JSX.Element {
    return (
        <li>
            <button
                class={`item ${danger ? 'danger' : ''}`}
                onClick={() => {
                    if (!stay) closeDialog();
                    run();
                }}
            >
                <Icon name={icon} />
                {children}
            </button>
        </li>
    );
}

/** Backgrounds to choose from; whatever else a board was imported with is shown in green. */
const walls = ['green', 'blue', 'orange', 'red', 'purple', 'pink', 'lime', 'sky', 'grey'];

const themes = { system: 'as the system', light: 'light', dark: 'dark' };

interface WhomProps {
    readonly store: Store;
    readonly what: 'voting' | 'comments';
    readonly title: string;
    readonly verb: string;
    readonly unset: string; // what the board says that says nothing
}

/** Whom the board lets do something. */
function Whom({ store, what, title, verb, unset }: WhomProps): JSX.Element {
    const who = String(store.board.value?.prefs[what] ?? unset);
    return (
        <label class="field">
            {title}
            <select
                value={who}
                onChange={(event) =>
                    store.setBoard({ prefs: { [what]: event.currentTarget.value } })
                }
            >
                <option value="disabled">nobody may {verb}</option>
                <option value="members">members {verb}</option>
                <option value="observers">members and observers {verb}</option>
            </select>
        </label>
    );
}

export function BoardMenu({ app, store }: { app: App; store: Store }): JSX.Element {
    const board = store.board.value;
    const admin = myRole(store) === 'admin';
    const leaving = useSignal(false);
    const watched = isWatched(store, store.id);
    const copying = useSignal(false);
    const template = board?.prefs.isTemplate === true;
    const unsent = store.saved.value.waiting + store.saved.value.refused;
    const open = (kind: 'share' | 'archive' | 'history' | 'help' | 'palette') => () => {
        dialog.value = { kind } satisfies Dialog;
    };
    if (copying.value)
        return (
            <Modal key="copy" title="Copy the board" kind="panel">
                <Lazy
                    load={boardCopy}
                    show={({ BoardCopy }) => (
                        <BoardCopy
                            app={app}
                            id={store.id}
                            name={board?.name ?? ''}
                            done={closeDialog}
                        />
                    )}
                />
            </Modal>
        );
    return (
        <Modal title={board?.name ?? 'Board'} kind="panel">
            <ul class="menu">
                {watched !== undefined && (
                    <Item icon="eye" run={() => void flipWatch(store, 'board', store.id)}>
                        {watched ? 'Stop watching the board' : 'Watch the board'}
                    </Item>
                )}
                <Item
                    stay
                    icon="copy"
                    run={() => {
                        copying.value = true;
                    }}
                >
                    {template ? 'Create a board from this template' : 'Copy the board'}
                </Item>
                {admin && (
                    <Item
                        icon="boards"
                        run={() => store.setBoard({ prefs: { isTemplate: !template } })}
                    >
                        {template ? 'No template any more' : 'Make it a template'}
                    </Item>
                )}
                <Item icon="people" run={open('share')}>
                    Members and sharing
                </Item>
                <Item icon="archive" run={open('archive')}>
                    Archived cards and lists
                </Item>
                <Item icon="clock" run={open('history')}>
                    Activity and history
                </Item>
                <Item icon="search" run={open('palette')}>
                    Search for actions and cards <kbd>Ctrl + K</kbd>
                </Item>
                <Item icon="help" run={open('help')}>
                    Keys <kbd>?</kbd>
                </Item>
                <li>
                    <a
                        class="item"
                        href={`/v1/boards/${store.id}/export`}
                        download={`${slug(board?.name ?? '') || 'board'}.json`}
                    >
                        <Icon name="share" />
                        Export as JSON
                    </a>
                </li>
            </ul>
            <Lazy
                load={about}
                show={({ About }) => (
                    <About store={store} edit={admin && board?.closed === false} />
                )}
            />
            {admin && board?.closed === false && (
                <fieldset class="swatches few backgrounds">
                    <legend>Background</legend>
                    {walls.map((one) => (
                        <label key={one} class={wallClass({ background: one })} title={one}>
                            <input
                                type="radio"
                                name="background"
                                class="spoken"
                                checked={wallClass(board.prefs) === wallClass({ background: one })}
                                onChange={() => store.setBoard({ prefs: { background: one } })}
                            />
                            <span class="spoken">{one}</span>
                            {wallClass(board.prefs) === wallClass({ background: one }) && (
                                <Icon name="check" />
                            )}
                        </label>
                    ))}
                </fieldset>
            )}
            {admin && board?.closed === false && (
                <label class="choice">
                    <input
                        type="checkbox"
                        checked={board.prefs.cardCovers !== false}
                        onChange={(event) =>
                            store.setBoard({ prefs: { cardCovers: event.currentTarget.checked } })
                        }
                    />{' '}
                    Covers on the cards of this board
                </label>
            )}
            {admin && board?.closed === false && (
                <>
                    <Whom store={store} what="voting" title="Voting" verb="vote" unset="disabled" />
                    <Whom
                        store={store}
                        what="comments"
                        title="Comments"
                        verb="comment"
                        unset="members"
                    />
                </>
            )}
            {board?.closed === false && (
                <Lazy
                    load={workspaces}
                    show={({ BoardWorkspace }) => <BoardWorkspace app={app} store={store} />}
                />
            )}
            <h3>On this device</h3>
            <ul class="menu">
                <Item stay icon="sun" run={nextTheme}>
                    Look: {themes[theme.value]}
                </Item>
                <li>
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={labelNames.value}
                            onChange={(event) => setLabelNames(event.currentTarget.checked)}
                        />{' '}
                        Names of labels on cards
                    </label>
                </li>
                <li>
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={singleKeys.value}
                            onChange={(event) => setSingleKeys(event.currentTarget.checked)}
                        />{' '}
                        Single-key shortcuts
                    </label>
                </li>
            </ul>
            <h3>More</h3>
            <ul class="menu">
                {admin && board?.closed === false && (
                    <Item
                        icon="close"
                        danger
                        run={() => {
                            store.closeBoard();
                            toast('The board is closed. Nothing on it is lost.', {
                                label: 'Reopen',
                                run: () => store.reopenBoard(),
                            });
                        }}
                    >
                        Close the board
                    </Item>
                )}
                {admin && board?.closed === true && (
                    <Item icon="undo" run={() => store.reopenBoard()}>
                        Reopen the board
                    </Item>
                )}
                <Item
                    icon="back"
                    stay
                    danger={leaving.value}
                    run={() => {
                        if (unsent > 0 && !leaving.peek()) {
                            leaving.value = true;
                            return;
                        }
                        void signOut(app.env).then((result) => {
                            if (result.ok) app.env.restart();
                            else toast('The server cannot be reached: you are still signed in.');
                        });
                    }}
                >
                    {leaving.value
                        ? `Really sign out, and lose what was not sent (${unsent})`
                        : 'Sign out on this device'}
                </Item>
            </ul>
        </Modal>
    );
}

/* -- the archive */

const ARCHIVE_SHOWN = 200;

export function Archive({ store }: { store: Store }): JSX.Element {
    const search = useSignal('');
    const what = useSignal<'cards' | 'lists'>('cards');
    const edit = canEdit(store);
    const mayDelete = what.value === 'cards' ? edit : edit && myRole(store) === 'admin';
    const words = fold(search.value);
    const now = Date.now();
    const rows =
        what.value === 'cards'
            ? store.closedCards.value.map((id) => {
                  const card = store.card(id).value;
                  const list = store.list(card?.idList ?? '').value?.name;
                  const when = since(card?.dateLastActivity ?? '', now);
                  return {
                      id,
                      name: card?.name ?? '',
                      note: `${list ?? 'a deleted list'}, ${when}`,
                  };
              })
            : store.closedLists.value.map((id) => {
                  const cards = store.cards(id).value.length;
                  return {
                      id,
                      name: store.list(id).value?.name ?? '',
                      note: cards === 1 ? '1 card' : `${cards} cards`,
                  };
              });
    const found = rows.filter((row) => fold(row.name).includes(words));
    const restore = (id: Id) => {
        const cards = what.peek() === 'cards';
        if (!cards) store.restoreList(id);
        const to = cards ? outOfArchive(store, id) : undefined;
        toast(to === undefined ? 'Restored' : `Restored to “${short(to)}”: its list is archived`);
    };
    const remove = (id: Id) => {
        if (what.peek() === 'cards') store.deleteCard(id);
        else store.deleteList(id);
    };
    return (
        <Modal title="Archive" kind="panel">
            <div class="row">
                <div class="tabs" role="group" aria-label="What to show">
                    {(['cards', 'lists'] as const).map((one) => (
                        <button
                            key={one}
                            aria-pressed={what.value === one}
                            onClick={() => {
                                what.value = one;
                            }}
                        >
                            {one === 'cards'
                                ? `Cards ${store.closedCards.value.length}`
                                : `Lists ${store.closedLists.value.length}`}
                        </button>
                    ))}
                </div>
                <input
                    class="grow"
                    type="search"
                    data-first
                    placeholder="Search the archive"
                    aria-label="Search the archive"
                    onInput={(event) => {
                        search.value = event.currentTarget.value;
                    }}
                />
            </div>
            <ul class="rows">
                {found.slice(0, ARCHIVE_SHOWN).map((row) => (
                    <li key={row.id}>
                        <span class="grow">
                            {row.name}
                            <small>{row.note}</small>
                        </span>
                        {edit && <button onClick={() => restore(row.id)}>Restore</button>}
                        {mayDelete && (
                            <Twice
                                word="Delete"
                                really="Really delete for ever"
                                run={() => remove(row.id)}
                            />
                        )}
                    </li>
                ))}
            </ul>
            {found.length === 0 && (
                <p class="quiet">
                    {rows.length === 0
                        ? `No ${what.value} are archived.`
                        : 'Nothing in the archive is called so.'}
                </p>
            )}
            {found.length > ARCHIVE_SHOWN && (
                <p class="quiet">
                    And {found.length - ARCHIVE_SHOWN} more: search for them by name.
                </p>
            )}
        </Modal>
    );
}

/* -- what the server refused */

const whys: Readonly<Record<string, string>> = {
    invalid: 'The server did not understand it.',
    forbidden: 'You were not allowed to.',
    not_found: 'What it was about is not there.',
    gone: 'What it was about was deleted meanwhile.',
    conflict: 'Somebody else changed the same thing first.',
    stale: 'It was made on a state that is too old.',
    read_only: 'The board was closed, or you may only read it.',
    too_large: 'It was too large.',
    quota: 'The board is full.',
    storage: 'The server could not store it.',
    old: 'It was sent a month ago or more. It is not known whether it was applied.',
    position: 'The server went back to an older state. It is not known whether this was applied.',
};

/** What the person wrote in it: names and texts, to be copied. */
function contentOf(draft: Draft): string {
    return draft.ops
        .flatMap((op) => {
            const cards =
                'cards' in op
                    ? (op.cards as readonly { name?: unknown }[]).map((card) => card.name)
                    : [];
            const fields = op as Readonly<Record<string, unknown>>;
            return [fields.name, fields.text, fields.desc, ...cards].filter(
                (text): text is string => typeof text === 'string' && text !== '',
            );
        })
        .join('\n');
}

function wordsOf(store: Store, draft: Draft): string {
    const [op] = draft.ops;
    if (op === undefined) return 'A change';
    const [noun, verb] = op.op.split('.') as [string, string | undefined];
    const id = 'id' in op ? String(op.id) : '';
    const name = store.peekCard(id)?.name ?? store.list(id).peek()?.name;
    const more = draft.ops.length > 1 ? ` and ${draft.ops.length - 1} more` : '';
    return `${verb ?? 'edit'} ${noun}${name === undefined ? '' : ` “${short(name)}”`}${more}`;
}

export function Drafts({ store }: { store: Store }): JSX.Element {
    const drafts = store.drafts.value;
    return (
        <Modal title="Changes that the server refused" kind="panel">
            {drafts.length === 0 && <p class="quiet">There are none any more.</p>}
            <ul class="drafts">
                {drafts.map((draft) => {
                    const content = contentOf(draft);
                    return (
                        <li key={draft.id}>
                            <p>
                                <b>{wordsOf(store, draft)}</b>{' '}
                                <small>
                                    {since(new Date(draft.madeMs).toISOString(), Date.now())}
                                </small>
                            </p>
                            <p class="quiet">{whys[draft.why] ?? draft.why}</p>
                            {content !== '' && (
                                <pre class="command" tabIndex={0}>
                                    {content}
                                </pre>
                            )}
                            <p class="row">
                                <button class="primary" onClick={() => retryDraft(store, draft.id)}>
                                    Try again
                                </button>
                                {content !== '' && (
                                    <button onClick={() => void copyText(content, 'the text')}>
                                        <Icon name="copy" /> Copy
                                    </button>
                                )}
                                <button class="end" onClick={() => store.discardDraft(draft.id)}>
                                    Discard
                                </button>
                            </p>
                        </li>
                    );
                })}
            </ul>
        </Modal>
    );
}

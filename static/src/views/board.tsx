/** board.tsx - one board: lists side by side, and everything that is heard on them as a whole -
 * drag, focus, pointer, keys. */
import { effect, useComputed } from '@preact/signals';
import { Fragment, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { boardHref, cameFromBoard, canEdit, closeCard, openCard } from './actions';
import { ListComposer } from './composer';
import { Dialogs } from './dialogs';
import { dragging } from './drag_state';
import { filterInAddress } from './filter';
import { BottomBar, Header } from './header';
import { wallClass } from './labels';
import { Lazy } from './lazy';
import { ListView } from './list';
import { listenForKeys } from './shortcuts';
import { at, composing, dialog, renaming, toasts } from './ui';

/** Asked for at once, beside the board's data. Where it does not come there are the keys. */
const hands = import('./drag_host').catch(() => undefined);
const banner = () => import('./banner');
const cardPage = () => import('./card');
const gonePage = () => import('./gone');
const membersFile = () => import('./members');
const noticesFile = () => import('./notices');
const ignore = () => undefined;

const GLIDE_CARDS_MAX = 3000;

/** Exactly one card can be reached by Tab: the one last focused, or the first. Preact does not
 * manage tabindex, so this may. */
function rovingFocus(root: HTMLElement): () => void {
    let pending = 0;
    let chosen: Element | null = null;
    const choose = (link: Element | null) => {
        if (chosen !== link) chosen?.setAttribute('tabindex', '-1');
        chosen = link;
        link?.setAttribute('tabindex', '0');
    };
    const ensure = () => {
        pending = 0;
        if (chosen?.isConnected !== true) choose(root.querySelector('a.face'));
    };
    const observer = new MutationObserver(() => {
        pending ||= requestAnimationFrame(ensure);
    });
    const focus = (event: FocusEvent) => {
        const link = event.target instanceof Element ? event.target.closest('a.face') : null;
        at.focused = link?.closest<HTMLElement>('[data-card]')?.dataset.card;
        if (link !== null) choose(link);
    };
    const blur = () => {
        at.focused = undefined;
    };
    root.addEventListener('focusin', focus);
    root.addEventListener('focusout', blur);
    observer.observe(root, { childList: true, subtree: true });
    ensure();
    return () => {
        root.removeEventListener('focusin', focus);
        root.removeEventListener('focusout', blur);
        observer.disconnect();
        cancelAnimationFrame(pending);
        at.focused = at.hovered = undefined;
    };
}

/** Keeps the focus on a card that somebody moved to another list, where it is drawn anew. */
function keepFocus(root: HTMLElement): () => void {
    let last: Id | undefined;
    const focus = () => {
        last = at.focused;
    };
    const observer = new MutationObserver((records) => {
        if (
            last === undefined ||
            (document.activeElement !== document.body && document.activeElement !== null)
        )
            return;
        const gone = records.some((record) =>
            [...record.removedNodes].some(
                (node) => node instanceof HTMLElement && node.dataset.card === last,
            ),
        );
        if (gone)
            root.querySelector<HTMLElement>(`[data-card="${last}"] a.face`)?.focus({
                preventScroll: true,
            });
    });
    root.addEventListener('focusin', focus);
    observer.observe(root, { childList: true, subtree: true });
    return () => {
        root.removeEventListener('focusin', focus);
        observer.disconnect();
    };
}

function Skeleton(): JSX.Element {
    return (
        <div class="lists skeleton" aria-label="The board is being fetched" aria-busy="true">
            {[5, 3, 4].map((cards, index) => (
                <section class="list" key={index} aria-hidden="true">
                    <p class="bone" />
                    {Array.from({ length: cards }, (_, row) => (
                        <p class="bone card-bone" key={row} />
                    ))}
                </section>
            ))}
        </div>
    );
}

function Lists({ app, store }: { app: App; store: Store }): JSX.Element {
    const root = useRef<HTMLDivElement>(null);
    const edit = canEdit(store);
    const over = useComputed(() =>
        dragging.value?.kind === 'list' ? dragging.value : undefined,
    ).value;
    // Before it is seen: a key or a finger may come with the first frame.
    useLayoutEffect(() => {
        const element = root.current;
        if (element === null) return undefined;
        const ends = [rovingFocus(element), keepFocus(element), listenForKeys(app, store)];
        // Before Preact draws a new order, everybody's place is measured.
        let first = true;
        let glide = (_: HTMLElement): void => {};
        ends.push(
            effect(() => {
                let count = 0;
                for (const list of store.lists.value) count += store.cards(list).value.length;
                if (!first && count <= GLIDE_CARDS_MAX && dragging.peek() === undefined)
                    glide(element);
                first = false;
            }),
        );
        let ended = false;
        void hands.then((found) => {
            if (ended || found === undefined) return;
            ({ glide } = found);
            ends.push(found.dragOn(element, store));
        });
        const hover = (event: PointerEvent) => {
            at.hovered = (event.target as Element).closest<HTMLElement>('[data-card]')?.dataset
                .card;
        };
        const click = (event: MouseEvent) => {
            const button = (event.target as Element).closest('.face-edit');
            const card = button?.closest<HTMLElement>('[data-card]')?.dataset.card;
            if (card !== undefined) renaming.value = card;
        };
        element.addEventListener('pointerover', hover);
        element.addEventListener('click', click);
        return () => {
            element.removeEventListener('pointerover', hover);
            element.removeEventListener('click', click);
            ended = true;
            ends.forEach((end) => end());
        };
    }, [store]);
    const lists = store.lists.value;
    const placeholder = over && (
        <div
            key="placeholder"
            class="placeholder list-placeholder"
            aria-hidden="true"
            style={{ width: `${over.width}px`, height: `${over.height}px` }}
        />
    );
    return (
        <div class={`lists ${over === undefined ? '' : 'moving-list'}`} ref={root}>
            {lists.map((id) => (
                <Fragment key={id}>
                    {over?.before === id && placeholder}
                    <ListView store={store} id={id} edit={edit} />
                </Fragment>
            ))}
            {over !== undefined && over.before === undefined && placeholder}
            {edit && (
                <div class="list-add" key="add">
                    <ListComposer store={store} first={lists.length === 0} />
                </div>
            )}
            {lists.length === 0 && edit && (
                <p class="empty-board">
                    An empty board. Most begin with three lists:
                    <button
                        class="primary"
                        onClick={() =>
                            store.group('Begin the board', () =>
                                ['To do', 'Doing', 'Done'].forEach((name) =>
                                    store.createList(name),
                                ),
                            )
                        }
                    >
                        To do, Doing, Done
                    </button>
                </p>
            )}
        </div>
    );
}

export function BoardView({
    app,
    store,
    card,
}: {
    app: App;
    store: Store;
    card: Id | undefined;
}): JSX.Element {
    const board = store.board.value;
    const name = card === undefined ? board?.name : store.card(card).value?.name;
    const hadBoard = useRef(card === undefined);
    useEffect(() => {
        document.title = name === undefined ? 'Tavla' : `${name} - Tavla`;
    }, [name]);
    useEffect(() => {
        if (card === undefined) hadBoard.current = true;
        cameFromBoard.yes = card !== undefined && hadBoard.current;
    }, [card]);
    useEffect(() => {
        const end = filterInAddress();
        return () => {
            end();
            dialog.value = composing.value = renaming.value = undefined;
            toasts.value = [];
        };
    }, [store]);
    useEffect(
        () =>
            effect(() => {
                if (store.notices.value.length === 0) return;
                void noticesFile().then(({ tell }) => tell(store), ignore);
            }),
        [store],
    );
    useEffect(() => {
        let end: (() => void) | undefined;
        let over = false;
        void membersFile().then(({ followMembers }) => {
            if (!over) end = followMembers(app, store);
        }, ignore);
        return () => {
            over = true;
            end?.();
        };
    }, [store]);
    if (store.connection.value.reason === 'forbidden')
        return (
            <div class="board">
                <Lazy key="gone" load={gonePage} show={({ Gone }) => <Gone store={store} />} />
                <Dialogs
                    app={app}
                    store={store}
                    open={(id) => openCard(store, id)}
                    home={boardHref(store)}
                />
            </div>
        );
    return (
        <div class={`board ${wallClass(board?.prefs)}`}>
            <Header app={app} store={store} />
            <Lazy load={banner} show={({ Banner }) => <Banner store={store} />} />
            <main>{store.loaded.value ? <Lists app={app} store={store} /> : <Skeleton />}</main>
            <BottomBar store={store} />
            {card !== undefined && store.loaded.value && (
                <Lazy
                    load={cardPage}
                    show={({ CardDialog }) => (
                        <CardDialog
                            key={card}
                            store={store}
                            id={card}
                            close={() => closeCard(store, card)}
                        />
                    )}
                />
            )}
            <Dialogs
                app={app}
                store={store}
                open={(id) => openCard(store, id)}
                home={boardHref(store)}
            />
        </div>
    );
}

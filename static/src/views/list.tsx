/** list.tsx - one list: its head, its cards in order, the placeholder of what is dragged over it,
 * the composer. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { CardFace } from './card_face';
import { CardComposer } from './composer';
import { dragging, settling } from './drag_state';
import { useDrawn } from './fill';
import { shownIn } from './filter';
import { Icon } from './icons';
import { NameEditor } from './name_editor';
import { anchorOf, composing, dialog, renaming, wanted } from './ui';

/** The id that `read` gives, where it is a card of this list. */
function useOneOf(store: Store, list: Id, read: () => Id | undefined): Id | undefined {
    return useComputed(() => {
        const id = read();
        return id !== undefined && store.cards(list).value.includes(id) ? id : undefined;
    }).value;
}

interface Props {
    readonly store: Store;
    readonly id: Id;
    readonly edit: boolean;
}

function Head({ store, id, edit, count }: Props & { readonly count: string }): JSX.Element {
    const list = store.list(id).value;
    const editing = useComputed(() => renaming.value === id).value;
    const heading = useRef<HTMLSpanElement>(null);
    useLayoutEffect(() => {
        if (wanted.focus !== id || heading.current === null) return;
        wanted.focus = undefined;
        heading.current.focus();
    });
    return (
        <header class="list-head">
            {editing && edit ? (
                <NameEditor
                    name={list?.name ?? ''}
                    label="List name"
                    save={(name) => store.renameList(id, name)}
                    done={() => {
                        wanted.focus = id;
                        renaming.value = undefined;
                    }}
                />
            ) : (
                <h2 class="list-name">
                    <span
                        class="grip"
                        role={edit ? 'button' : undefined}
                        ref={heading}
                        tabIndex={edit ? 0 : undefined}
                        data-list-name={id}
                        title={edit ? 'Click to rename, drag to move' : undefined}
                        onClick={() => edit && (renaming.value = id)}
                        onKeyDown={(event) => {
                            if (!edit || (event.key !== 'Enter' && event.key !== ' ')) return;
                            event.preventDefault(); // a space would be the name
                            renaming.value = id;
                        }}
                    >
                        {list?.name}
                    </span>
                </h2>
            )}
            <span class="count" title="Cards">
                {count}
            </span>
            <button
                class="bare"
                aria-label={`Actions of the list ${list?.name ?? ''}`}
                aria-haspopup="dialog"
                onClick={(event) => {
                    dialog.value = { kind: 'list', id, ...anchorOf(event.currentTarget) };
                }}
            >
                <Icon name="more" />
            </button>
        </header>
    );
}

export function ListView({ store, id, edit }: Props): JSX.Element | null {
    const list = store.list(id).value;
    const shown = useComputed(() => shownIn(store, id)).value;
    const total = useComputed(() => store.cards(id).value.length).value;
    const over = useComputed(() =>
        dragging.value?.kind === 'card' && dragging.value.list === id ? dragging.value : undefined,
    ).value;
    const lifted = useComputed(
        () => dragging.value?.kind === 'list' && dragging.value.id === id,
    ).value;
    const hidden = useComputed(() => settling.value === id).value;
    // Which of its cards look otherwise: known here, so that no card has to listen for it.
    const liftedCard = useOneOf(store, id, () =>
        dragging.value?.kind === 'card' ? dragging.value.id : undefined,
    );
    const hiddenCard = useOneOf(store, id, () => settling.value);
    const editedCard = useOneOf(store, id, () => renaming.value);
    const drawn = useDrawn(
        () => store.lists.peek().indexOf(id),
        () => store.cards(id).peek().length,
    );
    const composer = useComputed(() =>
        composing.value?.list === id ? composing.value : undefined,
    ).value;
    if (list === undefined) return null;
    const hides = total > shown.length;
    const all = list.softLimit === null ? `${total}` : `${total} / ${list.softLimit}`;
    const rows: JSX.Element[] = [];
    const placeholder = over && (
        <li
            key="placeholder"
            class="placeholder"
            aria-hidden="true"
            style={{ height: `${over.height}px` }}
        />
    );
    let placed = false;
    const ids = drawn < shown.length ? shown.slice(0, drawn) : shown;
    for (const card of ids) {
        if (placeholder && over.before === card) {
            rows.push(placeholder);
            placed = true;
        }
        rows.push(
            <CardFace
                key={card}
                store={store}
                id={card}
                edit={edit}
                editing={editedCard === card}
                look={liftedCard === card ? 'lifted' : hiddenCard === card ? 'settling' : ''}
            />,
        );
        if (composer?.after === card)
            rows.push(
                <li key="composer">
                    <CardComposer store={store} list={id} after={card} />
                </li>,
            );
    }
    if (placeholder && !placed) rows.push(placeholder);
    const inside = composer?.after !== undefined && ids.includes(composer.after);
    return (
        <section
            class={`list ${lifted ? 'lifted' : hidden ? 'settling' : ''}`}
            data-list={id}
            aria-label={list.name}
        >
            <Head
                store={store}
                id={id}
                edit={edit}
                count={hides ? `${shown.length} of ${total}` : all}
            />
            <ol class="cards" tabIndex={-1}>
                {rows}
            </ol>
            {hides && shown.length === 0 && (
                <p class="list-empty">
                    The filter hides {total === 1 ? 'its card' : `all ${total} cards`}
                </p>
            )}
            {edit && composer !== undefined && !inside && (
                <CardComposer store={store} list={id} after={undefined} />
            )}
            {edit && composer === undefined && (
                <button
                    class="add-card"
                    onClick={() => {
                        composing.value = { list: id, after: undefined };
                    }}
                >
                    <Icon name="plus" /> Add a card
                </button>
            )}
        </section>
    );
}

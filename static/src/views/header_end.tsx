/** header_end.tsx - what stands at the end of a board's header and may come a moment after the
 * board: its star, who else is here, undo and redo. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import { followOwn, setStarOf } from '../own';
import { isStarred } from '../shelf';
import type { Store } from '../store';
import { redo, undo } from './actions';
import { Here } from './here';
import { Icon } from './icons';

function Star({ app, store }: { app: App; store: Store }): JSX.Element | null {
    const live = store.connection.value.state === 'live';
    useEffect(() => {
        if (live) followOwn(app.env);
    }, [live]);
    const starred = isStarred(store);
    if (starred === undefined) return null;
    return (
        <button
            class={`bare bar-star ${starred ? 'on' : ''}`}
            aria-pressed={starred}
            aria-label="Star this board"
            title={starred ? 'Take the star off' : 'Star this board'}
            onClick={() => void setStarOf(app.env, store.id, !starred)}
        >
            <Icon name="star" />
        </button>
    );
}

export function HeaderEnd({ app, store }: { app: App; store: Store }): JSX.Element {
    return (
        <>
            <Star app={app} store={store} />
            <Here app={app} store={store} />
            <button
                class="bare wide"
                disabled={store.undoLabel.value === undefined}
                aria-label="Undo"
                title={
                    store.undoLabel.value === undefined
                        ? 'Nothing to undo'
                        : `Undo: ${store.undoLabel.value} (Ctrl+Z)`
                }
                onClick={() => undo(store)}
            >
                <Icon name="undo" />
            </button>
            <button
                class="bare wide flip"
                disabled={store.redoLabel.value === undefined}
                aria-label="Redo"
                title={
                    store.redoLabel.value === undefined
                        ? 'Nothing to redo'
                        : `Redo: ${store.redoLabel.value} (Ctrl+Shift+Z)`
                }
                onClick={() => redo(store)}
            >
                <Icon name="undo" />
            </button>
        </>
    );
}

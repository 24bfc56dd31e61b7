/** page.tsx - chooses what the route shows. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Trouble } from '../api';
import type { App } from '../app';
import { route } from '../router';
import { BoardView } from './board';
import { Lazy } from './lazy';
import { PageToasts } from './toasts';

const boardsPage = () => import('./boards');
const messagePage = () => import('./message');

const PATIENCE_MS = 150;

/** Nothing for a moment, because mostly it is there by then. */
function Opening(): JSX.Element | null {
    const late = useSignal(false);
    useEffect(() => {
        const timer = setTimeout(() => {
            late.value = true;
        }, PATIENCE_MS);
        return () => clearTimeout(timer);
    }, []);
    return late.value ? (
        <main class="page message" aria-busy="true">
            <p class="quiet">Opening …</p>
        </main>
    ) : null;
}

function Shown({ app }: { app: App }): JSX.Element {
    const { store, trouble, card } = app.shown.value;
    const message = (what: Trouble | 'nowhere') => (
        <Lazy key="message" load={messagePage} show={({ Message }) => <Message what={what} />} />
    );
    if (trouble !== undefined) return message(trouble);
    switch (route.value.page) {
        case 'boards':
            return (
                <Lazy
                    key="boards"
                    load={boardsPage}
                    show={({ BoardsView }) => <BoardsView app={app} />}
                />
            );
        case 'missing':
            return message('nowhere');
        case 'board':
        case 'card':
            return store === undefined ? (
                <Opening />
            ) : (
                <BoardView key={store.id} app={app} store={store} card={card} />
            );
    }
}

export function Page({ app }: { app: App }): JSX.Element {
    return (
        <>
            <Shown app={app} />
            <PageToasts />
        </>
    );
}

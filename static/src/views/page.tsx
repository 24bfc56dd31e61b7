/** page.tsx - chooses what the route shows. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Trouble } from '../api';
import type { App } from '../app';
import { route } from '../router';
import { BoardView } from './board';
import { Lazy } from './lazy';
import { PageToasts } from './modal';

const boardsPage = () => import('./boards');

const troubles: Readonly<Record<Trouble, string>> = {
    offline: 'The server cannot be reached, and this board is not kept on this device yet.',
    'signed-out': 'You are not signed in on this device. Open a sign-in link in this browser.',
    missing: 'There is no such board or card, or it is not shared with you.',
    refused: 'The server refused this address.',
    server: 'The server could not answer. Try again in a moment.',
};

function Message({ children }: { children: ComponentChildren }): JSX.Element {
    return (
        <main class="page message">
            <h1 class="spoken">Tavla</h1>
            <span class="mark" />
            <p role="alert">{children}</p>
            <p class="row">
                <a class="button primary" href="/">
                    Your boards
                </a>
                <button onClick={() => location.reload()}>Try again</button>
            </p>
        </main>
    );
}

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
    if (trouble !== undefined) return <Message>{troubles[trouble]}</Message>;
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
            return <Message>There is nothing at this address.</Message>;
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

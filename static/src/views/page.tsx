/** page.tsx - chooses what the route shows. */
import type { JSX } from 'preact';
import type { App } from '../app';
import { route } from '../router';
import { BoardView } from './board';
import { BoardsView } from './boards';

const troubles = {
    offline: 'The server cannot be reached, and this board is not kept on this machine yet.',
    'signed-out': 'You are signed out. Open your sign-in link again.',
    missing: 'There is no such board, or it is not shared with you.',
    refused: 'The server refused this address.',
    server: 'The server could not answer. Try again in a moment.',
};

export function Page({ app }: { app: App }): JSX.Element {
    const { store, trouble } = app.shown.value;
    if (trouble !== undefined) return <p class="message" role="alert">{troubles[trouble]}</p>;
    switch (route.value.page) {
        case 'boards': return <BoardsView app={app} />;
        case 'missing': return <p class="message">There is nothing at this address. <a href="/">Your boards</a></p>;
        case 'board': case 'card':
            return store === undefined ? <p class="message">Opening …</p> : <BoardView key={store.id} store={store} />;
    }
}

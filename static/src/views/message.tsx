/** message.tsx - a page that only says why there is nothing to see. */
import type { JSX } from 'preact';
import type { Trouble } from '../api';

const words: Readonly<Record<Trouble | 'nowhere', string>> = {
    offline: 'The server cannot be reached, and this board is not kept on this device yet.',
    'signed-out': 'You are not signed in on this device. Open a sign-in link in this browser.',
    missing: 'There is no such board or card, or it is not shared with you.',
    refused: 'The server refused this address.',
    nowhere: 'There is nothing at this address.',
    server: 'The server could not answer. Try again in a moment.',
};

export function Message({ what }: { what: keyof typeof words }): JSX.Element {
    return (
        <main class="page message">
            <h1 class="spoken">Tavla</h1>
            <span class="mark" />
            <p role="alert">{words[what]}</p>
            <p class="row">
                <a class="button primary" href="/">
                    Your boards
                </a>
                <button onClick={() => location.reload()}>Try again</button>
            </p>
        </main>
    );
}

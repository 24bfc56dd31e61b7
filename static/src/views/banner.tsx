/** banner.tsx - what there is to say about the network and one's own changes: nothing while all is
 * well, or not bad for long. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Store } from '../store';
import { dialog } from './ui';

const PATIENCE_MS = 2000;
const SAVED_MS = 2500;

const reasons = {
    version: 'A newer Tavla is on the server. Reload the page to go on; your changes are kept.',
    'signed-out':
        'You are signed out. Open a sign-in link on this browser to go on; your changes are kept.',
    replaced: 'This board is open in another tab that took over. Reload to work here.',
    forbidden:
        'This board is not shared with you any more. What was not sent is among your drafts.',
    stopped: 'The server ended this connection. Reload the page to go on; your changes are kept.',
};

function changes(count: number): string {
    if (count === 0) return '';
    return count === 1
        ? ' 1 change is kept on this device.'
        : ` ${count} changes are kept on this device.`;
}

export function Banner({ store }: { store: Store }): JSX.Element | null {
    const { state, reason, since } = store.connection.value;
    const { waiting, refused, lasting } = store.saved.value;
    const late = useSignal(false);
    const flash = useSignal(false);
    const told = useRef(false);
    useEffect(() => {
        const left = since + PATIENCE_MS - Date.now();
        late.value = state !== 'live' && left <= 0;
        if (state === 'live') return undefined;
        if (state === 'offline' || late.value) told.current = true; // which is said at once
        const timer = setTimeout(() => {
            late.value = told.current = true;
        }, left);
        return () => clearTimeout(timer);
    }, [state, since]);
    const saved = state === 'live' && waiting === 0;
    useEffect(() => {
        if (!saved || !told.current) return undefined;
        told.current = false;
        flash.value = true;
        const timer = setTimeout(() => {
            flash.value = false;
        }, SAVED_MS);
        return () => clearTimeout(timer);
    }, [saved]);
    let text = '';
    let kind = 'wait';
    if (state === 'stopped') {
        text = reasons[reason ?? 'stopped'];
        kind = 'stop';
    } else if (state === 'offline') {
        text = `You are offline. Go on working.${changes(waiting)}`;
    } else if (state !== 'live' && late.value) {
        text = `Reconnecting …${changes(waiting)}`;
    } else if (flash.value && saved) {
        text = 'All changes saved';
        kind = 'fine';
    }
    return (
        <div class="banners">
            <p class={`banner ${kind} ${text === '' ? 'none' : ''}`} role="status">
                {text}
            </p>
            {text !== '' && !lasting && kind === 'wait' && (
                <p class="banner wait" role="status">
                    This browser keeps nothing: unsent changes are lost when the page is closed.
                </p>
            )}
            {text !== '' && kind === 'wait' && navigator.serviceWorker?.controller == null && (
                <p class="banner wait" role="status">
                    Keep this page open: without the server it cannot be loaded again.
                    {!isSecureContext && ' Over https it could be.'}
                </p>
            )}
            {refused > 0 && (
                <p class="banner draft">
                    <span role="status">
                        The server refused {refused === 1 ? 'one change' : `${refused} changes`}.
                        Nothing is lost.
                    </span>{' '}
                    <button
                        onClick={() => {
                            dialog.value = { kind: 'drafts' };
                        }}
                    >
                        Look at {refused === 1 ? 'it' : 'them'}
                    </button>
                </p>
            )}
        </div>
    );
}

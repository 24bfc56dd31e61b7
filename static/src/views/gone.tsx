/** gone.tsx - instead of a board that is not shared with this person any more. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Store } from '../store';
import { Icon } from './icons';
import { composing, dialog, renaming, spoken, toasts } from './ui';

export function Gone({ store }: { store: Store }): JSX.Element {
    const refused = store.drafts.value.length;
    useEffect(() => {
        dialog.value = composing.value = renaming.value = undefined;
        toasts.value = []; // they and what was said may name cards
        spoken.value = '';
    }, []);
    return (
        <main class="page message gone">
            <div role="alert">
                <Icon name="people" />
                <h1>This board is not shared with you any more</h1>
                <p class="quiet">
                    An admin took you off it, or it was deleted. What this device had of it is gone.
                </p>
            </div>
            <p>
                <a class="button primary" href="/">
                    Your boards
                </a>{' '}
                {refused > 0 && (
                    <button
                        onClick={() => {
                            dialog.value = { kind: 'drafts' };
                        }}
                    >
                        {refused === 1 ? 'One change' : `${refused} changes`} of yours that did not
                        get there
                    </button>
                )}
            </p>
        </main>
    );
}

/** toasts.tsx - the messages for a moment. They live in the topmost dialog, because everything
 * outside of it cannot be reached. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from './icons';
import { dropToast, spoken, toasts } from './ui';

/** The dialogs that are open, the topmost last. */
export const open = signal<readonly object[]>([]);

export function Toasts(): JSX.Element {
    return (
        <div class="toasts">
            <p class="spoken" role="status" aria-live="polite">
                {spoken.value}
            </p>
            {toasts.value.map((toast) => (
                <div class="toast" key={toast.key} role="status">
                    <span>{toast.text}</span>
                    {[toast.action, toast.other].map(
                        (action) =>
                            action && (
                                <button
                                    onClick={() => {
                                        dropToast(toast.key);
                                        action.run();
                                    }}
                                >
                                    {action.label}
                                </button>
                            ),
                    )}
                    {toast.other === undefined && (
                        <button
                            class="bare"
                            aria-label="Dismiss"
                            onClick={() => dropToast(toast.key)}
                        >
                            <Icon name="close" />
                        </button>
                    )}
                </div>
            ))}
        </div>
    );
}

/** Where no dialog is open. */
export function PageToasts(): JSX.Element | null {
    return open.value.length === 0 ? <Toasts /> : null;
}

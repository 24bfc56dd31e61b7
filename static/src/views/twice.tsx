/** twice.tsx - a button for what is not easily taken back: the first press asks, the second does
 * it, and going elsewhere is a no. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

interface Props {
    readonly word: string;
    /** What stands there after the first press. */
    readonly really?: string | undefined;
    /** What it is done to, for those who hear the button by itself; "": the words say it. */
    readonly what?: string | undefined;
    readonly end?: boolean | undefined; // of its row
    readonly run: () => void;
}

function asQuestion(word: string): string {
    return `Really ${word.charAt(0).toLowerCase()}${word.slice(1)}`;
}

export function Twice({ word, really, what = '', end = false, run }: Props): JSX.Element {
    const asked = useSignal(false);
    const text = asked.value ? (really ?? asQuestion(word)) : word;
    const press = () => {
        if (asked.peek()) run();
        asked.value = !asked.peek();
    };
    return (
        <button
            type="button"
            class={`${asked.value ? 'danger' : 'bare'}${end ? ' end' : ''}`}
            aria-label={what === '' ? undefined : `${text} ${what}`}
            onBlur={() => {
                asked.value = false;
            }}
            onClick={press}
        >
            {text}
        </button>
    );
}

/** lazy.tsx - a view whose code comes when it is first needed. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { toast } from './ui';

/** What is there already is shown at once. */
const loaded = new WeakMap<object, unknown>();

export function Lazy<M>({
    load,
    show,
}: {
    load: () => Promise<M>;
    show: (module: M) => JSX.Element | null;
}): JSX.Element | null {
    const module = useSignal(loaded.get(load) as M | undefined);
    useEffect(() => {
        load().then(
            (made) => {
                loaded.set(load, made);
                module.value = made;
            },
            () =>
                toast(
                    'This part of Tavla is not on this device yet, and the server does not answer.',
                ),
        );
    }, []);
    return module.value === undefined ? null : show(module.value);
}

/** lazy.tsx - a view whose code comes when it is first needed. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { toast } from './ui';

/** What is there already is shown at once. */
const loaded = new WeakMap<object, unknown>();

/** Fetched before it is needed: it is drawn in the same turn then, and hears the next key. */
export async function preload<M>(load: () => Promise<M>): Promise<M> {
    const module = await load();
    loaded.set(load, module);
    return module;
}

export function Lazy<M>({
    load,
    show,
}: {
    load: () => Promise<M>;
    show: (module: M) => JSX.Element | null;
}): JSX.Element | null {
    const module = useSignal(loaded.get(load) as M | undefined);
    useLayoutEffect(() => {
        preload(load).then(
            (made) => {
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

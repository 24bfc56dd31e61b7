/** composer.tsx - adding cards and lists by typing. The card composer stays open for the next one;
 * what was typed is never lost. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { openCard } from './actions';
import { Icon } from './icons';
import { fit } from './name_editor';
import { composing, say, toast } from './ui';

const TYPED_MS = 250;

/** Each without its bullet or number. */
export function linesOf(text: string): string[] {
    return text
        .split(/\r?\n/)
        .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim())
        .filter((line) => line !== '');
}

export function CardComposer({
    store,
    list,
    after,
}: {
    store: Store;
    list: Id;
    after: Id | undefined;
}): JSX.Element {
    const ref = useRef<HTMLTextAreaElement>(null);
    const form = useRef<HTMLFormElement>(null);
    const last = useRef(after);
    const restored = useSignal(false);
    const pasted = useSignal<readonly string[]>([]);
    const name = `composer ${list}`;
    // Before the next key, which may come before the next frame.
    useLayoutEffect(() => {
        ref.current?.focus();
        form.current?.scrollIntoView({ block: 'nearest' });
        void store.typed(name).then((text) => {
            if (
                text === undefined ||
                text === '' ||
                ref.current === null ||
                ref.current.value !== ''
            )
                return;
            ref.current.value = text;
            fit(ref.current);
            restored.value = true;
        });
    }, [list]);
    useLayoutEffect(() => {
        const area = ref.current;
        let timer = 0;
        const keep = () =>
            store.keepTyped(name, area === null || area.value === '' ? undefined : area.value);
        const soon = () => {
            clearTimeout(timer);
            timer = window.setTimeout(keep, TYPED_MS);
        };
        area?.addEventListener('input', soon);
        addEventListener('pagehide', keep);
        return () => {
            clearTimeout(timer);
            area?.removeEventListener('input', soon);
            removeEventListener('pagehide', keep);
            keep();
        };
    }, [list]);
    const empty = () => {
        if (ref.current === null) return;
        ref.current.value = '';
        fit(ref.current);
        restored.value = false;
        pasted.value = [];
        store.keepTyped(name, undefined);
        ref.current.focus();
    };
    const place = () => (last.current === undefined ? {} : { after: last.current });
    const add = (): Id | undefined => {
        const text = (ref.current?.value ?? '').trim();
        if (text === '') return undefined;
        const id = store.createCard(list, { name: text }, place());
        if (last.current !== undefined) last.current = id;
        empty();
        say(`Added ${text}`);
        requestAnimationFrame(() => form.current?.scrollIntoView({ block: 'nearest' }));
        return id;
    };
    const addMany = () => {
        const lines = pasted.peek();
        const ids = store.createCards(
            list,
            lines.map((line) => ({ name: line })),
            place(),
        );
        if (last.current !== undefined) last.current = ids.at(-1);
        empty();
        toast(`Added ${ids.length} cards`, {
            label: 'Undo',
            run: () =>
                store.group('Archive cards', () => ids.forEach((id) => store.archiveCard(id))),
        });
    };
    const close = () => {
        composing.value = undefined;
    };
    const keys = (event: KeyboardEvent) => {
        if (event.isComposing) return;
        if (event.key === 'Escape') {
            event.stopPropagation();
            close();
            document.querySelector<HTMLElement>(`[data-list="${list}"] .add-card`)?.focus();
        } else if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            if (pasted.peek().length > 1) return addMany();
            const id = add();
            if (id !== undefined && (event.ctrlKey || event.metaKey)) openCard(store, id);
        }
    };
    const paste = (event: ClipboardEvent) => {
        const lines = linesOf(event.clipboardData?.getData('text/plain') ?? '');
        if (lines.length > 1 && (ref.current?.value ?? '') === '') pasted.value = lines;
    };
    return (
        <form
            class="composer"
            ref={form}
            onSubmit={(event) => {
                event.preventDefault();
                add();
            }}
        >
            <textarea
                ref={ref}
                rows={2}
                maxLength={16384}
                aria-label="Name of the new card"
                placeholder="What is to be done?"
                enterkeyhint="enter"
                onKeyDown={keys}
                onPaste={paste}
                onInput={(event) => {
                    fit(event.currentTarget);
                    if (pasted.peek().length > 0 && linesOf(event.currentTarget.value).length < 2)
                        pasted.value = [];
                }}
            />
            {restored.value && (
                <p class="chip">
                    <Icon name="undo" /> Your draft is back{' '}
                    <button type="button" class="bare" onClick={empty}>
                        Discard
                    </button>
                </p>
            )}
            {pasted.value.length > 1 ? (
                <div class="row" role="group" aria-label="You pasted several lines">
                    <button type="button" class="primary" onClick={addMany}>
                        Add {pasted.value.length} cards
                    </button>
                    <button type="button" onClick={() => add()}>
                        Add one card
                    </button>
                </div>
            ) : (
                <div class="row">
                    <button class="primary">Add card</button>
                    <button type="button" class="bare" aria-label="Close" onClick={close}>
                        <Icon name="close" />
                    </button>
                </div>
            )}
        </form>
    );
}

export function ListComposer({ store, first }: { store: Store; first: boolean }): JSX.Element {
    const open = useSignal(false);
    const ref = useRef<HTMLInputElement>(null);
    useLayoutEffect(() => {
        if (open.value) ref.current?.focus();
    }, [open.value]);
    if (!open.value) {
        return (
            <button
                class="add-list"
                onClick={() => {
                    open.value = true;
                }}
            >
                <Icon name="plus" /> {first ? 'Add the first list' : 'Add a list'}
            </button>
        );
    }
    const close = () => {
        open.value = false;
    };
    return (
        <form
            class="composer list-composer"
            onSubmit={(event) => {
                event.preventDefault();
                const name = (ref.current?.value ?? '').trim();
                if (name === '' || ref.current === null) return;
                store.createList(name);
                say(`Added the list ${name}`);
                ref.current.value = '';
                requestAnimationFrame(() =>
                    ref.current?.scrollIntoView({ inline: 'end', block: 'nearest' }),
                );
            }}
            onKeyDown={(event) => {
                if (event.key === 'Escape') close();
            }}
            onFocusOut={(event) => {
                const next = event.relatedTarget;
                if (
                    !(next instanceof Node && event.currentTarget.contains(next)) &&
                    ref.current?.value === ''
                )
                    close();
            }}
        >
            <input
                ref={ref}
                maxLength={16384}
                aria-label="Name of the new list"
                placeholder="Name of the list"
                autocomplete="off"
            />
            <div class="row">
                <button class="primary">Add list</button>
                <button type="button" class="bare" aria-label="Close" onClick={close}>
                    <Icon name="close" />
                </button>
            </div>
        </form>
    );
}

/** description.tsx - a card's description: read as Markdown, written in an editor, what is being
 * written kept over reloads. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Store } from '../store';
import type { Editor } from './editor';
import { Icon } from './icons';
import { Markdown } from './markdown';
import { fit } from './name_editor';
import { say, toast } from './ui';

const TYPED_MS = 300;

interface WriterProps {
    readonly store: Store;
    readonly id: Id;
    readonly text: string;
    readonly draft: string | undefined;
    readonly done: () => void;
}

function plainEditor(
    host: HTMLElement,
    text: string,
    events: { changed: () => void; save: () => void; leave: () => void },
): Editor {
    const area = document.createElement('textarea');
    area.className = 'plain-editor';
    area.value = text;
    area.setAttribute('aria-label', 'Description');
    area.addEventListener('input', () => {
        fit(area);
        events.changed();
    });
    area.addEventListener('keydown', (event) => {
        if (event.isComposing) return;
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) events.save();
        if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            events.leave();
        }
    });
    host.append(area);
    fit(area);
    let base = text;
    return {
        text: () => area.value,
        focus: () => area.focus(),
        follow: (now) => {
            if (now === base) return;
            if (area.value === base) area.value = now;
            else
                toast(
                    'Somebody else changed this meanwhile. Saving replaces their text.',
                );
            base = now;
        },
        close: () => area.remove(),
    };
}

function Writer({ store, id, text, draft, done }: WriterProps): JSX.Element {
    const host = useRef<HTMLDivElement>(null);
    const editor = useRef<Editor | undefined>(undefined);
    const ended = useRef(false);
    const restored = useSignal(draft !== undefined);
    const name = `desc ${id}`;
    const save = () => {
        const now = editor.current?.text();
        if (now === undefined || ended.current) return;
        ended.current = true;
        if (now !== store.text(id).peek()) {
            store.setText(id, now);
            say('Description saved');
        }
        store.keepTyped(name, undefined);
        done();
    };
    const leave = (drop: boolean) => {
        if (ended.current) return;
        ended.current = true;
        const now = editor.current?.text();
        const changed = !drop && now !== undefined && now !== store.text(id).peek();
        store.keepTyped(name, changed ? now : undefined);
        if (changed)
            toast('Not saved, but kept: the draft is there when you edit again.', {
                label: 'Save it',
                run: () => {
                    store.setText(id, now);
                    store.keepTyped(name, undefined);
                },
            });
        done();
    };
    useEffect(() => {
        let timer = 0;
        let gone = false;
        const keep = () => {
            const now = editor.current?.text();
            if (!ended.current && now !== undefined)
                store.keepTyped(name, now === store.text(id).peek() ? undefined : now);
        };
        const events = {
            changed: () => {
                clearTimeout(timer);
                timer = window.setTimeout(keep, TYPED_MS);
            },
            save: () => save(),
            leave: () => leave(false),
        };
        const begin = (made: Editor) => {
            editor.current = made;
            made.focus();
        };
        import('./editor').then(
            ({ openEditor }) => {
                if (gone || host.current === null) return;
                // A draft is one's own change to the text as it is now.
                begin(
                    openEditor(host.current, {
                        ...events,
                        text,
                        ...(draft === undefined ? {} : { draft }),
                    }),
                );
            },
            () => {
                if (!gone && host.current !== null)
                    begin(plainEditor(host.current, draft ?? text, events));
            },
        );
        addEventListener('pagehide', keep);
        return () => {
            gone = true;
            clearTimeout(timer);
            keep();
            removeEventListener('pagehide', keep);
            editor.current?.close();
        };
    }, []);
    const now = store.text(id).value;
    useEffect(() => {
        if (now !== undefined) editor.current?.follow(now);
    }, [now]);
    return (
        <div class="writer">
            <div class="editor" ref={host} />
            {restored.value && (
                <p class="chip">
                    <Icon name="undo" /> Your unsaved draft is back
                </p>
            )}
            <div class="row">
                <button class="primary" onClick={save}>
                    Save
                </button>
                <button onClick={() => leave(true)}>Discard</button>
                <span class="quiet end">Ctrl + Enter saves, Esc keeps a draft</span>
            </div>
        </div>
    );
}

export function Description({
    store,
    id,
    edit,
}: {
    store: Store;
    id: Id;
    edit: boolean;
}): JSX.Element {
    const text = store.text(id).value;
    const writing = useSignal(false);
    const draft = useSignal<string | undefined>(undefined);
    const button = useRef<HTMLButtonElement>(null);
    const look = () =>
        void store.typed(`desc ${id}`).then((typed) => {
            draft.value = typed;
        });
    useEffect(look, [id]);
    const end = () => {
        writing.value = false;
        setTimeout(() => {
            look();
            button.current?.focus();
        });
    };
    return (
        <section class="description" aria-label="Description">
            <div class="section-head">
                <h3>
                    <Icon name="text" /> Description
                </h3>
                {edit && text !== undefined && !writing.value && (
                    <button
                        ref={button}
                        onClick={() => {
                            writing.value = true;
                        }}
                    >
                        {text === '' ? 'Write' : 'Edit'}
                    </button>
                )}
            </div>
            {writing.value && edit && text !== undefined ? (
                <Writer store={store} id={id} text={text} draft={draft.value} done={end} />
            ) : (
                <>
                    {draft.value !== undefined && draft.value !== text && edit && (
                        <p class="chip">
                            <Icon name="undo" /> There is an unsaved draft{' '}
                            <button
                                class="bare"
                                onClick={() => {
                                    writing.value = true;
                                }}
                            >
                                Go on writing
                            </button>
                        </p>
                    )}
                    {text === undefined ? (
                        <p class="quiet">
                            {store.connection.value.state === 'live'
                                ? 'Fetching …'
                                : 'The description is not on this device yet.'}
                        </p>
                    ) : text === '' ? (
                        <p class="quiet">{edit ? 'Nothing yet.' : 'There is none.'}</p>
                    ) : (
                        <Markdown text={text} />
                    )}
                </>
            )}
        </section>
    );
}

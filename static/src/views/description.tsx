/** description.tsx - a card's description: read as Markdown, written in an editor together with
 * whoever else writes in it. */
import { effect, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import { type Delta, deltaApply } from '../model/text';
import type { Store } from '../store';
import { EditedText, edited, TEXT_UNITS_MAX } from './edited_text';
import type { Caret, Editor, EditorOptions } from './editor';
import { presenceOf, tintOf } from './here_state';
import { Icon } from './icons';
import { Markdown } from './markdown';
import { fit } from './name_editor';

interface WriterProps {
    readonly store: Store;
    readonly id: Id;
    readonly done: () => void;
}

/** Puts others' changes into a text area; the caret stays where it was in the text. */
function change(area: HTMLTextAreaElement, delta: Delta): void {
    const { value, selectionStart, selectionEnd } = area;
    const caret = (at: number) => {
        let behind = at;
        let read = 0;
        for (const part of delta) {
            if (typeof part === 'string') {
                if (read < at) behind += part.length;
            } else {
                if (part < 0) behind -= Math.max(0, Math.min(at - read, -part));
                read += Math.abs(part);
            }
        }
        return behind;
    };
    area.value = deltaApply(value, delta) ?? value;
    area.setSelectionRange(caret(selectionStart), caret(selectionEnd));
    fit(area);
}

/** Where the editor's code does not come through: offline before it was ever used. */
function plainEditor(host: HTMLElement, options: EditorOptions): Editor {
    const area = document.createElement('textarea');
    const edited = new EditedText(options.text, options.send);
    let composing = false;
    area.className = 'plain-editor';
    area.value = options.text;
    area.maxLength = TEXT_UNITS_MAX;
    area.setAttribute('aria-label', 'Description');
    area.addEventListener('input', () => {
        fit(area);
        if (!composing) edited.typed(area.value);
    });
    area.addEventListener('compositionstart', () => {
        composing = true;
    });
    area.addEventListener('compositionend', () => {
        composing = false;
        change(area, edited.release(area.value));
        edited.typed(area.value);
    });
    area.addEventListener('keydown', (event) => {
        if (event.isComposing) return;
        const save = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
        if (!save && event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        options.leave();
    });
    host.append(area);
    fit(area);
    return {
        focus: () => area.focus(),
        change: (delta) => {
            if (composing) edited.hold(delta);
            else change(area, edited.changed(delta, area.value));
        },
        before: () => edited.before(),
        close: () => area.remove(),
    };
}

/** Others' carets in the text of that card, as it is shown here. */
function caretsIn(store: Store, id: Id): Caret[] {
    const presence = presenceOf(store);
    const carets: Caret[] = [];
    for (const seat of presence.seats.value) {
        const place = presence.place(seat, id);
        if (place === undefined) continue;
        const name = store.who.peek().get(seat.idMember)?.fullName ?? 'Somebody';
        carets.push({ name, colour: tintOf(seat.idMember), ...place });
    }
    return carets;
}

/** What is typed is everybody's at once: there is nothing to save, and nothing to lose. */
function Writer({ store, id, done }: WriterProps): JSX.Element {
    const host = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const presence = presenceOf(store);
        let end = () => {};
        let gone = false;
        const begin = (open: (host: HTMLElement, options: EditorOptions) => Editor) => {
            if (gone || host.current === null) return;
            const followed = store.follow(id, (delta) => editor.change(delta));
            const editor = open(host.current, {
                text: followed.text,
                send: (delta) => void store.edit(id, delta),
                leave: done,
                selected: (anchor, head) => presence.selected(id, anchor, head),
            });
            const stop = effect(() => editor.carets?.(caretsIn(store, id)));
            presence.writes('desc');
            end = () => {
                stop();
                presence.writes(undefined);
                followed.stop();
                edited(store, id, editor.before());
                editor.close();
            };
            editor.focus();
        };
        import('./editor').then(
            ({ openEditor }) => begin(openEditor),
            () => begin(plainEditor),
        );
        return () => {
            gone = true;
            end();
        };
    }, []);
    return (
        <div class="writer">
            <div class="editor" ref={host} />
            <div class="row">
                <button class="primary" onClick={done}>
                    Done
                </button>
                <span class="quiet end">Saved as you type. Esc or Ctrl + Enter closes.</span>
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
    const button = useRef<HTMLButtonElement>(null);
    const end = () => {
        writing.value = false;
        setTimeout(() => button.current?.focus());
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
                <Writer store={store} id={id} done={end} />
            ) : (
                <>
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

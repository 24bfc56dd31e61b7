/** attachments.tsx - the files and links of an open card: chosen, dropped or pasted, shown,
 * renamed, put on the card's face. */
import { signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { attach, cancel, type Upload, uploads } from '../attach';
import type { Id } from '../model/id';
import { type Attachment, part, partIds } from '../parts';
import { addressOf, isPicture } from '../pictures';
import type { Store } from '../store';
import { short, undo } from './actions';
import { Icon } from './icons';
import { since } from './moments';
import { NameEditor } from './name_editor';
import { toast } from './ui';

interface Props {
    readonly store: Store;
    readonly id: Id;
    readonly edit: boolean;
}

function sizeWords(bytes: number): string {
    const units = ['bytes', 'KB', 'MB', 'GB'];
    let size = bytes;
    let unit = 0;
    for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
    return `${unit > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

function hostOf(url: string): string {
    try {
        return new URL(url).host;
    } catch {
        return '';
    }
}

/* -- what is done */

const adding = signal(false);

export function addAttachment(): void {
    adding.value = true;
}

function send(card: Id, list: FileList | null | undefined): boolean {
    const files = [...(list ?? [])];
    if (files.length === 0) return false;
    attach(card, files, (text) => toast(`Not attached: ${text}`));
    adding.value = false;
    return true;
}

const WAITS_MAX = 50;

/** The server can bring back only what it has deleted. */
async function sent(store: Store): Promise<void> {
    for (let left = WAITS_MAX; store.replica.waiting > 0 && left > 0; left--)
        await new Promise<void>((resolve) => store.env.later(100, resolve));
}

/** Only the server knows a file by its content: it is who brings it back. */
function remove(store: Store, { id, name, file }: Attachment): void {
    store.act('Delete attachment', { op: 'attachment.delete', id });
    const back = async () => {
        const { takeBack } = await import('./activity');
        await sent(store);
        await takeBack(store, { id }, 'It is there again.');
    };
    const run = file === null ? () => undo(store) : () => void back();
    toast(`Deleted “${short(name)}”`, { label: 'Undo', run });
}

function isTyping(target: EventTarget | null): boolean {
    return (
        target instanceof Element &&
        target.closest('input, textarea, [contenteditable]') !== null
    );
}

/** Files that are dropped on the page or pasted while the card is open are for it. Words that are
 * pasted into a text stay words, even where a picture of them comes along. */
function useGifts(card: Id, edit: boolean): void {
    useEffect(() => {
        if (!edit) return;
        const over = (event: DragEvent) => {
            if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
        };
        const drop = (event: DragEvent) => {
            if (send(card, event.dataTransfer?.files)) event.preventDefault();
        };
        const paste = (event: ClipboardEvent) => {
            const data = event.clipboardData;
            const words = data?.types.includes('text/plain') === true;
            if (words && isTyping(event.composedPath()[0] ?? null)) return;
            if (send(card, data?.files)) event.preventDefault();
        };
        addEventListener('dragover', over);
        addEventListener('drop', drop);
        addEventListener('paste', paste, true);
        return () => {
            removeEventListener('dragover', over);
            removeEventListener('drop', drop);
            removeEventListener('paste', paste, true);
        };
    }, [card, edit]);
}

/* -- what is seen */

function Thumb({ attachment }: { attachment: Attachment }): JSX.Element {
    const address = addressOf(attachment);
    const end = /\.(\w{1,5})$/.exec(attachment.fileName ?? '')?.[1];
    return (
        <a class="thumb" href={address} target="_blank" rel="noreferrer" tabIndex={-1}>
            {isPicture(attachment) ? (
                <img src={address} alt="" loading="lazy" />
            ) : (
                (end?.toUpperCase() ?? <Icon name="link" />)
            )}
            <span class="spoken">Open {attachment.name}</span>
        </a>
    );
}

function One({ store, id, edit }: Props): JSX.Element | null {
    const attachment = part<Attachment>(store, id);
    const editing = useSignal(false);
    if (attachment === undefined) return null;
    const { idCard, name, bytes, date, file, url } = attachment;
    const covers = store.card(idCard).value?.cover?.idAttachment === id;
    const picture = { brightness: 'dark', color: null, idAttachment: id, size: 'normal' };
    return (
        <li class="attachment">
            <Thumb attachment={attachment} />
            <div class="grow">
                {editing.value ? (
                    <NameEditor
                        name={name}
                        label="Name of the attachment"
                        save={(now) =>
                            store.act('Rename attachment', { op: 'attachment.set', id, name: now })
                        }
                        done={() => {
                            editing.value = false;
                        }}
                    />
                ) : (
                    <a href={addressOf(attachment)} target="_blank" rel="noreferrer">
                        {name}
                    </a>
                )}
                <p class="quiet">
                    {file === null ? hostOf(url) : sizeWords(bytes ?? 0)} ·{' '}
                    {since(date, Date.now())}
                </p>
                {edit && (
                    <p class="row attachment-row">
                        <button
                            class="bare"
                            aria-label={`Rename ${name}`}
                            onClick={() => {
                                editing.value = true;
                            }}
                        >
                            Rename
                        </button>
                        {isPicture(attachment) && (
                            <button
                                class="bare"
                                aria-label={covers ? 'Take off the cover' : `Cover: ${name}`}
                                onClick={() =>
                                    store.setCard(idCard, { cover: covers ? null : picture })
                                }
                            >
                                {covers ? 'Take off the cover' : 'Use as cover'}
                            </button>
                        )}
                        <button
                            class="bare"
                            aria-label={`Delete ${name}`}
                            onClick={() => remove(store, attachment)}
                        >
                            Delete
                        </button>
                    </p>
                )}
            </div>
        </li>
    );
}

function Going({ upload }: { upload: Upload }): JSX.Element {
    const percent = Math.round(upload.part * 100);
    return (
        <li class="attachment">
            <div class="grow">
                <p>{upload.name}</p>
                <progress max={100} value={percent} aria-label={`Sending ${upload.name}`} />
            </div>
            <button
                class="bare"
                aria-label={`Stop sending ${upload.name}`}
                onClick={() => cancel(upload.key)}
            >
                <Icon name="close" />
            </button>
        </li>
    );
}

function Adder({ store, id }: { store: Store; id: Id }): JSX.Element {
    const link = useRef<HTMLInputElement>(null);
    const files = useRef<HTMLInputElement>(null);
    useEffect(() => link.current?.focus(), []);
    const add = (event: Event) => {
        event.preventDefault();
        const url = link.current?.value.trim() ?? '';
        const idCard = id;
        store.act('Attach link', { op: 'attachment.create', id: store.newId(), idCard, url });
        adding.value = false;
    };
    return (
        <form class="attachment-adder" onSubmit={add}>
            <div class="row">
                <input
                    ref={link}
                    type="url"
                    required
                    pattern="[hH][tT][tT][pP][sS]?://.+"
                    title="http://... or https://..."
                    placeholder="https://"
                    aria-label="Address of a link"
                />
                <button class="primary">Attach link</button>
            </div>
            <div class="row">
                <button type="button" onClick={() => files.current?.click()}>
                    Choose files
                </button>
                <span class="quiet">or drop them here, or paste a picture</span>
            </div>
            <input
                ref={files}
                type="file"
                multiple
                hidden
                aria-label="Files"
                onChange={(event) => send(id, event.currentTarget.files)}
            />
        </form>
    );
}

export function Attachments({ store, id, edit }: Props): JSX.Element | null {
    const ids = partIds(store, 'attachment', id);
    const going = uploads.value.filter((upload) => upload.card === id);
    const open = adding.value && edit;
    useGifts(id, edit);
    useEffect(
        () => () => {
            adding.value = false;
        },
        [],
    );
    if (ids.length === 0 && going.length === 0 && !open) return null;
    return (
        <section class="attachments" aria-label="Attachments">
            <header class="section-head">
                <h3>
                    <Icon name="link" /> Attachments
                </h3>
                {edit && (
                    <button
                        aria-expanded={open}
                        onClick={() => {
                            adding.value = !open;
                        }}
                    >
                        {open ? 'Done' : 'Add'}
                    </button>
                )}
            </header>
            {open && <Adder store={store} id={id} />}
            <ul>
                {ids.map((one) => (
                    <One key={one} store={store} id={one} edit={edit} />
                ))}
                {going.map((upload) => (
                    <Going key={upload.key} upload={upload} />
                ))}
            </ul>
        </section>
    );
}

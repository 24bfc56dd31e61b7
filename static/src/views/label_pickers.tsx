/** label_pickers.tsx - labels on a card, made and changed where they are chosen; its cover; and the
 * filter. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Label } from '../model/kinds';
import type { Store } from '../store';
import { filter, setFilter } from './filter';
import { Icon } from './icons';
import { colorClass, colorName, colors, hues, labelTitle } from './labels';
import { closeDialog, Modal } from './modal';
import type { CardPickerProps } from './pickers';
import { fold } from './query';
import type { Anchor } from './ui';

function LabelEditor({
    store,
    label,
    done,
}: {
    store: Store;
    label: Label | undefined;
    done: (made?: Id) => void;
}): JSX.Element {
    const color = useSignal<string | null>(label === undefined ? 'green' : label.color);
    const sure = useSignal(false);
    const name = useRef<HTMLInputElement>(null);
    const save = () => {
        const text = (name.current?.value ?? '').trim();
        if (label === undefined) return done(store.createLabel(text, color.value));
        if (text !== label.name || color.value !== label.color)
            store.setLabel(label.id, { name: text, color: color.value });
        done();
    };
    return (
        <form
            class="stack"
            onSubmit={(event) => {
                event.preventDefault();
                save();
            }}
        >
            <label class="field">
                Name
                <input
                    ref={name}
                    data-first
                    maxLength={16384}
                    defaultValue={label?.name ?? ''}
                    autocomplete="off"
                />
            </label>
            <fieldset class="swatches">
                <legend>Colour</legend>
                {hues.map((hue) =>
                    colors
                        .filter((one) => one === hue || one.startsWith(`${hue}_`))
                        .map((one) => (
                            <label key={one} class={colorClass(one)} title={colorName(one)}>
                                <input
                                    type="radio"
                                    name="color"
                                    class="spoken"
                                    checked={color.value === one}
                                    onChange={() => {
                                        color.value = one;
                                    }}
                                />
                                <span class="spoken">{colorName(one)}</span>
                                {color.value === one && <Icon name="check" />}
                            </label>
                        )),
                )}
                <label class="hue hue-none none" title="No colour">
                    <input
                        type="radio"
                        name="color"
                        class="spoken"
                        checked={color.value === null}
                        onChange={() => {
                            color.value = null;
                        }}
                    />
                    No colour{color.value === null && <Icon name="check" />}
                </label>
            </fieldset>
            <div class="row">
                <button class="primary">{label === undefined ? 'Create' : 'Save'}</button>
                <button type="button" onClick={() => done()}>
                    Back
                </button>
                {label !== undefined && (
                    <button
                        type="button"
                        class="danger end"
                        onClick={() => {
                            if (!sure.value) {
                                sure.value = true;
                                return;
                            }
                            store.deleteLabel(label.id);
                            done();
                        }}
                    >
                        {sure.value ? 'Really delete, on every card' : 'Delete'}
                    </button>
                )}
            </div>
        </form>
    );
}

interface LabelListProps {
    readonly store: Store;
    readonly chosen: readonly Id[];
    readonly choose: (id: Id, on: boolean) => void;
    readonly edit: ((id: Id | undefined) => void) | undefined;
}

function LabelList({ store, chosen, choose, edit }: LabelListProps): JSX.Element {
    const search = useSignal('');
    const labels = store.labels.value
        .map((id) => store.label(id).value)
        .filter((label) => label !== undefined);
    const found = labels.filter((label) =>
        fold(`${label.name} ${colorName(label.color)}`).includes(fold(search.value)),
    );
    return (
        <div class="stack">
            {labels.length > 6 && (
                <input
                    data-first
                    type="search"
                    placeholder="Search labels"
                    aria-label="Search labels"
                    onInput={(event) => {
                        search.value = event.currentTarget.value;
                    }}
                />
            )}
            <ul class="choices">
                {found.map((label, index) => (
                    <li key={label.id}>
                        <label class="choice">
                            <input
                                type="checkbox"
                                data-first={labels.length <= 6 && index === 0 ? '' : undefined}
                                checked={chosen.includes(label.id)}
                                onChange={(event) => choose(label.id, event.currentTarget.checked)}
                            />
                            <span class={`wide-label ${colorClass(label.color)}`}>
                                {label.name || <span class="spoken">{labelTitle(label)}</span>}
                            </span>
                        </label>
                        {edit && (
                            <button
                                class="bare"
                                aria-label={`Edit ${labelTitle(label)}`}
                                onClick={() => edit(label.id)}
                            >
                                <Icon name="pen" />
                            </button>
                        )}
                    </li>
                ))}
            </ul>
            {found.length === 0 && (
                <p class="quiet">
                    {labels.length === 0
                        ? 'This board has no labels yet.'
                        : 'No label is called so.'}
                </p>
            )}
            {edit && (
                <button onClick={() => edit(undefined)}>
                    <Icon name="plus" /> Create a label
                </button>
            )}
        </div>
    );
}

export function LabelPicker({ store, id, anchor }: CardPickerProps): JSX.Element {
    const editing = useSignal<Id | 'new' | undefined>(undefined);
    const card = store.card(id).value;
    const now = editing.value;
    return (
        <Modal
            title={now === undefined ? 'Labels' : now === 'new' ? 'New label' : 'Edit label'}
            anchor={anchor}
            kind="picker"
        >
            {now === undefined ? (
                <LabelList
                    store={store}
                    chosen={card?.idLabels ?? []}
                    choose={(label, on) => store.setCardLabel(id, label, on)}
                    edit={(label) => {
                        editing.value = label ?? 'new';
                    }}
                />
            ) : (
                <LabelEditor
                    key={now}
                    store={store}
                    label={now === 'new' ? undefined : store.label(now).value}
                    done={(made) => {
                        if (made !== undefined) store.setCardLabel(id, made, true);
                        editing.value = undefined;
                    }}
                />
            )}
        </Modal>
    );
}

export function CoverPicker({ store, id, anchor }: CardPickerProps): JSX.Element | null {
    const card = store.card(id).value;
    if (card === undefined) return null;
    const color = card.cover?.color ?? null;
    const full = card.cover?.size === 'full';
    // as the server keeps it, so that it is known again when it is to be undone
    const put = (color: string | null, size: 'normal' | 'full') =>
        store.setCard(id, {
            cover: color === null ? null : { brightness: 'dark', color, idAttachment: null, size },
        });
    const swatch = (hue: (typeof hues)[number] | null) => (
        <label
            key={hue}
            class={`${colorClass(hue)} ${hue === null ? 'none' : ''}`}
            title={colorName(hue)}
        >
            <input
                type="radio"
                name="cover"
                class="spoken"
                data-first={color === hue ? '' : undefined}
                checked={color === hue}
                onChange={() => put(hue, full ? 'full' : 'normal')}
            />
            <span class={hue === null ? '' : 'spoken'}>
                {hue === null ? 'No cover' : colorName(hue)}
            </span>
            {color === hue && <Icon name="check" />}
        </label>
    );
    return (
        <Modal title="Cover" anchor={anchor} kind="picker">
            <div class="stack">
                <fieldset class="swatches few">
                    <legend>Colour</legend>
                    {hues.map(swatch)}
                    {swatch(null)}
                </fieldset>
                {color !== null && (
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={full}
                            onChange={(event) =>
                                put(
                                    String(color),
                                    event.currentTarget.checked ? 'full' : 'normal',
                                )
                            }
                        />{' '}
                        Colour the whole card
                    </label>
                )}
            </div>
        </Modal>
    );
}

export function FilterPicker({
    store,
    anchor,
}: {
    store: Store;
    anchor?: Anchor | undefined;
}): JSX.Element {
    const { labels, mine, text } = filter.value;
    return (
        <Modal title="Filter cards" anchor={anchor} kind="picker">
            <div class="stack">
                <label class="field">
                    Words
                    <input
                        type="search"
                        data-first
                        defaultValue={text}
                        placeholder="in the name, a label or a person"
                        onInput={(event) => setFilter({ text: event.currentTarget.value })}
                    />
                </label>
                <label class="choice">
                    <input
                        type="checkbox"
                        checked={mine}
                        onChange={(event) => setFilter({ mine: event.currentTarget.checked })}
                    />{' '}
                    Only my cards
                </label>
                <LabelList
                    store={store}
                    chosen={labels}
                    edit={undefined}
                    choose={(id, on) =>
                        setFilter({
                            labels: on ? [...labels, id] : labels.filter((other) => other !== id),
                        })
                    }
                />
                <div class="row">
                    <button class="primary" onClick={closeDialog}>
                        Done
                    </button>
                    <button
                        onClick={() => {
                            setFilter({ text: '', labels: [], mine: false });
                            closeDialog();
                        }}
                    >
                        Clear
                    </button>
                </div>
            </div>
        </Modal>
    );
}

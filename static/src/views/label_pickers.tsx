/** label_pickers.tsx - labels on a card, made and changed where they are chosen; its cover; and the
 * filter. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Card, Label } from '../model/kinds';
import { type Attachment, look, part, partIds } from '../parts';
import { addressOf, isPicture } from '../pictures';
import type { Store } from '../store';
import { filter, setFilter } from './filter';
import { Icon } from './icons';
import { colorClass, colorName, colors, hues, labelTitle } from './labels';
import { closeDialog, Modal } from './modal';
import type { CardPickerProps } from './pickers';
import { fold } from './query';
import { Twice } from './twice';
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
                    <Twice
                        end
                        word="Delete"
                        really="Really delete, on every card"
                        run={() => {
                            store.deleteLabel(label.id);
                            done();
                        }}
                    />
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

interface Cover {
    readonly brightness: 'dark' | 'light';
    readonly color: string | null;
    readonly idAttachment: string | null;
    readonly size: 'normal' | 'full';
}

/** As the server keeps it, member by member, so that it is known again when it is to be undone. */
function coverNow({ cover }: Card): Cover {
    return {
        brightness: cover?.brightness === 'light' ? 'light' : 'dark',
        color: typeof cover?.color === 'string' ? cover.color : null,
        idAttachment: typeof cover?.idAttachment === 'string' ? cover.idAttachment : null,
        size: cover?.size === 'full' ? 'full' : 'normal',
    };
}

export function CoverPicker({ store, id, anchor }: CardPickerProps): JSX.Element | null {
    const card = store.card(id).value;
    useEffect(() => look(store, id), [id]);
    if (card === undefined) return null;
    const now = coverNow(card);
    const put = (change: Partial<Cover>) => {
        const cover = { ...now, ...change };
        const none = cover.color === null && cover.idAttachment === null;
        store.setCard(id, { cover: none ? null : { ...cover } });
    };
    const pictures = partIds(store, 'attachment', id)
        .map((one) => part<Attachment>(store, one))
        .filter((one) => one !== undefined && isPicture(one)) as Attachment[];
    const any = now.color !== null || now.idAttachment !== null;
    const swatch = (hue: (typeof hues)[number] | null) => {
        const chosen = hue === null ? !any : now.color === hue;
        return (
            <label
                key={hue}
                class={`${colorClass(hue)} ${hue === null ? 'none' : ''}`}
                title={colorName(hue)}
            >
                <input
                    type="radio"
                    name="cover"
                    class="spoken"
                    data-first={chosen ? '' : undefined}
                    checked={chosen}
                    onChange={() => put({ color: hue, idAttachment: null })}
                />
                <span class={hue === null ? '' : 'spoken'}>
                    {hue === null ? 'No cover' : colorName(hue)}
                </span>
                {chosen && <Icon name="check" />}
            </label>
        );
    };
    return (
        <Modal title="Cover" anchor={anchor} kind="picker">
            <div class="stack">
                <fieldset class="swatches few">
                    <legend>Colour</legend>
                    {hues.map(swatch)}
                    {swatch(null)}
                </fieldset>
                {pictures.length > 0 && (
                    <fieldset class="swatches pictures">
                        <legend>Picture</legend>
                        {pictures.map((one) => (
                            <label key={one.id} title={one.name}>
                                <img src={addressOf(one)} alt="" loading="lazy" />
                                <input
                                    type="radio"
                                    name="cover"
                                    class="spoken"
                                    data-first={now.idAttachment === one.id ? '' : undefined}
                                    checked={now.idAttachment === one.id}
                                    onChange={() => put({ color: null, idAttachment: one.id })}
                                />
                                <span class="spoken">{one.name}</span>
                                {now.idAttachment === one.id && <Icon name="check" />}
                            </label>
                        ))}
                    </fieldset>
                )}
                {any && (
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={now.size === 'full'}
                            onChange={({ currentTarget: { checked } }) =>
                                put({ size: checked ? 'full' : 'normal' })
                            }
                        />
                        {now.color === null ? 'Picture on the whole card' : 'Colour the whole card'}
                    </label>
                )}
                {now.idAttachment !== null && now.size === 'full' && (
                    <label class="choice">
                        <input
                            type="checkbox"
                            checked={now.brightness === 'light'}
                            onChange={({ currentTarget: { checked } }) =>
                                put({ brightness: checked ? 'light' : 'dark' })
                            }
                        />
                        Dark words, on a light picture
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

/** custom_fields.tsx - what a card has in the custom fields of its board; fields are made, renamed
 * and deleted there, too. */
import { signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import {
    type CustomField,
    fieldIds,
    type FieldItem,
    type FieldOption,
    part,
    partIds,
} from '../parts';
import type { Store } from '../store';
import { short } from './actions';
import { linesOf } from './composer';
import { Icon } from './icons';
import { localInput } from './moments';
import { Twice } from './twice';
import { say, toast } from './ui';

interface Props {
    readonly store: Store;
    readonly id: Id;
    readonly edit: boolean;
}

const TYPES = ['text', 'number', 'date', 'checkbox', 'list'] as const;
const typeNames: Readonly<Record<string, string>> = {
    text: 'Text',
    number: 'Number',
    date: 'Date',
    checkbox: 'Checkbox',
    list: 'List',
};

/** How a value of this type is called inside of it. */
const members: Readonly<Record<string, string>> = {
    text: 'text',
    number: 'number',
    date: 'date',
    checkbox: 'checked',
};

type Change = { readonly idValue?: Id | null; readonly value?: string | null };

function put(store: Store, card: Id, field: CustomField, { idValue, value }: Change): void {
    const member = members[field.type] ?? '';
    store.act(`Change ${field.name}`, {
        op: 'customFieldItem.set',
        id: store.newId(),
        idCard: card,
        idCustomField: field.id,
        idValue: idValue ?? null,
        value: value === undefined || value === null ? null : { [member]: value },
    });
}

function Choice({ store, field, item, set }: InputProps & { store: Store }): JSX.Element {
    const options = fieldIds(store, field.id)
        .map((id) => part<FieldOption>(store, id))
        .filter((option) => option !== undefined);
    return (
        <select
            aria-label={field.name}
            value={item?.idValue ?? ''}
            onChange={(event) => set({ idValue: event.currentTarget.value || null })}
        >
            <option value="">–</option>
            {options.map((option) => (
                <option key={option.id} value={option.id}>
                    {option.text}
                </option>
            ))}
        </select>
    );
}

interface InputProps {
    readonly field: CustomField;
    readonly item: FieldItem | undefined;
    readonly set: (change: Change) => void;
}

/** Kept when it is left, or on Enter. */
function Input({ field, item, set }: InputProps): JSX.Element {
    const value = item?.value?.[members[field.type] ?? ''] ?? '';
    const date = field.type === 'date';
    const kind = date ? 'datetime-local' : field.type === 'number' ? 'number' : 'text';
    const kept = (text: string): string | null => {
        if (text.trim() === '') return null;
        const when = new Date(text);
        return date && !Number.isNaN(when.getTime()) ? when.toISOString() : text.trim();
    };
    if (field.type === 'checkbox')
        return (
            <input
                type="checkbox"
                aria-label={field.name}
                checked={value === 'true'}
                onChange={(event) => set({ value: event.currentTarget.checked ? 'true' : null })}
            />
        );
    return (
        <input
            type={kind as 'text'}
            step="any"
            aria-label={field.name}
            maxLength={4096}
            value={date ? localInput(value === '' ? null : value) : value}
            onChange={(event) => set({ value: kept(event.currentTarget.value) })}
        />
    );
}

function shown(store: Store, field: CustomField, item: FieldItem | undefined): string {
    if (item === undefined) return '–';
    if (item.idValue !== null) return part<FieldOption>(store, item.idValue)?.text ?? '–';
    return item.value?.[members[field.type] ?? ''] ?? '–';
}

/** Changed when it is left, or on Enter; it is never empty. */
function Rename(props: { label: string; name: string; set: (name: string) => void }): JSX.Element {
    const { label, name, set } = props;
    return (
        <input
            class="grow"
            aria-label={label}
            maxLength={16384}
            defaultValue={name}
            onChange={(event) => {
                const text = event.currentTarget.value.trim();
                if (text !== '' && text !== name) set(text);
            }}
        />
    );
}

/** Cards that have it lose the value with it. */
function Option({ store, id }: { store: Store; id: Id }): JSX.Element | null {
    const option = part<FieldOption>(store, id);
    if (option === undefined) return null;
    return (
        <span class="row">
            <Rename
                label={`Text of the option ${option.text}`}
                name={option.text}
                set={(text) =>
                    store.act('Rename option', { op: 'customFieldOption.set', id, text })
                }
            />
            <Twice
                word="Delete"
                what={`the option ${option.text}`}
                run={() => store.act('Delete option', { op: 'customFieldOption.delete', id })}
            />
        </span>
    );
}

/** What there is to choose from in a list. */
function Options({ store, field }: { store: Store; field: CustomField }): JSX.Element {
    return (
        <>
            {fieldIds(store, field.id).map((id) => (
                <Option key={id} store={store} id={id} />
            ))}
            <input
                aria-label={`Another option of ${field.name}`}
                placeholder="Another option"
                maxLength={16384}
                onChange={({ currentTarget }) => {
                    const text = currentTarget.value.trim();
                    currentTarget.value = '';
                    if (text === '') return;
                    const option = { id: store.newId(), idCustomField: field.id, text };
                    store.act('Add option', { op: 'customFieldOption.create', ...option });
                }}
            />
        </>
    );
}

function Field({ store, id, edit, card, managing }: Props & { card: Id; managing: boolean }) {
    const field = part<CustomField>(store, id);
    const items = partIds(store, 'customFieldItem', card).map((one) => part<FieldItem>(store, one));
    if (field === undefined) return null;
    const item = items.find((one) => one?.idCustomField === id);
    const set = (change: Change) => put(store, card, field, change);
    const remove = () => {
        store.act('Delete field', { op: 'customField.delete', id }); // and its values on all cards
        toast(`Deleted the field “${short(field.name)}” of all cards`);
    };
    return (
        <div class="custom-field">
            {managing ? (
                <span class="row">
                    <Rename
                        label={`Name of the field ${field.name}`}
                        name={field.name}
                        set={(name) =>
                            store.act('Rename field', { op: 'customField.set', id, name })
                        }
                    />
                    <label class="row">
                        <input
                            type="checkbox"
                            aria-label={`Show the field ${field.name} on cards`}
                            checked={field.display?.cardFront === true}
                            onChange={(event) => {
                                const cardFront = event.currentTarget.checked;
                                const display = { ...field.display, cardFront };
                                store.act('Show field', { op: 'customField.set', id, display });
                            }}
                        />
                        On cards
                    </label>
                    <Twice word="Delete" what={`the field ${field.name}`} run={remove} />
                </span>
            ) : (
                <h4>{field.name}</h4>
            )}
            {!edit && <span>{shown(store, field, item)}</span>}
            {managing && field.type === 'list' && <Options store={store} field={field} />}
            {edit && field.type === 'list' && (
                <Choice store={store} field={field} item={item} set={set} />
            )}
            {edit && field.type !== 'list' && <Input field={field} item={item} set={set} />}
        </div>
    );
}

function NewField({ store }: { store: Store }): JSX.Element {
    const name = useRef<HTMLInputElement>(null);
    const options = useRef<HTMLTextAreaElement>(null);
    const type = useSignal<string>('text');
    const add = () => {
        const text = (name.current?.value ?? '').trim();
        if (text === '' || name.current === null) return;
        const id = store.newId();
        store.group('Add field', () => {
            const display = { cardFront: true };
            store.act('', { op: 'customField.create', id, name: text, type: type.peek(), display });
            if (type.peek() !== 'list') return;
            for (const line of linesOf(options.current?.value ?? '')) {
                const option = { id: store.newId(), idCustomField: id, text: line };
                store.act('', { op: 'customFieldOption.create', ...option });
            }
        });
        say(`Added the field ${text}`);
        name.current.value = '';
        if (options.current !== null) options.current.value = '';
        name.current.focus();
    };
    return (
        <form
            class="stack"
            onSubmit={(event) => {
                event.preventDefault();
                add();
            }}
        >
            <div class="row">
                <input
                    ref={name}
                    class="grow"
                    maxLength={16384}
                    aria-label="Name of the new field"
                    placeholder="Another field"
                />
                <select
                    aria-label="Type of the new field"
                    value={type.value}
                    onChange={(event) => {
                        type.value = event.currentTarget.value;
                    }}
                >
                    {TYPES.map((one) => (
                        <option key={one} value={one}>
                            {typeNames[one]}
                        </option>
                    ))}
                </select>
                <button class="primary">Add field</button>
            </div>
            {type.value === 'list' && (
                <textarea ref={options} rows={3} aria-label="Options, one a line" />
            )}
        </form>
    );
}

/** The fields themselves are edited, not only what the card has in them. */
const open = signal(false);

export function editFields(): void {
    open.value = true;
}

export function CustomFields({ store, id, edit }: Props): JSX.Element | null {
    const ids = fieldIds(store);
    useEffect(
        () => () => {
            open.value = false;
        },
        [],
    );
    if (ids.length === 0 && !(open.value && edit)) return null;
    return (
        <section class="custom-fields" aria-label="Custom fields">
            <header class="section-head">
                <h3>
                    <Icon name="boards" /> Custom fields
                </h3>
                {edit && (
                    <button
                        aria-expanded={open.value}
                        onClick={() => {
                            open.value = !open.value;
                        }}
                    >
                        {open.value ? 'Done' : 'Edit fields'}
                    </button>
                )}
            </header>
            <div class={open.value && edit ? 'custom-grid one' : 'custom-grid'}>
                {ids.map((field) => (
                    <Field
                        key={field}
                        store={store}
                        id={field}
                        card={id}
                        edit={edit}
                        managing={open.value && edit}
                    />
                ))}
            </div>
            {open.value && edit && <NewField store={store} />}
        </section>
    );
}

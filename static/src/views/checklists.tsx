/** checklists.tsx - the checklists of an open card: ticked, renamed, put in order, added one line
 * after the other. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Place } from '../model/place';
import { type CheckItem, type Checklist, part, partIds } from '../parts';
import type { Store } from '../store';
import { short, undo } from './actions';
import { linesOf } from './composer';
import { Icon } from './icons';
import { dayOf } from './labels';
import { Modal } from './modal';
import { isoOf, localInput } from './moments';
import { fit, NameEditor } from './name_editor';
import { Avatar } from './person';
import { type Anchor, anchorOf, say, toast } from './ui';

interface Props {
    readonly store: Store;
    readonly id: Id;
    readonly edit: boolean;
}

/** The checklist whose new item is being written, and the thing to be focused when it is drawn. */
const wanted = { adding: undefined as Id | undefined, focus: undefined as Id | undefined };

/* -- what is done */

export function addChecklist(store: Store, card: Id): void {
    const id = store.newId();
    wanted.adding = id;
    store.act('Add checklist', { op: 'checklist.create', id, idCard: card, name: 'Checklist' });
    say('Added a checklist');
}

function addItems(store: Store, checklist: Id, names: readonly string[]): void {
    const add = (name: string) => {
        const id = store.newId();
        store.act('Add item', { op: 'checkItem.create', id, idChecklist: checklist, name });
    };
    if (names.length === 1) return names.forEach(add);
    store.group(`Add ${names.length} items`, () => names.forEach(add));
    toast(`Added ${names.length} items`, { label: 'Undo', run: () => undo(store) });
}

function remove(store: Store, kind: 'checklist' | 'checkItem', id: Id, name: string): void {
    const what = kind === 'checklist' ? 'Delete checklist' : 'Delete item';
    store.act(what, { op: `${kind}.delete`, id });
    toast(`Deleted “${short(name)}”`, { label: 'Undo', run: () => undo(store) });
}

/** One step up or down among its siblings. */
function nudge(ids: readonly Id[], id: Id, dy: number): Place | undefined {
    const to = ids.indexOf(id) + dy;
    if (to < 0 || to >= ids.length) return undefined;
    const rest = ids.filter((other) => other !== id);
    wanted.focus = id;
    say(`Position ${to + 1} of ${ids.length}`);
    const before = rest[to];
    return { after: rest[to - 1] ?? '', ...(before === undefined ? {} : { before }) };
}

function stepOf(event: KeyboardEvent): number {
    if (!event.altKey) return 0;
    return event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
}

/* -- what is seen */

/** Takes the focus again when its place changed under it. */
function useFocus(id: Id) {
    const ref = useRef<HTMLInputElement>(null);
    useLayoutEffect(() => {
        if (wanted.focus !== id) return;
        wanted.focus = undefined;
        ref.current?.focus();
    });
    return ref;
}

/** Who does it, and until when. */
function ItemPicker({
    store,
    item,
    anchor,
    close,
}: {
    store: Store;
    item: CheckItem;
    anchor: Anchor | undefined;
    close: () => void;
}): JSX.Element {
    const due = useRef<HTMLInputElement>(null);
    const who = useRef<HTMLSelectElement>(null);
    return (
        <Modal title="Who and when" anchor={anchor} kind="picker" close={close}>
            <form
                class="stack"
                onSubmit={(event) => {
                    event.preventDefault();
                    const next = {
                        due: isoOf(due.current?.value ?? ''),
                        idMember: who.current?.value || null,
                    };
                    // to the minute: what the field cannot show is not changed by it
                    const same = due.current?.value === localInput(item.due);
                    const fields = {
                        ...(same ? {} : { due: next.due }),
                        ...(next.idMember === item.idMember ? {} : { idMember: next.idMember }),
                    };
                    if (Object.keys(fields).length > 0)
                        store.act('Change item', { op: 'checkItem.set', id: item.id, ...fields });
                    close();
                }}
            >
                <label class="field">
                    Who
                    <select ref={who} data-first>
                        <option value="" selected={item.idMember === null}>
                            Nobody
                        </option>
                        {store.members.value.map(({ idMember }) => (
                            <option
                                key={idMember}
                                value={idMember}
                                selected={idMember === item.idMember}
                            >
                                {store.who.value.get(idMember)?.fullName ?? 'Somebody'}
                            </option>
                        ))}
                    </select>
                </label>
                <label class="field">
                    Due
                    <input ref={due} type="datetime-local" defaultValue={localInput(item.due)} />
                </label>
                <div class="row">
                    <button class="primary">Save</button>
                    <button type="button" onClick={close}>
                        Cancel
                    </button>
                </div>
            </form>
        </Modal>
    );
}

function Item({ store, id, edit, ids }: Props & { ids: readonly Id[] }): JSX.Element | null {
    const item = part<CheckItem>(store, id);
    const editing = useSignal(false);
    const picking = useSignal<{ readonly anchor?: Anchor } | undefined>(undefined);
    const box = useFocus(id);
    if (item === undefined) return null;
    const done = item.state === 'complete';
    const set = (fields: { name?: string; state?: string }) =>
        store.act('Change item', { op: 'checkItem.set', id, ...fields });
    const keys = (event: KeyboardEvent) => {
        const dy = stepOf(event);
        if (!edit || dy === 0 || editing.value) return;
        event.preventDefault();
        const place = nudge(ids, id, dy);
        if (place !== undefined) store.act('Move item', { op: 'checkItem.move', id, ...place });
    };
    return (
        <li class={`check-item ${done ? 'done' : ''}`} onKeyDown={keys}>
            <label class="tick">
                <input
                    ref={box}
                    type="checkbox"
                    checked={done}
                    disabled={!edit}
                    aria-label={item.name}
                    title={edit ? 'Alt + arrows move it' : undefined}
                    onChange={(event) =>
                        set({ state: event.currentTarget.checked ? 'complete' : 'incomplete' })
                    }
                />
            </label>
            {editing.value ? (
                <NameEditor
                    name={item.name}
                    label="Text of the item"
                    save={(name) => set({ name })}
                    done={() => {
                        wanted.focus = id;
                        editing.value = false;
                    }}
                />
            ) : (
                <button
                    class="bare check-name"
                    disabled={!edit}
                    onClick={() => {
                        editing.value = true;
                    }}
                >
                    {item.name}
                </button>
            )}
            {item.due !== null && <span class="due">{dayOf(item.due, Date.now())}</span>}
            {item.idMember !== null && (
                <Avatar id={item.idMember} person={store.who.value.get(item.idMember)} />
            )}
            {edit && !editing.value && (
                <button
                    class="bare"
                    aria-label={`Who does ${item.name}, and when`}
                    title="Who and when"
                    onClick={(event) => {
                        picking.value = anchorOf(event.currentTarget);
                    }}
                >
                    <Icon name="clock" />
                </button>
            )}
            {picking.value !== undefined && (
                <ItemPicker
                    store={store}
                    item={item}
                    anchor={picking.value.anchor}
                    close={() => {
                        picking.value = undefined;
                    }}
                />
            )}
            {edit && !editing.value && (
                <button
                    class="bare"
                    aria-label={`Delete ${item.name}`}
                    onClick={() => remove(store, 'checkItem', id, item.name)}
                >
                    <Icon name="close" />
                </button>
            )}
        </li>
    );
}

/** Enter adds and stays for the next one; several pasted lines are as many items. */
function Adder({ store, id, close }: { store: Store; id: Id; close: () => void }): JSX.Element {
    const area = useRef<HTMLTextAreaElement>(null);
    useLayoutEffect(() => area.current?.focus(), []);
    const add = (lines: readonly string[]) => {
        if (lines.length > 0) addItems(store, id, lines);
        if (area.current === null) return;
        area.current.value = '';
        fit(area.current);
        area.current.focus();
        area.current.scrollIntoView({ block: 'nearest' });
    };
    const typed = () => [(area.current?.value ?? '').replace(/\s*\n\s*/g, ' ').trim()];
    return (
        <form
            class="check-adder"
            onSubmit={(event) => {
                event.preventDefault();
                add(typed().filter((line) => line !== ''));
            }}
        >
            <textarea
                ref={area}
                rows={1}
                maxLength={16384}
                aria-label="Text of the new item"
                placeholder="Another item"
                enterkeyhint="enter"
                onInput={(event) => fit(event.currentTarget)}
                onPaste={(event) => {
                    const lines = linesOf(event.clipboardData?.getData('text/plain') ?? '');
                    if (lines.length < 2 || area.current?.value !== '') return;
                    event.preventDefault();
                    add(lines);
                }}
                onKeyDown={(event) => {
                    if (event.isComposing) return;
                    if (event.key === 'Enter') {
                        event.preventDefault();
                        add(typed().filter((line) => line !== ''));
                    } else if (event.key === 'Escape') {
                        event.preventDefault();
                        event.stopPropagation();
                        close();
                    }
                }}
            />
            <div class="row">
                <button class="primary">Add</button>
                <button type="button" class="bare" aria-label="Close" onClick={close}>
                    <Icon name="close" />
                </button>
            </div>
        </form>
    );
}

function Progress({ store, ids }: { store: Store; ids: readonly Id[] }): JSX.Element | null {
    if (ids.length === 0) return null;
    const done = ids.filter((id) => part<CheckItem>(store, id)?.state === 'complete').length;
    return (
        <div class="check-progress">
            <span class="quiet">{Math.round((done / ids.length) * 100)} %</span>
            <progress max={ids.length} value={done} aria-label={`${done} of ${ids.length} done`} />
        </div>
    );
}

function List({ store, id, edit, ids }: Props & { ids: readonly Id[] }): JSX.Element | null {
    const checklist = part<Checklist>(store, id);
    const items = partIds(store, 'checkItem', id);
    const adding = useSignal(wanted.adding === id);
    const renaming = useSignal(false);
    const adder = useRef<HTMLButtonElement>(null);
    if (wanted.adding === id) wanted.adding = undefined;
    if (checklist === undefined) return null;
    const keys = (event: KeyboardEvent) => {
        const dy = stepOf(event);
        if (!edit || dy === 0 || renaming.value) return;
        event.preventDefault();
        const place = nudge(ids, id, dy);
        if (place !== undefined)
            store.act('Move checklist', { op: 'checklist.move', id, ...place });
    };
    return (
        <section class="checklist" aria-label={checklist.name}>
            <header class="section-head" onKeyDown={keys}>
                {renaming.value ? (
                    <NameEditor
                        name={checklist.name}
                        label="Name of the checklist"
                        save={(name) =>
                            store.act('Rename checklist', { op: 'checklist.set', id, name })
                        }
                        done={() => {
                            renaming.value = false;
                        }}
                    />
                ) : (
                    <h3>
                        <Icon name="list" />
                        <button
                            class="bare"
                            disabled={!edit}
                            onClick={() => {
                                renaming.value = true;
                            }}
                        >
                            {checklist.name}
                        </button>
                    </h3>
                )}
                {edit && !renaming.value && (
                    <button
                        aria-label={`Delete the checklist ${checklist.name}`}
                        onClick={() => remove(store, 'checklist', id, checklist.name)}
                    >
                        Delete
                    </button>
                )}
            </header>
            <Progress store={store} ids={items} />
            <ul>
                {items.map((item) => (
                    <Item key={item} store={store} id={item} edit={edit} ids={items} />
                ))}
            </ul>
            {edit && adding.value && (
                <Adder
                    store={store}
                    id={id}
                    close={() => {
                        adding.value = false;
                        requestAnimationFrame(() => adder.current?.focus());
                    }}
                />
            )}
            {edit && !adding.value && (
                <button
                    ref={adder}
                    onClick={() => {
                        adding.value = true;
                    }}
                >
                    <Icon name="plus" /> Add an item
                </button>
            )}
        </section>
    );
}

export function Checklists({ store, id, edit }: Props): JSX.Element | null {
    const ids = partIds(store, 'checklist', id);
    if (ids.length === 0) return null;
    return (
        <div class="checklists">
            {ids.map((checklist) => (
                <List key={checklist} store={store} id={checklist} edit={edit} ids={ids} />
            ))}
        </div>
    );
}

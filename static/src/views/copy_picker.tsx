/** copy_picker.tsx - a card once more, or a card made from a template: its name, where it goes, and
 * how much of it is taken along. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import { numberOf } from '../model/json';
import type { Card } from '../model/kinds';
import { fieldIds } from '../parts';
import type { Store } from '../store';
import { openCard, short } from './actions';
import { closeDialog, Modal } from './modal';
import type { CardPickerProps } from './pickers';
import { toast, wanted } from './ui';

/** What the server may be told to take along, and whether this card has it. */
const kept: readonly (readonly [name: string, words: string, has: (card: Card) => boolean])[] = [
    ['labels', 'Labels', (card) => card.idLabels.length > 0],
    ['members', 'Members', (card) => card.idMembers.length > 0],
    ['start', 'Start date', (card) => card.start !== null],
    ['due', 'Due date', (card) => card.due !== null],
    ['checklists', 'Checklists', (card) => numberOf(card.badges.checkItems) > 0],
    ['attachments', 'Attachments', (card) => numberOf(card.badges.attachments) > 0],
    ['comments', 'Comments', (card) => numberOf(card.badges.comments) > 0],
];
const FIELDS = 'customFields';

function copy(
    store: Store,
    card: Card,
    name: string,
    idList: Id,
    without: readonly string[],
): void {
    const id = store.newId();
    const all = [...kept.map(([what]) => what), FIELDS];
    store.act(card.isTemplate ? 'Add card from a template' : 'Copy card', {
        op: 'card.copy',
        id,
        idSource: card.id,
        idList,
        name,
        keep: all.filter((what) => !without.includes(what)),
        ...(idList === card.idList ? { after: card.id } : {}),
    });
    wanted.focus = id;
    toast(`${card.isTemplate ? 'Added' : 'Copied to'} “${short(name)}”`, {
        label: 'Open',
        run: () => openCard(store, id),
    });
}

export function CopyPicker({ store, id, anchor }: CardPickerProps): JSX.Element | null {
    const card = store.card(id).value;
    const list = useSignal(card?.idList ?? '');
    const without = useSignal<readonly string[]>([]);
    const name = useRef<HTMLTextAreaElement>(null);
    if (card === undefined) return null;
    const choices = kept.filter(([, , has]) => has(card)).map(([what, words]) => [what, words]);
    if (fieldIds(store).length > 0) choices.push([FIELDS, 'Custom fields']);
    const lists = store.lists.value;
    return (
        <Modal
            title={card.isTemplate ? 'New card from the template' : 'Copy the card'}
            anchor={anchor}
            kind="picker"
        >
            <form
                class="stack"
                onSubmit={(event) => {
                    event.preventDefault();
                    const text = (name.current?.value ?? '').trim() || card.name;
                    const to = lists.includes(list.value) ? list.value : (lists[0] ?? '');
                    closeDialog();
                    copy(store, card, text, to, without.value);
                }}
            >
                <label class="field">
                    Name
                    <textarea
                        ref={name}
                        data-first
                        rows={2}
                        maxLength={16384}
                        defaultValue={card.name}
                    />
                </label>
                <label class="field">
                    List
                    <select
                        value={list.value}
                        onChange={(event) => {
                            list.value = event.currentTarget.value;
                        }}
                    >
                        {lists.map((one) => (
                            <option key={one} value={one}>
                                {store.list(one).value?.name}
                            </option>
                        ))}
                    </select>
                </label>
                {choices.length > 0 && (
                    <fieldset class="stack">
                        <legend>Take along</legend>
                        {choices.map(([what = '', words]) => (
                            <label key={what} class="choice">
                                <input
                                    type="checkbox"
                                    checked={!without.value.includes(what)}
                                    onChange={(event) => {
                                        const others = without.value.filter((one) => one !== what);
                                        without.value = event.currentTarget.checked
                                            ? others
                                            : [...others, what];
                                    }}
                                />{' '}
                                {words}
                            </label>
                        ))}
                    </fieldset>
                )}
                <div class="row">
                    <button class="primary">{card.isTemplate ? 'Create' : 'Copy'}</button>
                    <button type="button" onClick={closeDialog}>
                        Cancel
                    </button>
                </div>
            </form>
        </Modal>
    );
}

/** face_fields.tsx - what a card's face tells of its custom fields: those that the board wants to
 * see there. Comes with the page of a card, when the first face has a value of any. */
import type { JSX } from 'preact';
import type { Id } from '../model/id';
import { isObject, type Json, type JsonObject } from '../model/json';
import type { Card } from '../model/kinds';
import type { CustomField, FieldOption } from '../parts';
import type { Store } from '../store';
import { Icon } from './icons';
import { colorClass, dayOf } from './labels';

function Value({ store, field, value }: { store: Store; field: CustomField; value: Json }) {
    if (typeof value === 'string') {
        const option = store.object<FieldOption>(value).value;
        if (option === undefined) return null; // it is gone
        const text = `${field.name}: ${option.text}`;
        return <span class={option.color === null ? '' : colorClass(option.color)}>{text}</span>;
    }
    const said = isObject(value) ? Object.values(value)[0] : undefined;
    if (typeof said !== 'string') return null;
    if (field.type === 'checkbox')
        return said === 'true' ? (
            <span>
                <Icon name="check" /> {field.name}
            </span>
        ) : null;
    const text = field.type === 'date' ? dayOf(said, Date.now()) : said;
    return (
        <span>
            {field.name}: {text}
        </span>
    );
}

export function faceFields(store: Store, card: Card): JSX.Element | null {
    const values = card.badges.customFields as JsonObject;
    const fields = store
        .order('fields customField', () => store.view.children('customField').map(({ o }) => o.id))
        .value.map((id: Id) => store.object<CustomField>(id).value)
        .filter((field) => field?.display?.cardFront === true && field.id in values);
    if (fields.length === 0) return null;
    return (
        <span class="face-fields">
            {fields.map(
                (field) =>
                    field && (
                        <Value
                            key={field.id}
                            store={store}
                            field={field}
                            value={values[field.id] ?? null}
                        />
                    ),
            )}
        </span>
    );
}

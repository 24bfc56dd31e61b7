/** person.tsx - a person as a disc with initials; its colour is made from the id. */
import type { JSX } from 'preact';
import type { Id } from '../model/id';
import type { Person } from '../model/kinds';

const TINTS = 8;

export function Avatar({ id, person }: { id: Id; person: Person | undefined }): JSX.Element {
    const tint = parseInt(id.slice(-2), 16) % TINTS;
    const name = person?.fullName ?? 'Somebody';
    return (
        <span class={`avatar tint-${tint}`} title={name}>
            <span aria-hidden="true">{person?.initials ?? '?'}</span>
            <span class="spoken">{name}</span>
        </span>
    );
}

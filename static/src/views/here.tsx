/** here.tsx - who else is here: discs above the board, a ring and initials on the cards that others
 * have open, an outline where somebody drags one, a line in an open card.
 *
 * Cards are marked by rules of an adopted sheet that name their ids, so that nothing of it is in
 * the cards' own drawing: thousands of them need not listen. */
import { effect, useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { closePresence, presenceOf, type Seat, tintOf } from './here_state';
import { Avatar } from './person';

const FACES_MAX = 5;

/** Each person once; those who look elsewhere last. */
function people(seats: readonly Seat[], me: Id | undefined): { id: Id; idle: boolean }[] {
    const found = new Map<Id, boolean>();
    for (const seat of seats)
        if (seat.idMember !== me)
            found.set(seat.idMember, seat.idle && found.get(seat.idMember) !== false);
    return [...found]
        .map(([id, idle]) => ({ id, idle }))
        .sort((a, b) => Number(a.idle) - Number(b.idle) || (a.id < b.id ? -1 : 1));
}

/* -- marks on cards */

function quoted(text: string): string {
    return `"${text.replace(/[\\"]/g, '\\$&').replace(/[\n\r\f]/g, ' ')}"`;
}

interface Names {
    readonly name: (id: Id) => string;
    readonly initials: (id: Id) => string;
}

const PILL =
    'position:absolute;top:6px;right:6px;padding:2px 6px;border-radius:8px;' +
    'font:600 10px/12px var(--sans);color:#fff;pointer-events:none;';
const GHOST =
    'display:grid;place-items:center;height:36px;border-radius:8px;' +
    'font:600 11px/1 var(--sans);opacity:.75;pointer-events:none;';
const HEX = /^[0-9a-f]{24}$/; // what comes from others is only ever an id in a rule

/** The rules for what is seen now. */
export function rulesOf(seats: readonly Seat[], me: Id | undefined, names: Names): string {
    const cards = new Map<Id, Seat[]>();
    const rules: string[] = [];
    for (const seat of seats) {
        if (seat.idMember === me) continue;
        if (seat.card !== undefined && HEX.test(seat.card))
            cards.set(seat.card, [...(cards.get(seat.card) ?? []), seat]);
        const { drag } = seat;
        if (drag === undefined || !HEX.test(drag.card) || !HEX.test(drag.list)) continue;
        const tint = tintOf(seat.idMember);
        const place =
            drag.after !== null && HEX.test(drag.after)
                ? `.lists [data-card="${drag.after}"]::after{margin-top:8px;`
                : `.lists [data-list="${drag.list}"] .cards::before{margin-bottom:8px;`;
        const who = quoted(names.initials(seat.idMember));
        rules.push(
            `.lists [data-card="${drag.card}"]{opacity:.45}`,
            `${place}content:${who};${GHOST}border:2px dashed ${tint};color:${tint}}`,
        );
    }
    for (const [card, list] of cards) {
        const who = people(list, me).map(({ id }) => id);
        const writes = list.some((seat) => seat.field !== undefined);
        const tint = tintOf(who[0] as Id);
        const shown = quoted(who.map(names.initials).join(' ') + (writes ? ' …' : ''));
        const spoken = quoted(
            `${who.map(names.name).join(', ')} ${writes ? 'writes here' : 'is here'}`,
        );
        const face = `.lists [data-card="${card}"] .face`;
        rules.push(
            `${face}{box-shadow:0 0 0 2px ${tint}}`,
            // the second says it aloud where that is understood
            `${face}::after{${PILL}background:${tint};content:${shown}}`,
            `${face}::after{content:${shown} / ${spoken}}`,
        );
    }
    return rules.join('\n');
}

function markCards(store: Store): () => void {
    const sheet = new CSSStyleSheet();
    const { seats } = presenceOf(store);
    let last = '';
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const stop = effect(() => {
        const who = store.who.value;
        const rules = rulesOf(seats.value, store.me.value?.id, {
            name: (id) => who.get(id)?.fullName ?? 'Somebody',
            initials: (id) => who.get(id)?.initials ?? '?',
        });
        if (rules !== last) sheet.replaceSync((last = rules));
    });
    return () => {
        stop();
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    };
}

/* -- above the board */

export function Here({ app, store }: { app: App; store: Store }): JSX.Element | null {
    const presence = presenceOf(store);
    useEffect(() => {
        const ends = [
            markCards(store),
            effect(() => presence.opened(app.shown.value.card)),
            () => closePresence(store),
        ];
        return () => ends.forEach((end) => end());
    }, [store]);
    const here = useComputed(() => people(presence.seats.value, store.me.value?.id)).value;
    if (here.length === 0) return null;
    const names = here.map(({ id }) => store.who.value.get(id)?.fullName ?? 'Somebody');
    return (
        <span class="faces here" role="group" aria-label={`Here now: ${names.join(', ')}`}>
            {here.slice(0, FACES_MAX).map(({ id, idle }) => (
                <span key={id} class={idle ? 'idle' : ''} data-here={id}>
                    <Avatar id={id} person={store.who.value.get(id)} />
                </span>
            ))}
            {here.length > FACES_MAX && <span>+{here.length - FACES_MAX}</span>}
        </span>
    );
}

/* -- in an open card */

export function CardHere({ store, id }: { store: Store; id: Id }): JSX.Element | null {
    const { seats } = presenceOf(store);
    const there = useComputed(() => seats.value.filter((seat) => seat.card === id)).value;
    const here = people(there, store.me.value?.id);
    if (here.length === 0) return null;
    const say = (list: readonly { id: Id }[]) => {
        const names = list.map((one) => store.who.value.get(one.id)?.fullName ?? 'Somebody');
        return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'}`;
    };
    const writing = people(
        there.filter((seat) => seat.field !== undefined),
        store.me.value?.id,
    );
    return (
        <p class="card-here quiet" role="status">
            <span class="faces" aria-hidden="true">
                {here.map((one) => (
                    <Avatar key={one.id} id={one.id} person={store.who.value.get(one.id)} />
                ))}
            </span>
            {writing.length > 0 ? `${say(writing)} writing …` : `${say(here)} here too`}
        </p>
    );
}

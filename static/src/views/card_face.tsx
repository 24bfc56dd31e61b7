/** card_face.tsx - a card in its list: labels, name, what is due, who is on it. Drawn again only
 * when that card changes. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import { numberOf } from '../model/json';
import type { Card } from '../model/kinds';
import { cardHref } from './actions';
import { Icon, type IconName } from './icons';
import { Lazy } from './lazy';
import { colorClass, coverOf, dayOf, dueState, dueWords, labelTitle } from './labels';
import { Avatar } from './person';
import type { Store } from '../store';
import { NameEditor } from './name_editor';
import { labelNames, renaming, wanted } from './ui';

const cardPage = () => import('./card'); // with what it needs to show values of fields

/* Functions, not components: there are as many as cards. */

function labelsOf(store: Store, ids: readonly Id[]): JSX.Element | null {
    const labels = ids.map((id) => store.label(id).value).filter((label) => label !== undefined);
    if (labels.length === 0) return null;
    const named = labelNames.value;
    return (
        <span class={`face-labels ${named ? 'named' : ''}`}>
            {labels.map((label) => (
                <span key={label.id} class={colorClass(label.color)} title={labelTitle(label)}>
                    <span class={named ? '' : 'spoken'}>
                        {named ? label.name || '\u00a0' : labelTitle(label)}
                    </span>
                </span>
            ))}
        </span>
    );
}

function counted(icon: IconName, count: number, what: string): JSX.Element | false {
    return (
        count > 0 && (
            <span class="due due-later" title={`${count} ${what}`}>
                <Icon name={icon} /> {count}
            </span>
        )
    );
}

function badgesOf(store: Store, card: Card): JSX.Element | null {
    const now = Date.now();
    const due = card.due === null ? undefined : dueState(card, now);
    const described = card.badges.description === true;
    const items = numberOf(card.badges.checkItems);
    const done = numberOf(card.badges.checkItemsChecked);
    const comments = numberOf(card.badges.comments);
    const attached = numberOf(card.badges.attachments);
    const votes = card.idMembersVoted.length;
    const parts = items + comments + votes + attached + card.idMembers.length;
    if (due === undefined && !described && !card.isTemplate && parts === 0) return null;
    return (
        <span class="face-badges">
            {due !== undefined && card.due !== null && (
                <span class={`due due-${due}`} title={dueWords[due]}>
                    <Icon name={due === 'done' ? 'check' : 'clock'} />
                    <span class="spoken">{dueWords[due]}</span> {dayOf(card.due, now)}
                </span>
            )}
            {card.isTemplate && <span class="due due-later">Template</span>}
            {described && (
                <span class="has-text" title="Description">
                    <Icon name="text" />
                    <span class="spoken">Description</span>
                </span>
            )}
            {counted('vote', votes, 'votes')}
            {counted('talk', comments, 'comments')}
            {counted('link', attached, 'attachments')}
            {items > 0 && (
                <span
                    class={`due ${done === items ? 'due-done' : 'due-later'}`}
                    title={`${done} of ${items} items done`}
                >
                    <Icon name="list" /> {done}/{items}
                </span>
            )}
            {card.idMembers.length > 0 && (
                <span class="face-people">
                    {card.idMembers.map((id) => (
                        <Avatar key={id} id={id} person={store.who.value.get(id)} />
                    ))}
                </span>
            )}
        </span>
    );
}

export function CardFace({
    store,
    id,
    edit,
    editing,
    look,
}: {
    store: Store;
    id: Id;
    edit: boolean;
    editing: boolean; // its name, in place
    look: 'lifted' | 'settling' | '';
}): JSX.Element | null {
    const card = store.card(id).value;
    const link = useRef<HTMLAnchorElement>(null);
    useLayoutEffect(() => {
        if (wanted.focus !== id || link.current === null) return;
        wanted.focus = undefined;
        link.current.focus({ preventScroll: false });
    });
    if (card === undefined) return null;
    const cover = store.board.value?.prefs.cardCovers === false ? undefined : coverOf(card);
    return (
        <li
            class={`card ${look} ${card.dueComplete ? 'complete' : ''} ${editing ? 'edited' : ''}`}
            data-card={id}
        >
            {editing ? (
                <NameEditor
                    name={card.name}
                    label="Card name"
                    many
                    save={(name) => store.renameCard(id, name)}
                    done={() => {
                        wanted.focus = id;
                        renaming.value = undefined;
                    }}
                />
            ) : (
                <a
                    class={`face ${cover?.full ? `full ${cover.hue}` : ''}`}
                    ref={link}
                    href={cardHref(card)}
                    tabIndex={-1}
                >
                    {cover?.picture ? (
                        <img class="cover" src={cover.picture} alt="" />
                    ) : (
                        cover?.full === false && <span class={`cover ${cover.hue}`} />
                    )}
                    {labelsOf(store, card.idLabels)}
                    <span class="face-name">{card.name}</span>
                    {badgesOf(store, card)}
                    {card.badges.customFields && (
                        <Lazy
                            load={cardPage}
                            show={({ faceFields }) => faceFields(store, card)}
                        />
                    )}
                </a>
            )}
            {edit && !editing && (
                <button
                    class="bare face-edit"
                    tabIndex={-1}
                    aria-label={`Rename ${card.name}`}
                    title="Rename (T)"
                >
                    <Icon name="pen" />
                </button>
            )}
        </li>
    );
}

/** card.tsx - an open card over its board. The address is the card's own: it can be sent, reloaded
 * and gone back from. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Card } from '../model/kinds';
import { isHere, look } from '../parts';
import { go } from '../router';
import { flipWatch } from '../own';
import { isWatched } from '../shelf';
import type { Store } from '../store';
import { outOfArchive, sent, whatBecame } from '../transfer';
import {
    archiveCard,
    boardHref,
    canEdit,
    cardHref,
    copyText,
    lets,
    toggleMe,
    toggleVote,
} from './actions';
import { addAttachment, Attachments } from './attachments';
import { addChecklist, Checklists } from './checklists';
import { Comments } from './comments';
import { CustomFields, editFields } from './custom_fields';
import { Description } from './description';
import { CardHere } from './here';
import { Icon, type IconName } from './icons';
import { Lazy } from './lazy';
import { colorClass, coverOf, dueState, dueWords, labelTitle } from './labels';
import { Modal } from './modal';
import { momentOf, since } from './moments';
import { NameEditor } from './name_editor';
import { Avatar } from './person';
import { anchorOf, dialog, toast, wanted } from './ui';

export { faceFields } from './face_fields';

function Name({ store, card, edit }: { store: Store; card: Card; edit: boolean }): JSX.Element {
    const editing = useSignal(false);
    if (editing.value && edit)
        return (
            <NameEditor
                name={card.name}
                label="Card name"
                save={(name) => store.renameCard(card.id, name)}
                done={() => {
                    editing.value = false;
                }}
            />
        );
    return (
        <h2 class="card-title">
            {edit ? (
                <button
                    title="Rename"
                    onClick={() => {
                        editing.value = true;
                    }}
                >
                    {card.name}
                </button>
            ) : (
                card.name
            )}
        </h2>
    );
}

const VOTERS_SHOWN = 12;

function Facts({ store, card, edit }: { store: Store; card: Card; edit: boolean }): JSX.Element {
    const now = Date.now();
    const due = card.due === null ? undefined : dueState(card, now);
    const labels = card.idLabels
        .map((id) => store.label(id).value)
        .filter((label) => label !== undefined);
    const open = (kind: 'labels' | 'members' | 'dates') => (event: Event) => {
        if (edit) dialog.value = { kind, id: card.id, ...anchorOf(event.currentTarget as Element) };
    };
    return (
        <div class="facts">
            {card.idMembers.length > 0 && (
                <div>
                    <h3>Members</h3>
                    <button class="fact" disabled={!edit} onClick={open('members')}>
                        {card.idMembers.map((id) => (
                            <Avatar key={id} id={id} person={store.who.value.get(id)} />
                        ))}
                    </button>
                </div>
            )}
            {card.idMembersVoted.length > 0 && (
                <div>
                    <h3>Votes</h3>
                    <span class="fact" title={`${card.idMembersVoted.length} votes`}>
                        {card.idMembersVoted.slice(0, VOTERS_SHOWN).map((id) => (
                            <Avatar key={id} id={id} person={store.who.value.get(id)} />
                        ))}
                        {card.idMembersVoted.length > VOTERS_SHOWN &&
                            `+${card.idMembersVoted.length - VOTERS_SHOWN}`}
                    </span>
                </div>
            )}
            {labels.length > 0 && (
                <div>
                    <h3>Labels</h3>
                    <button class="fact" disabled={!edit} onClick={open('labels')}>
                        {labels.map((label) => (
                            <span
                                key={label.id}
                                class={`wide-label ${colorClass(label.color)}`}
                                title={labelTitle(label)}
                            >
                                {label.name || '\u00a0\u00a0'}
                                <span class="spoken">
                                    {label.name === '' ? labelTitle(label) : ''}
                                </span>
                            </span>
                        ))}
                    </button>
                </div>
            )}
            {card.start !== null && (
                <div>
                    <h3>Start</h3>
                    <button class="fact" disabled={!edit} onClick={open('dates')}>
                        {momentOf(card.start)}
                    </button>
                </div>
            )}
            {due !== undefined && card.due !== null && (
                <div>
                    <h3>Due</h3>
                    <span class="row">
                        <label class="tick">
                            <input
                                type="checkbox"
                                disabled={!edit}
                                checked={card.dueComplete}
                                onChange={(event) =>
                                    store.setCard(card.id, {
                                        dueComplete: event.currentTarget.checked,
                                    })
                                }
                            />
                            <span class="spoken">Complete</span>
                        </label>
                        <button class="fact" disabled={!edit} onClick={open('dates')}>
                            {momentOf(card.due)}{' '}
                            <span class={`due due-${due}`}>{dueWords[due]}</span>
                        </button>
                    </span>
                </div>
            )}
        </div>
    );
}

function Do({
    icon,
    run,
    children,
    danger = false,
}: {
    icon: IconName;
    run: (event: MouseEvent) => void;
    children: string;
    danger?: boolean;
}): JSX.Element {
    return (
        <li>
            <button class={`item ${danger ? 'danger' : ''}`} onClick={run}>
                <Icon name={icon} />
                {children}
            </button>
        </li>
    );
}

function Actions({
    store,
    card,
    edit,
    close,
}: {
    store: Store;
    card: Card;
    edit: boolean;
    close: () => void;
}): JSX.Element {
    const watched = isWatched(store, card.id);
    const sure = useSignal(false);
    type Kind = 'labels' | 'members' | 'dates' | 'cover' | 'move' | 'copy';
    const open = (kind: Kind) => (event: MouseEvent) => {
        dialog.value = { kind, id: card.id, ...anchorOf(event.currentTarget as Element) };
    };
    const me = store.me.value?.id;
    return (
        <ul class="menu card-actions" aria-label="Actions">
            {edit && (
                <Do icon="people" run={open('members')}>
                    Members
                </Do>
            )}
            {edit && me !== undefined && (
                <Do icon="check" run={() => toggleMe(store, card.id)}>
                    {card.idMembers.includes(me) ? 'Leave' : 'Join'}
                </Do>
            )}
            {me !== undefined && lets(store, 'voting', 'disabled') && (
                <Do icon="vote" run={() => toggleVote(store, card.id)}>
                    {card.idMembersVoted.includes(me) ? 'Take back your vote' : 'Vote'}
                </Do>
            )}
            {edit && (
                <Do icon="tag" run={open('labels')}>
                    Labels
                </Do>
            )}
            {edit && (
                <Do icon="list" run={() => addChecklist(store, card.id)}>
                    Checklist
                </Do>
            )}
            {edit && (
                <Do icon="link" run={addAttachment}>
                    Attachment
                </Do>
            )}
            {edit && (
                <Do icon="boards" run={editFields}>
                    Fields
                </Do>
            )}
            {edit && (
                <Do icon="clock" run={open('dates')}>
                    Dates
                </Do>
            )}
            {edit && (
                <Do icon="cover" run={open('cover')}>
                    Cover
                </Do>
            )}
            {edit && !card.closed && (
                <Do icon="arrow" run={open('move')}>
                    Move
                </Do>
            )}
            {watched !== undefined && (
                <Do icon="eye" run={() => void flipWatch(store, 'card', card.id)}>
                    {watched ? 'Stop watching' : 'Watch'}
                </Do>
            )}
            {edit && (
                <Do icon="plus" run={open('copy')}>
                    {card.isTemplate ? 'New card from it' : 'Copy'}
                </Do>
            )}
            {edit && (
                <Do
                    icon="cover"
                    run={() => store.setCard(card.id, { isTemplate: !card.isTemplate })}
                >
                    {card.isTemplate ? 'Make it a card' : 'Make it a template'}
                </Do>
            )}
            <Do
                icon="copy"
                run={() => void copyText(location.origin + cardHref(card), 'the address')}
            >
                Copy address
            </Do>
            {edit && !card.closed && (
                <Do
                    icon="archive"
                    run={() => {
                        close();
                        archiveCard(store, card.id);
                    }}
                >
                    Archive
                </Do>
            )}
            {edit && card.closed && (
                <Do icon="undo" run={() => void outOfArchive(store, card.id)}>
                    Restore
                </Do>
            )}
            {edit && card.closed && (
                <Do
                    icon="close"
                    danger
                    run={() => {
                        if (!sure.value) {
                            sure.value = true;
                            return;
                        }
                        close();
                        store.deleteCard(card.id);
                    }}
                >
                    {sure.value ? 'Really delete for ever' : 'Delete'}
                </Do>
            )}
        </ul>
    );
}

const activity = () => import('./activity');

/** Asked for only by who wants to know. */
function Happened({ store, id }: { store: Store; id: Id }): JSX.Element {
    const open = useSignal(false);
    return (
        <details
            class="happened"
            onToggle={(event) => {
                open.value = event.currentTarget.open;
            }}
        >
            <summary>Activity</summary>
            {open.value && (
                <Lazy
                    load={activity}
                    show={({ Activity }) => <Activity store={store} card={id} />}
                />
            )}
        </details>
    );
}

export function CardDialog({
    store,
    id,
    close,
}: {
    store: Store;
    id: Id;
    close: () => void;
}): JSX.Element | null {
    const card = store.card(id).value;
    const edit = canEdit(store);
    const seen = useRef(false);
    if (card !== undefined) {
        seen.current = true;
        sent.delete(id); // or it came back
    }
    // This device's copy of the board may be older than the card: only the server knows.
    const missing = card === undefined && (seen.current || store.connection.value.state === 'live');
    useEffect(() => {
        if (!missing || sent.has(id)) return;
        wanted.focus = undefined;
        void whatBecame(store, id).then(({ words, there }) =>
            toast(words, there ? { label: 'Open it there', run: () => go(`/c/${id}`) } : undefined),
        );
        go(boardHref(store), true);
    }, [missing]);
    const here = isHere(store, id);
    useEffect(() => look(store, id), [id, here, store.connection.value.state]);
    if (card === undefined) return null;
    const cover = coverOf(card);
    return (
        <Modal title={card.name} kind="card-modal" hideTitle close={close}>
            {cover && (
                <div class={`card-cover ${cover.hue}`}>
                    {cover.picture && <img src={cover.picture} alt="" />}
                </div>
            )}
            <header class="card-head">
                <div class="grow">
                    <Name store={store} card={card} edit={edit} />
                    <p class="quiet">
                        in <b>{store.list(card.idList).value?.name ?? 'an archived list'}</b>
                        {card.idShort > 0 && <> · #{card.idShort}</>}
                        {card.dateLastActivity !== null && (
                            <> · changed {since(card.dateLastActivity, Date.now())}</>
                        )}
                    </p>
                </div>
                <button class="bare" aria-label="Close the card" onClick={close}>
                    <Icon name="close" />
                </button>
            </header>
            {card.closed && (
                <p class="banner archived" role="status">
                    <Icon name="archive" /> This card is archived.
                </p>
            )}
            {card.isTemplate && (
                <p class="banner archived" role="status">
                    <Icon name="copy" /> This card is a template.
                </p>
            )}
            <CardHere store={store} id={id} />
            <div class="card-columns">
                <div class="card-main">
                    <Facts store={store} card={card} edit={edit} />
                    <Description store={store} id={id} edit={edit} />
                    <CustomFields store={store} id={id} edit={edit} />
                    <Attachments store={store} id={id} edit={edit} />
                    <Checklists store={store} id={id} edit={edit} />
                    <Comments store={store} id={id} />
                    <Happened store={store} id={id} />
                </div>
                <Actions store={store} card={card} edit={edit} close={close} />
            </div>
        </Modal>
    );
}

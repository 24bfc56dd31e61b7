/** comments.tsx - what was said on an open card, the newest first; what is being written is kept.
 */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Id } from '../model/id';
import type { Person } from '../model/kinds';
import { type Comment, part, partIds } from '../parts';
import type { Store } from '../store';
import { lets, myRole, undo } from './actions';
import { presenceOf } from './here_state';
import { Icon } from './icons';
import { Markdown } from './markdown';
import { momentOf, since } from './moments';
import { fit } from './name_editor';
import { Avatar } from './person';
import { say, toast } from './ui';

const TYPED_MS = 250;
const TEXT_UNITS_MAX = 16384;
const CHOICES_MAX = 6;
const EMOJIS = ['👍', '❤️', '😄', '🎉', '😮', '😢', '👀', '🚀'];

interface Props {
    readonly store: Store;
    readonly id: Id;
    readonly edit: boolean;
}

/* -- writing */

/** The beginning of a name that is being typed: behind an @, up to the caret. */
function mentionAt(area: HTMLTextAreaElement): string | undefined {
    const text = area.value.slice(0, area.selectionStart);
    return /(?:^|\s)@([\w.-]*)$/.exec(text)?.[1];
}

function matching(people: Iterable<Person>, start: string): Person[] {
    const wanted = start.toLowerCase();
    return [...people]
        .filter(
            ({ username, fullName }) =>
                username.toLowerCase().startsWith(wanted) ||
                fullName.toLowerCase().split(' ').some((word) => word.startsWith(wanted)),
        )
        .slice(0, CHOICES_MAX);
}

function Writer({
    store,
    label,
    text,
    kept,
    save,
    close,
}: {
    store: Store;
    label: string;
    text: string;
    /** Under this name what is typed outlives the page. */
    kept?: string;
    save: (text: string) => void;
    close?: () => void;
}): JSX.Element {
    const area = useRef<HTMLTextAreaElement>(null);
    const choices = useSignal<readonly Person[]>([]);
    const chosen = useSignal(0);
    const timer = useRef(0);
    /** Others see that something is being written, not what. */
    const shows = (on: boolean) =>
        presenceOf(store).writes(on && area.current?.value ? 'comment' : undefined);
    useEffect(() => () => shows(false), []);
    const keep = () => {
        clearTimeout(timer.current);
        if (kept !== undefined) store.keepTyped(kept, area.current?.value || undefined);
    };
    useLayoutEffect(() => {
        const field = area.current;
        if (field === null) return undefined;
        fit(field);
        if (close !== undefined) field.focus();
        if (kept === undefined) return undefined;
        void store.typed(kept).then((typed) => {
            if (typed === undefined || field.value !== '') return;
            field.value = typed;
            fit(field);
        });
        addEventListener('pagehide', keep);
        return () => {
            removeEventListener('pagehide', keep);
            clearTimeout(timer.current);
            store.keepTyped(kept, field.value || undefined);
        };
    }, []);
    const look = () => {
        const start = area.current === null ? undefined : mentionAt(area.current);
        chosen.value = 0;
        choices.value = start === undefined ? [] : matching(store.who.peek().values(), start);
    };
    const choose = (person: Person) => {
        const field = area.current;
        const start = field === null ? undefined : mentionAt(field);
        if (field === null || start === undefined) return;
        const at = field.selectionStart;
        field.setRangeText(`${person.username} `, at - start.length, at, 'end');
        choices.value = [];
        field.focus();
    };
    const done = () => {
        const now = (area.current?.value ?? '').trim();
        if (now === '' || area.current === null) return;
        save(now);
        area.current.value = '';
        fit(area.current);
        shows(false);
        keep();
        close?.();
    };
    const keys = (event: KeyboardEvent) => {
        if (event.isComposing) return;
        const list = choices.peek();
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        const taken = () => {
            event.preventDefault();
            event.stopPropagation();
        };
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            taken();
            done();
        } else if (list.length > 0 && step !== 0) {
            taken();
            chosen.value = (chosen.peek() + step + list.length) % list.length;
        } else if (list.length > 0 && (event.key === 'Enter' || event.key === 'Tab')) {
            taken();
            choose(list[chosen.peek()] as Person);
        } else if (event.key === 'Escape' && list.length > 0) {
            taken();
            choices.value = [];
        } else if (event.key === 'Escape' && close !== undefined) {
            taken();
            close();
        }
    };
    return (
        <form
            class="comment-writer"
            onSubmit={(event) => {
                event.preventDefault();
                done();
            }}
        >
            <textarea
                ref={area}
                rows={1}
                maxLength={TEXT_UNITS_MAX}
                aria-label={label}
                placeholder={label}
                defaultValue={text}
                onKeyDown={keys}
                onInput={(event) => {
                    fit(event.currentTarget);
                    shows(true);
                    look();
                    clearTimeout(timer.current);
                    timer.current = window.setTimeout(keep, TYPED_MS);
                }}
                onFocus={() => shows(true)}
                onBlur={() => {
                    shows(false);
                    setTimeout(() => (choices.value = []), 200);
                }}
            />
            {choices.value.length > 0 && (
                <ul class="menu mentions" aria-label="People">
                    {choices.value.map((person, index) => (
                        <li key={person.id}>
                            <button
                                type="button"
                                class="item"
                                aria-current={index === chosen.value}
                                onClick={() => choose(person)}
                            >
                                <Avatar id={person.id} person={person} /> {person.fullName}{' '}
                                <small>@{person.username}</small>
                            </button>
                        </li>
                    ))}
                </ul>
            )}
            <div class="row">
                <button class="primary">{close === undefined ? 'Comment' : 'Save'}</button>
                {close !== undefined && (
                    <button type="button" onClick={close}>
                        Cancel
                    </button>
                )}
            </div>
        </form>
    );
}

/* -- reading */

function Reactions({ store, comment, edit }: { store: Store; comment: Comment; edit: boolean }) {
    const choosing = useSignal(false);
    const me = store.me.value?.id;
    const people = new Map<string, Id[]>();
    for (const [member, emoji] of comment.reactions ?? [])
        people.set(emoji, [...(people.get(emoji) ?? []), member]);
    const react = (emoji: string, on: boolean) => {
        choosing.value = false;
        store.act('React', { op: 'comment.react', id: comment.id, emoji, on });
    };
    const nameOf = (id: Id) => store.who.value.get(id)?.fullName ?? 'Somebody';
    return (
        <span class="reactions">
            {[...people].map(([emoji, members]) => {
                const mine = me !== undefined && members.includes(me);
                return (
                    <button
                        key={emoji}
                        disabled={!edit}
                        aria-pressed={mine}
                        title={members.map(nameOf).join(', ')}
                        onClick={() => react(emoji, !mine)}
                    >
                        {emoji} {members.length}
                    </button>
                );
            })}
            {edit && !choosing.value && (
                <button
                    class="bare"
                    aria-label="Add a reaction"
                    onClick={() => {
                        choosing.value = true;
                    }}
                >
                    ☺
                </button>
            )}
            {choosing.value &&
                EMOJIS.map((emoji) => (
                    <button
                        key={`add ${emoji}`}
                        class="bare"
                        aria-label={`React with ${emoji}`}
                        onClick={() => react(emoji, true)}
                    >
                        {emoji}
                    </button>
                ))}
        </span>
    );
}

function Said({ store, id, edit }: Props): JSX.Element | null {
    const comment = part<Comment>(store, id);
    const editing = useSignal(false);
    if (comment === undefined) return null;
    const me = store.me.value?.id;
    const isMine = me !== undefined && comment.idMemberCreator === me;
    const who = store.who.value;
    const person = who.get(comment.idMemberCreator ?? '');
    const name = person?.fullName ?? comment.author ?? 'Somebody';
    const remove = () => {
        store.act('Delete comment', { op: 'comment.delete', id });
        if (isMine) toast('Deleted the comment', { label: 'Undo', run: () => undo(store) });
        else toast('Deleted the comment');
    };
    return (
        <li class="comment">
            <Avatar id={comment.idMemberCreator ?? id} person={person} />
            <div class="grow">
                <p>
                    <b>{name}</b>{' '}
                    <small title={momentOf(comment.date)}>
                        {since(comment.date, Date.now())}
                        {comment.dateLastEdited !== null && ', edited'}
                    </small>
                </p>
                {editing.value ? (
                    <Writer
                        store={store}
                        label="Comment"
                        text={comment.text}
                        save={(text) => {
                            if (text !== comment.text)
                                store.act('Edit comment', { op: 'comment.set', id, text });
                        }}
                        close={() => {
                            editing.value = false;
                        }}
                    />
                ) : (
                    <Markdown
                        text={comment.text}
                        names={new Set([...who.values()].map(({ username }) => username))}
                    />
                )}
                {!editing.value && (
                    <div class="row comment-row">
                        <Reactions store={store} comment={comment} edit={edit} />
                        {edit && isMine && (
                            <button
                                class="bare"
                                onClick={() => {
                                    editing.value = true;
                                }}
                            >
                                Edit
                            </button>
                        )}
                        {((edit && isMine) || myRole(store) === 'admin') && (
                            <button class="bare" onClick={remove}>
                                Delete
                            </button>
                        )}
                    </div>
                )}
            </div>
        </li>
    );
}

export function Comments({ store, id }: Omit<Props, 'edit'>): JSX.Element | null {
    const edit = lets(store, 'comments', 'members');
    const ids = partIds(store, 'comment', id);
    if (ids.length === 0 && !edit) return null;
    const dated = ids.map((one) => [part<Comment>(store, one)?.date ?? '', one] as const);
    dated.sort(([a, x], [b, y]) => (a === b ? (x < y ? 1 : -1) : a < b ? 1 : -1));
    return (
        <section class="comments" aria-label="Comments">
            <header class="section-head">
                <h3>
                    <Icon name="talk" /> Comments
                </h3>
            </header>
            {edit && (
                <Writer
                    store={store}
                    label="Write a comment"
                    text=""
                    kept={`comment ${id}`}
                    save={(text) => {
                        const comment = store.newId();
                        const op = 'comment.create';
                        store.act('Comment', { op, id: comment, idCard: id, text });
                        say('Said');
                    }}
                />
            )}
            <ul>
                {dated.map(([, comment]) => (
                    <Said key={comment} store={store} id={comment} edit={edit} />
                ))}
            </ul>
        </section>
    );
}

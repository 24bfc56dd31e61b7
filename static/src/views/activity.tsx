/** activity.tsx - what happened, in words: of a card in its dialog, of the board beside its
 * history. */
import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Action, type ActivityPage, activityOf, type Revert, revert } from '../activity';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { canEdit } from './actions';
import { canRevert, ownPart, wordsOf } from './activity_words';
import { Icon } from './icons';
import { momentOf, since } from './moments';
import { Avatar } from './person';
import { toast } from './ui';

const SETTLE_MS = 400; // behind a change, before it is asked again

const NOBODY = '0'.repeat(24);

export async function takeBack(store: Store, what: Revert, done: string): Promise<boolean> {
    const answer = await revert(store.env, store.id, what);
    if (answer.ok) toast(done);
    else if (answer.trouble === 'offline') toast('That needs the server, which does not answer.');
    else toast(`It cannot be taken back: ${answer.text}`);
    return answer.ok;
}

function Entry({
    store,
    action,
    here,
    again,
    show,
}: {
    store: Store;
    action: Action;
    here: boolean;
    again: Signal<number>;
    show: ((seq: number) => void) | undefined;
}): JSX.Element {
    const busy = useSignal(false);
    const deleted = action.type.startsWith('delete');
    return (
        <li>
            <Avatar id={action.by?.id ?? NOBODY} person={action.by} />
            <p class="grow">
                <b>{action.by?.fullName ?? 'The server'}</b> {wordsOf(action, here)}
                <small title={momentOf(action.date)}>{since(action.date, Date.now())}</small>
            </p>
            {show !== undefined && (
                <button class="bare" title="The board then" onClick={() => show(action.s)}>
                    <Icon name="clock" />
                    <span class="spoken">Show the board as it was then</span>
                </button>
            )}
            {canEdit(store) && canRevert(action) && (
                <button
                    disabled={busy.value}
                    onClick={async () => {
                        busy.value = true;
                        await takeBack(
                            store,
                            { s: action.s, id: ownPart(action) },
                            deleted ? 'It is there again.' : 'Taken back.',
                        );
                        busy.value = false;
                        again.value++;
                    }}
                >
                    {deleted ? 'Restore' : 'Take back'}
                </button>
            )}
        </li>
    );
}

/** New ones before those that are there, with whatever older ones were fetched. */
function joins(list: Signal<readonly Action[] | undefined>, page: ActivityPage): boolean {
    const old = list.peek() ?? [];
    const last = page.list.at(-1)?.id;
    const at = old.findIndex((action) => action.id === last);
    if (at < 0) return false;
    list.value = [...page.list, ...old.slice(at + 1)];
    return true;
}

export function Activity({
    store,
    card,
    show,
}: {
    store: Store;
    card?: Id;
    show?: (seq: number) => void;
}): JSX.Element {
    const list = useSignal<readonly Action[] | undefined>(undefined);
    const before = useSignal<string | undefined>(undefined);
    const trouble = useSignal('');
    const again = useSignal(0);
    const version = card === undefined ? store.seq.value : store.card(card).value?.s;
    const fetch = async (more: boolean, wanted: () => boolean) => {
        const at = more ? before.peek() : undefined;
        const answer = await activityOf(store.env, store.id, { card, before: at });
        if (!wanted()) return;
        trouble.value = answer.ok ? '' : answer.text;
        if (!answer.ok) return;
        const old = list.peek() ?? [];
        if (more) list.value = [...old, ...answer.value.list];
        else if (!joins(list, answer.value)) list.value = answer.value.list;
        else return;
        before.value = answer.value.before;
    };
    useEffect(() => {
        let wanted = true;
        const timer = setTimeout(
            () => void fetch(false, () => wanted),
            list.peek() === undefined ? 0 : SETTLE_MS,
        );
        return () => {
            wanted = false;
            clearTimeout(timer);
        };
    }, [card, version, again.value]);
    const shown = list.value ?? [];
    return (
        <section class="activity" aria-label="Activity">
            {list.value === undefined && (
                <p class="quiet">{trouble.value === '' ? 'Loading …' : 'It cannot be read now.'}</p>
            )}
            <ul class="rows">
                {shown.map((action) => (
                    <Entry
                        key={action.id}
                        store={store}
                        action={action}
                        here={card !== undefined}
                        again={again}
                        show={show}
                    />
                ))}
            </ul>
            {before.value !== undefined && (
                <button onClick={() => void fetch(true, () => true)}>Older</button>
            )}
        </section>
    );
}

/** move_picker.tsx - where to: another list and place on this board, or another board. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Result } from '../api';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { Place } from '../model/place';
import { boardPath, go } from '../router';
import type { Store } from '../store';
import { cardsThere, type Target, targetsOf, transfer } from '../transfer';
import { closeCard, neighbourOf, short } from './actions';
import { closeDialog, Modal } from './modal';
import { type Anchor, say, toast, wanted } from './ui';

interface Props {
    readonly app: App;
    readonly store: Store;
    readonly anchor?: Anchor | undefined;
}

/** Asked for when the dialog opens. */
function useTargets(store: Store) {
    const targets = useSignal<Result<Target[]> | undefined>(undefined);
    useEffect(() => {
        void targetsOf(store).then((found) => {
            targets.value = found;
        });
    }, []);
    return targets;
}

function isBack(result: Result<true>): void {
    if (result.ok) toast('It is back on this board');
    else if (result.trouble === 'offline') toast('That needs the server, which does not answer.');
    else toast(`It was not brought back: ${result.text}`);
}

/** Sends them, and says where they are. */
function send(
    { app, store }: Props,
    ids: readonly Id[],
    to: Target,
    list: Id,
    place: Place,
): void {
    const cards = ids.map((id) => store.peekCard(id)).filter((card) => card !== undefined);
    const [card] = cards;
    closeDialog();
    if (card === undefined) return;
    const next = neighbourOf(store, card);
    const people = new Set(cards.flatMap((one) => one.idMembers));
    const left = [...people].filter((id) => !to.members.includes(id));
    if (!transfer(store, cards, { board: to.id, list, place }, isBack)) {
        toast('Too many changes wait for the server. This one was not made.');
        return;
    }
    if (app.shown.peek().card === card.id) closeCard(store, next ?? card.id);
    else if (cards.length === 1) wanted.focus = next;
    const names = left.map((id) => store.who.peek().get(id)?.fullName ?? 'Somebody').join(', ');
    const off = left.length === 0 ? '' : `. Not on that board, and taken off: ${names}`;
    const what = cards.length === 1 ? `“${short(card.name)}”` : `${cards.length} cards`;
    toast(`Moved ${what} to “${short(to.name)}”${off}`, {
        label: 'Open',
        run: () => go(cards.length === 1 ? `/c/${card.id}` : boardPath(to)),
    });
}

function Choice({
    label,
    value,
    choose,
    first = false,
    children,
}: {
    label: string;
    value: string;
    choose: (value: string) => void;
    first?: boolean;
    children: readonly (readonly [value: string, words: string])[];
}): JSX.Element {
    return (
        <label class="field">
            {label}
            <select
                data-first={first ? '' : undefined}
                value={value}
                onChange={(event) => choose(event.currentTarget.value)}
            >
                {children.map(([one, words]) => (
                    <option key={one} value={one} selected={one === value}>
                        {words}
                    </option>
                ))}
            </select>
        </label>
    );
}

function Trouble({ targets }: { targets: Result<Target[]> | undefined }): JSX.Element | null {
    if (targets === undefined || targets.ok) return null;
    return <p class="quiet">Other boards are not known here without the server.</p>;
}

/** The cards of a list that is not on this board; undefined: not known, or not yet. */
function useCardsThere(app: App, idList: Id | undefined): readonly Id[] | undefined {
    const there = useSignal<{ list: Id; cards: readonly Id[] } | undefined>(undefined);
    useEffect(() => {
        let asked = true;
        if (idList !== undefined)
            void cardsThere(app.env, idList).then((found) => {
                if (asked && found.ok) there.value = { list: idList, cards: found.value };
            });
        return () => {
            asked = false;
        };
    }, [idList]);
    return there.value?.list === idList ? there.value?.cards : undefined;
}

function placeAt(row: readonly Id[], index: number): Place {
    const before = row[index];
    return { after: row[index - 1] ?? '', ...(before === undefined ? {} : { before }) };
}

export function MovePicker({
    id,
    ...props
}: Props & { readonly id: Id }): JSX.Element | null {
    const { app, store, anchor } = props;
    const targets = useTargets(store);
    const card = store.card(id).value;
    const board = useSignal(store.id);
    const list = useSignal(card?.idList ?? '');
    const others = targets.value?.ok === true ? targets.value.value : [];
    const target = others.find((one) => one.id === board.value);
    const away = useCardsThere(app, target && list.value);
    const known = target === undefined || away !== undefined;
    const row =
        target === undefined
            ? store.cards(list.value).value.filter((other) => other !== id)
            : (away ?? []);
    const here =
        card?.idList === list.value ? store.cards(list.value).value.indexOf(id) : row.length;
    const at = useRef<HTMLSelectElement>(null);
    if (card === undefined) return null;
    const lists: (readonly [Id, string])[] =
        target === undefined
            ? store.lists.value.map((one) => [
                  one,
                  `${store.list(one).value?.name}${one === card.idList ? ' (now)' : ''}`,
              ])
            : target.lists.map((one) => [one.id, one.name]);
    const move = (event: SubmitEvent) => {
        event.preventDefault();
        const index = Number(at.current?.value ?? 0);
        const place = placeAt(row, index);
        if (target !== undefined) {
            send(props, [id], target, list.value, index === row.length ? {} : place);
            return;
        }
        store.moveCard(id, list.value, place);
        const name = store.list(list.value).peek()?.name ?? '';
        say(`Moved to ${name}, position ${index + 1}`);
        closeDialog();
    };
    const boards: [Id, string][] = [[store.id, `${store.board.value?.name ?? ''} (now)`]];
    return (
        <Modal title="Move the card" anchor={anchor} kind="picker">
            <form class="stack" onSubmit={move}>
                <Choice
                    label="Board"
                    value={board.value}
                    choose={(value) => {
                        board.value = value;
                        const to = others.find((one) => one.id === value);
                        list.value = to?.lists[0]?.id ?? card.idList;
                    }}
                >
                    {[...boards, ...others.map((one) => [one.id, one.name] as const)]}
                </Choice>
                <Choice
                    label="List"
                    first
                    value={list.value}
                    choose={(value) => {
                        list.value = value;
                    }}
                >
                    {lists}
                </Choice>
                <label class="field">
                    Position
                    <select
                        ref={at}
                        key={`${list.value} ${known}`}
                        defaultValue={String(Math.max(0, here))}
                        disabled={!known}
                    >
                        {Array.from({ length: row.length + 1 }, (_, index) => (
                            <option key={index} value={index} selected={index === here}>
                                {known ? index + 1 : 'At the end'}
                            </option>
                        ))}
                    </select>
                </label>
                <Trouble targets={targets.value} />
                <div class="row">
                    <button class="primary">Move</button>
                    <button type="button" onClick={closeDialog}>
                        Cancel
                    </button>
                </div>
            </form>
        </Modal>
    );
}

/** All cards of a list, to the end of a list of another board. */
export function TransferPicker({
    ids,
    ...props
}: Props & { readonly ids: readonly Id[] }): JSX.Element {
    const { store, anchor } = props;
    const targets = useTargets(store);
    const board = useSignal('');
    const list = useSignal('');
    const others = targets.value?.ok === true ? targets.value.value : [];
    const target = others.find((one) => one.id === board.value) ?? others[0];
    const idList = target?.lists.some((one) => one.id === list.value)
        ? list.value
        : (target?.lists[0]?.id ?? '');
    return (
        <Modal title="Move all cards to" anchor={anchor} kind="picker">
            {target === undefined ? (
                <p class="quiet">
                    {targets.value?.ok === true
                        ? 'There is no other board where you may add cards.'
                        : targets.value === undefined && 'Loading …'}
                </p>
            ) : (
                <form
                    class="stack"
                    onSubmit={(event) => {
                        event.preventDefault();
                        send(props, ids, target, idList, {});
                    }}
                >
                    <Choice
                        label="Board"
                        first
                        value={target.id}
                        choose={(value) => {
                            board.value = value;
                        }}
                    >
                        {others.map((one) => [one.id, one.name] as const)}
                    </Choice>
                    <Choice
                        label="List"
                        value={idList}
                        choose={(value) => {
                            list.value = value;
                        }}
                    >
                        {target.lists.map((one) => [one.id, one.name] as const)}
                    </Choice>
                    <button class="primary">Move</button>
                </form>
            )}
            <Trouble targets={targets.value} />
        </Modal>
    );
}

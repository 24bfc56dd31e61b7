/** palette.tsx - the help, and one field that finds every action and every card. Both are made from
 * the table in shortcuts.ts. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import { isArray, isObject, type Json, type JsonObject, parse, stringOf } from '../model/json';
import { go } from '../router';
import type { DialogProps } from './dialogs';
import { cardsFor, fold } from './query';
import { closeDialog, Modal } from './modal';
import { contextOf, fits, keyText, shortcuts } from './shortcuts';
import { setSingleKeys, singleKeys, typedAhead } from './ui';

export function Help(): JSX.Element {
    const groups = [...new Set(shortcuts.map((shortcut) => shortcut.group))];
    return (
        <Modal title="Keys" kind="panel wide">
            <p class="quiet">
                A key means the card that has the focus, else the one under the pointer.
            </p>
            <div class="keys">
                {groups.map((group) => (
                    <section key={group}>
                        <h3>{group}</h3>
                        <dl>
                            {shortcuts
                                .filter((shortcut) => shortcut.group === group)
                                .map((shortcut) => (
                                    <div key={shortcut.label}>
                                        <dt>
                                            {shortcut.keys.length > 3 ? (
                                                <>
                                                    <kbd>{shortcut.keys[0]}</kbd> –{' '}
                                                    <kbd>{shortcut.keys.at(-1)}</kbd>
                                                </>
                                            ) : (
                                                shortcut.keys.map((key) => (
                                                    <kbd key={key}>{keyText(key)}</kbd>
                                                ))
                                            )}
                                        </dt>
                                        <dd>{shortcut.label}</dd>
                                    </div>
                                ))}
                        </dl>
                    </section>
                ))}
                <section>
                    <h3>While adding cards</h3>
                    <dl>
                        <div>
                            <dt>
                                <kbd>Enter</kbd>
                            </dt>
                            <dd>Add, and go on with the next</dd>
                        </div>
                        <div>
                            <dt>
                                <kbd>Ctrl + Enter</kbd>
                            </dt>
                            <dd>Add and open</dd>
                        </div>
                        <div>
                            <dt>
                                <kbd>Shift + Enter</kbd>
                            </dt>
                            <dd>A new line</dd>
                        </div>
                        <div>
                            <dt>
                                <kbd>Esc</kbd>
                            </dt>
                            <dd>Close; what was typed is kept</dd>
                        </div>
                    </dl>
                </section>
            </div>
            <label class="choice">
                <input
                    type="checkbox"
                    checked={singleKeys.value}
                    onChange={(event) => setSingleKeys(event.currentTarget.checked)}
                />{' '}
                Single-key shortcuts on this device
            </label>
        </Modal>
    );
}

interface Found {
    readonly key: string;
    readonly label: string;
    readonly note: string;
    readonly run: () => void;
}

const CARDS_FOUND_MAX = 30;
const ELSEWHERE_AFTER_MS = 250;

/** Cards and boards elsewhere, once the typing rests: [] while the server says nothing. */
async function findElsewhere(app: App, here: Id | undefined, text: string): Promise<Found[]> {
    const asked = new URLSearchParams({
        query: text,
        modelTypes: 'boards,cards',
        partial: 'true',
        card_fields: 'name,closed,idBoard,shortLink',
        card_board: 'true',
        board_fields: 'name,shortLink',
    });
    const answer = await app.env.request('GET', `/1/search?${asked.toString()}`);
    const body = answer.status === 200 ? parse(answer.text) : undefined;
    if (!isObject(body)) return [];
    const rows = (value: Json | undefined) => (isArray(value) ? value.filter(isObject) : []);
    const found = (row: JsonObject, path: string, note: string): Found => ({
        key: stringOf(row.id),
        label: stringOf(row.name),
        note,
        run: () => go(`${path}${stringOf(row.shortLink)}`),
    });
    return [
        ...rows(body.boards)
            .filter((board) => board.id !== here)
            .map((board) => found(board, '/b/', 'board')),
        ...rows(body.cards)
            .filter((card) => card.idBoard !== here)
            .map((card) => {
                const name = isObject(card.board) ? stringOf(card.board.name) : '';
                return found(card, '/c/', card.closed === true ? `${name}, archived` : name);
            }),
    ];
}

export function Palette({ app, store, open }: DialogProps): JSX.Element {
    const ahead = useRef({ ...typedAhead }).current;
    Object.assign(typedAhead, { text: '', chosen: false });
    const query = useSignal(ahead.text);
    const chosen = useSignal(0);
    const context = useRef(contextOf(app, store)).current;
    const list = useRef<HTMLUListElement>(null);
    const input = useRef<HTMLInputElement>(null);
    const elsewhere = useSignal<readonly Found[]>([]);
    useEffect(() => {
        const text = query.value.trim();
        elsewhere.value = [];
        if (text.length < 2) return undefined;
        let over = false;
        const timer = setTimeout(() => {
            findElsewhere(app, store.id, text).then(
                (list) => {
                    if (!over) elsewhere.value = list;
                },
                () => undefined,
            );
        }, ELSEWHERE_AFTER_MS);
        return () => {
            over = true;
            clearTimeout(timer);
        };
    }, [query.value]);
    const found = useComputed((): readonly Found[] => {
        const words = fold(query.value)
            .split(/\s+/)
            .filter((word) => word !== '');
        const has = (text: string) => words.every((word) => fold(text).includes(word));
        const actions = shortcuts
            .filter(
                (shortcut) =>
                    shortcut.inPalette !== false && fits(shortcut, context) && has(shortcut.label),
            )
            .map((shortcut): Found => ({
                key: shortcut.label,
                label: shortcut.label,
                note: keyText(shortcut.keys[0] as string),
                run: () => shortcut.run(context, shortcut.keys[0] as string),
            }));
        if (words.length === 0) return actions;
        const cards = cardsFor(store, query.value, store.me.value?.id).slice(0, CARDS_FOUND_MAX);
        return [
            ...actions,
            ...cards.map((card): Found => ({
                key: card.id,
                label: card.name,
                note: card.closed ? 'archived card' : (store.list(card.idList).peek()?.name ?? ''),
                run: () => open(card.id),
            })),
            ...elsewhere.value,
        ];
    }).value;
    const choose = (index: number) => {
        chosen.value = (index + found.length) % Math.max(1, found.length);
        list.current?.children[chosen.value]?.scrollIntoView({ block: 'nearest' });
    };
    const run = (one: Found | undefined) => {
        if (one === undefined) return;
        closeDialog();
        setTimeout(one.run); // behind the closing, which gives the focus back
    };
    useLayoutEffect(() => {
        input.current?.setSelectionRange(ahead.text.length, ahead.text.length);
        if (ahead.chosen) run(found[0]);
    }, []);
    return (
        <Modal title="Search for actions and cards" kind="palette" hideTitle>
            <input
                data-first
                ref={input}
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant={found.length > 0 ? `palette-${chosen.value}` : undefined}
                aria-label="Search for actions and cards"
                placeholder="Do something, or find a card …"
                autocomplete="off"
                defaultValue={ahead.text}
                onInput={(event) => {
                    query.value = event.currentTarget.value;
                    chosen.value = 0;
                }}
                onKeyDown={(event) => {
                    if (event.key === 'ArrowDown') choose(chosen.peek() + 1);
                    else if (event.key === 'ArrowUp') choose(chosen.peek() - 1);
                    else if (event.key === 'Enter') run(found[chosen.peek()]);
                    else return;
                    event.preventDefault();
                }}
            />
            <ul class="found" role="listbox" id="palette-list" aria-label="Found" ref={list}>
                {found.map((one, index) => (
                    <li
                        key={one.key}
                        id={`palette-${index}`}
                        role="option"
                        aria-selected={index === chosen.value}
                        onClick={() => run(one)}
                        onPointerMove={() => {
                            chosen.value = index;
                        }}
                    >
                        <span>{one.label}</span>
                        <small>{one.note}</small>
                    </li>
                ))}
            </ul>
            {found.length === 0 && <p class="quiet">Nothing is called so.</p>}
        </Modal>
    );
}

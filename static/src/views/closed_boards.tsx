/** closed_boards.tsx - the boards that were closed. Each is opened as any other, and reopened
 * there; here its admins delete it for ever. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { read } from '../api';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { BoardSummary } from '../my_boards';
import { boardPath } from '../router';
import { own } from '../shelf';
import { short } from './actions';
import { since } from './moments';
import { toast } from './ui';

export function ClosedBoards({
    app: { env },
    boards,
    changed,
}: {
    app: App;
    boards: readonly BoardSummary[];
    changed: () => void;
}): JSX.Element {
    const asked = useSignal<Id | undefined>(undefined); // which of them, after the first press
    const remove = async ({ id, name }: BoardSummary) => {
        if (asked.peek() !== id) {
            asked.value = id;
            return;
        }
        asked.value = undefined;
        const answer = await env.request('DELETE', `/1/boards/${id}`);
        const result = read(answer, () => true);
        if (result.ok) {
            void env.storage.dropBoard(id);
            toast(`Deleted “${short(name)}”`);
        } else {
            const offline = result.trouble === 'offline';
            toast(offline ? 'Deleting a board needs the server.' : result.text);
        }
        changed();
    };
    return (
        <ul class="rows">
            {boards.map((board) => (
                <li key={board.id}>
                    <span class="grow">
                        <a href={boardPath(board)}>{board.name}</a>
                        {board.dateLastActivity !== '' && (
                            <small>{since(board.dateLastActivity, Date.now())}</small>
                        )}
                    </span>
                    {own.value?.boards.get(board.id)?.memberType === 'admin' && (
                        <button
                            class={asked.value === board.id ? 'danger' : 'bare'}
                            aria-label={
                                asked.value === board.id
                                    ? undefined
                                    : `Delete ${board.name} for ever`
                            }
                            onClick={() => void remove(board)}
                        >
                            {asked.value === board.id
                                ? 'Really delete it with all its cards, for ever'
                                : 'Delete for ever'}
                        </button>
                    )}
                </li>
            ))}
        </ul>
    );
}

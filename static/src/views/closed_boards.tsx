/** closed_boards.tsx - the boards that were closed. Each is opened as any other, and reopened
 * there; here its admins delete it for ever. */
import type { JSX } from 'preact';
import { read } from '../api';
import type { App } from '../app';
import type { BoardSummary } from '../my_boards';
import { boardPath } from '../router';
import { own } from '../shelf';
import { short } from './actions';
import { since } from './moments';
import { Twice } from './twice';
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
    const remove = async ({ id, name }: BoardSummary) => {
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
                        <Twice
                            word="Delete for ever"
                            really="Really delete it with all its cards, for ever"
                            what={`“${board.name}”`}
                            run={() => void remove(board)}
                        />
                    )}
                </li>
            ))}
        </ul>
    );
}

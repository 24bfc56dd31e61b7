/** boards.tsx - the boards of a person. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BoardSummary } from '../api';
import type { App } from '../app';
import { boardPath, go } from '../router';

export function BoardsView({ app }: { app: App }): JSX.Element {
    const boards = useSignal<readonly BoardSummary[] | undefined>(undefined);
    const trouble = useSignal('');
    useEffect(() => {
        void app.api.boards().then((result) => {
            if (result.ok) boards.value = result.value.filter((board) => !board.closed);
            else trouble.value = result.trouble === 'signed-out' ? 'You are signed out. Open your sign-in link again.' : result.text;
        });
    }, []);
    const create = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const name = String(new FormData(form).get('name') ?? '').trim();
        if (name === '') return;
        const made = await app.api.createBoard(name);
        if (made.ok) go(boardPath(made.value));
        else trouble.value = made.text;
    };
    return (
        <main>
            <h1>Boards</h1>
            {trouble.value !== '' && <p class="message" role="alert">{trouble.value}</p>}
            <ul class="boards">{boards.value?.map((board) => <li key={board.id}><a href={boardPath(board)}>{board.name}</a></li>)}</ul>
            <form onSubmit={create}><input name="name" aria-label="Name of the new board" placeholder="New board" /><button>Create</button></form>
        </main>
    );
}

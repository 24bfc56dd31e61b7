/** board_copy.tsx - asks for the name of a copy of a board, and makes it. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { App } from '../app';
import { copyBoard } from '../import_board';
import type { Id } from '../model/id';
import { go } from '../router';
import { toast } from './ui';

export function BoardCopy({
    app,
    id,
    name,
    done,
}: {
    app: App;
    id: Id;
    name: string;
    done: () => void;
}): JSX.Element {
    const busy = useSignal<number | undefined>(undefined); // objects made so far
    const copy = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const wanted = String(form.get('name')).trim();
        if (wanted === '' || busy.peek() !== undefined) return;
        busy.value = 0;
        const keepFromSource = form.has('cards') ? 'cards' : 'none';
        const wish = { name: wanted, keepFromSource } as const;
        const made = await copyBoard(app.env, id, wish, ({ objects }) => {
            busy.value = objects;
        });
        busy.value = undefined;
        if (!made.ok) {
            toast(made.trouble === 'offline' ? 'A copy needs the server.' : made.text);
            return;
        }
        done();
        if (made.value.idBoard !== undefined) go(`/b/${made.value.idBoard}`);
    };
    return (
        <form class="stack" onSubmit={copy}>
            <label class="field">
                Name of the new board
                <input name="name" data-first defaultValue={name} maxLength={16384} />
            </label>
            <label class="choice">
                <input type="checkbox" name="cards" defaultChecked /> With its cards
            </label>
            <p class="quiet">
                Lists, labels and fields come along; archived things, people, comments and activity
                stay behind.
            </p>
            <button class="primary" disabled={busy.value !== undefined}>
                Create
            </button>
            {busy.value !== undefined && (
                <p class="quiet" role="status">
                    Copying · {busy.value.toLocaleString()} objects
                </p>
            )}
        </form>
    );
}

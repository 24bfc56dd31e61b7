/** workspaces.tsx - a person's workspaces: making one, who is in it, and which board is in which.
 * Nobody but its members sees a workspace. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import type { Result } from '../api';
import type { Store } from '../store';
import {
    createWorkspace,
    deleteWorkspace,
    joinBoard,
    putWorkspaceMember,
    removeWorkspaceMember,
    renameWorkspace,
    type Workspace,
    workspacePeople,
    type WorkspacePerson,
    workspacesOf,
} from '../workspaces';
import { myRole } from './actions';
import { Icon } from './icons';
import { Twice } from './twice';
import { toast } from './ui';

/** Did it work? Else says why not. */
function told<T>(result: Result<T>): result is { ok: true; value: T } {
    if (!result.ok)
        toast(result.trouble === 'offline' ? 'The server cannot be reached.' : result.text);
    return result.ok;
}

/** A form of one text field. */
function OneField({
    label,
    word,
    value = '',
    run,
}: {
    label: string;
    word: string;
    value?: string;
    run: (text: string) => Promise<boolean>;
}): JSX.Element {
    const submit = async (event: SubmitEvent) => {
        event.preventDefault();
        const field = (event.currentTarget as HTMLFormElement).elements.namedItem(
            'text',
        ) as HTMLInputElement;
        const text = field.value.trim();
        if (text !== '' && (await run(text)) && value === '') field.value = '';
    };
    return (
        <form class="stack" onSubmit={submit}>
            <label class="field">
                {label}
                <span class="row">
                    <input
                        name="text"
                        class="grow"
                        defaultValue={value}
                        maxLength={200}
                        autocomplete="off"
                    />
                    <button>{word}</button>
                </span>
            </label>
        </form>
    );
}

export function NewWorkspace({ app, made }: { app: App; made: () => void }): JSX.Element {
    return (
        <div class="import-here">
            <h2>Workspaces</h2>
            <p class="quiet">
                Boards that belong together, and the people who may see them without being on each.
            </p>
            <OneField
                label="New workspace"
                word="Make it"
                run={async (name) => {
                    const result = await createWorkspace(app.env, name);
                    if (told(result)) made();
                    return result.ok;
                }}
            />
        </div>
    );
}

/** Who is in it, in words: the person, what they are, and the way out. */
function Row({
    person,
    type,
    admin,
    self,
    set,
    remove,
}: {
    person: WorkspacePerson;
    type: string;
    admin: boolean;
    self: boolean;
    set: (type: string) => void;
    remove: () => void;
}): JSX.Element {
    return (
        <li class="row">
            <span class="grow">
                {person.fullName}
                <small> @{person.username}</small>
            </span>
            <select
                aria-label={`Role of ${person.fullName}`}
                value={type}
                disabled={!admin}
                onChange={(event) => set(event.currentTarget.value)}
            >
                <option value="normal">Member</option>
                <option value="admin">Admin</option>
            </select>
            {(admin || self) && (
                <Twice
                    word={self ? 'Leave' : 'Remove'}
                    what={self ? '' : person.fullName}
                    run={remove}
                />
            )}
        </li>
    );
}

/** Its name, its people, its end. changed: it, or one's part in it, is another now. */
export function WorkspaceBox({
    app,
    workspace,
    me,
    changed,
}: {
    app: App;
    workspace: Workspace;
    me: string | undefined;
    changed: () => void;
}): JSX.Element {
    const { env } = app;
    const { id } = workspace;
    const people = useSignal<readonly WorkspacePerson[]>([]);
    const typeOf = (who: string | undefined) =>
        workspace.memberships.find((one) => one.idMember === who)?.memberType ?? 'normal';
    const admin = typeOf(me) === 'admin';
    useEffect(() => {
        void workspacePeople(env, id).then((result) => {
            if (result.ok) people.value = result.value;
        });
    }, [workspace]);
    const after = (result: Result<unknown>) => {
        if (told(result)) changed();
        return result.ok;
    };
    return (
        <section class="import workspace-box" aria-label={`Workspace ${workspace.displayName}`}>
            {admin && (
                <OneField
                    label="Name of the workspace"
                    word="Rename"
                    value={workspace.displayName}
                    run={async (name) => after(await renameWorkspace(env, id, name))}
                />
            )}
            <ul class="rows people-list">
                {people.value.map((person) => (
                    <Row
                        key={person.id}
                        person={person}
                        type={typeOf(person.id)}
                        admin={admin}
                        self={person.id === me}
                        set={(type) =>
                            void putWorkspaceMember(env, id, person.id, type).then(after)
                        }
                        remove={() => void removeWorkspaceMember(env, id, person.id).then(after)}
                    />
                ))}
            </ul>
            {admin && (
                <OneField
                    label="Add somebody by their user name"
                    word="Add"
                    run={async (name) =>
                        after(
                            await putWorkspaceMember(env, id, name.replace(/^@/, ''), 'normal'),
                        )
                    }
                />
            )}
            {admin && (
                <p>
                    <Twice
                        word="Delete the workspace"
                        really="Really delete it; its boards stay with their members"
                        run={() => void deleteWorkspace(env, id).then(after)}
                    />
                </p>
            )}
        </section>
    );
}

/* -- in a board's menu */

const PRIVATE = 'only its members';

export function BoardWorkspace({ app, store }: { app: App; store: Store }): JSX.Element | null {
    const board = store.board.value;
    const all = useSignal<readonly Workspace[] | undefined>(undefined);
    useEffect(() => {
        void workspacesOf(app.env).then((result) => {
            if (told(result)) all.value = result.value;
        });
    }, []);
    if (board === undefined || all.value === undefined) return null;
    const mine = all.value.find((one) => one.id === board.idOrganization);
    const me = store.me.value?.id;
    const visits = me !== undefined && !store.members.value.some((one) => one.idMember === me);
    if (visits)
        return (
            <p>
                You see this board because it is in the workspace {mine?.displayName}.{' '}
                {board.prefs.selfJoin === true && (
                    <button onClick={() => void joinBoard(app.env, store.id, me).then(told)}>
                        <Icon name="people" /> Join the board
                    </button>
                )}
            </p>
        );
    if (myRole(store) !== 'admin') return null;
    return (
        <>
            <label class="field">
                Workspace
                <select
                    value={board.idOrganization ?? ''}
                    onChange={(event) => {
                        const idOrganization = event.currentTarget.value;
                        store.setBoard({
                            idOrganization: idOrganization === '' ? null : idOrganization,
                        });
                    }}
                >
                    <option value="">none</option>
                    {board.idOrganization !== null && mine === undefined && (
                        <option value={board.idOrganization}>one that you are not in</option>
                    )}
                    {all.value.map((one) => (
                        <option key={one.id} value={one.id}>
                            {one.displayName}
                        </option>
                    ))}
                </select>
            </label>
            <label class="field">
                Who can see it
                <select
                    disabled={board.idOrganization === null}
                    value={board.prefs.permissionLevel === 'org' ? 'org' : 'private'}
                    onChange={(event) =>
                        store.setBoard({ prefs: { permissionLevel: event.currentTarget.value } })
                    }
                >
                    <option value="private">{PRIVATE}</option>
                    <option value="org">its members, and everybody in the workspace</option>
                </select>
            </label>
            {board.idOrganization !== null && board.prefs.permissionLevel === 'org' && (
                <label class="choice">
                    <input
                        type="checkbox"
                        checked={board.prefs.selfJoin === true}
                        onChange={(event) =>
                            store.setBoard({ prefs: { selfJoin: event.currentTarget.checked } })
                        }
                    />{' '}
                    They may join it by themselves
                </label>
            )}
        </>
    );
}

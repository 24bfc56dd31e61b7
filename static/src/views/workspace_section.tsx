/** workspace_section.tsx - a workspace among the boards: those in it, and its people on request. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import { type BoardSummary, whoAmI } from '../my_boards';
import { type Workspace, workspaceBoards, workspacesOf } from '../workspaces';
import { Icon } from './icons';
import { Lazy } from './lazy';

export const workspaceViews = () => import('./workspaces');

export function useWorkspaces({ env }: App): { all: readonly Workspace[]; load(): void } {
    const all = useSignal<readonly Workspace[]>([]);
    return {
        all: all.value,
        load: () =>
            void workspacesOf(env).then((result) => {
                if (result.ok) all.value = result.value;
            }),
    };
}

/** One's own boards in it, and those that one may see by it. */
export function WorkspaceSection({
    app,
    workspace,
    own,
    tile,
    load,
}: {
    app: App;
    workspace: Workspace;
    own: readonly BoardSummary[];
    tile: (board: BoardSummary) => JSX.Element;
    load: () => void;
}): JSX.Element {
    const others = useSignal<readonly BoardSummary[]>([]);
    const managing = useSignal(false);
    const me = useSignal<Id | undefined>(undefined);
    useEffect(() => {
        void workspaceBoards(app.env, workspace.id).then((result) => {
            if (result.ok) others.value = result.value;
        });
        void whoAmI(app.env).then((result) => {
            if (result.ok) me.value = result.value;
        });
    }, [workspace]);
    const mine = new Set(own.map((board) => board.id));
    const shown = [...own, ...others.value.filter((board) => !mine.has(board.id))];
    return (
        <section>
            <div class="row">
                <h2 class="grow">{workspace.displayName}</h2>
                <button
                    class="bare"
                    aria-expanded={managing.value}
                    aria-label={`People of ${workspace.displayName}`}
                    onClick={() => {
                        managing.value = !managing.peek();
                    }}
                >
                    <Icon name="people" /> {workspace.memberships.length}
                </button>
            </div>
            {managing.value && (
                <Lazy
                    load={workspaceViews}
                    show={({ WorkspaceBox }) => (
                        <WorkspaceBox
                            app={app}
                            workspace={workspace}
                            me={me.value}
                            changed={load}
                        />
                    )}
                />
            )}
            <ul class="tiles">{shown.map(tile)}</ul>
            {shown.length === 0 && <p class="quiet">No boards in it that you can see.</p>}
        </section>
    );
}

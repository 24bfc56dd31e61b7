/** boards.tsx - the boards of a person: stars first, in their order, then by last activity; making
 * a board, and importing one by dropping its file. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { App } from '../app';
import { importBoard, type ImportState } from '../import_board';
import { type Id, isId } from '../model/id';
import { isArray, isObject, type Json } from '../model/json';
import { boardOf, boardsOf, type BoardSummary, createBoard } from '../my_boards';
import { bringStars, followOwn, setStarOf, starsIn } from '../own';
import { boardPath, go } from '../router';
import { own } from '../shelf';
import type { Workspace } from '../workspaces';
import { short } from './actions';
import { BoardCopy } from './board_copy';
import { ClosedBoards } from './closed_boards';
import { Icon } from './icons';
import { wallClass } from './labels';
import { Lazy } from './lazy';
import { since } from './moments';
import { nextTheme, theme, toast } from './ui';
import { useWorkspaces, WorkspaceSection, workspaceViews } from './workspace_section';

const KEPT = 'my stars';

/** In the order in which they were put; until they are heard of, as this device last knew them. */
function useStars({ env }: App): readonly Id[] {
    const kept = useSignal<readonly Id[]>([]);
    const known = own.value;
    const stars = known === undefined ? kept.value : starsIn(known);
    useEffect(() => {
        void env.storage.get(KEPT).then((value) => {
            if (isArray(value)) kept.value = value.filter(isId);
        });
    }, []);
    useEffect(() => {
        if (known !== undefined) void env.storage.put(KEPT, stars);
    }, [known]);
    return stars;
}

/** The boards one is on, as the stream says them; the date of the last activity and
 * the workspace are not in it. */
function heard(
    known: readonly BoardSummary[] | undefined,
    nowMs: number,
): readonly BoardSummary[] | undefined {
    const now = own.value;
    if (now?.live !== true) return known;
    const were = new Map(known?.map((board) => [board.id, board]));
    const fresh = new Date(nowMs).toISOString();
    return [...now.boards.values()]
        .map((fields) => boardOf(fields))
        .filter((board) => board !== undefined)
        .map((board) => {
            const { dateLastActivity = fresh, idOrganization = '' } = were.get(board.id) ?? {};
            return { ...board, dateLastActivity, idOrganization };
        });
}

function Tile({
    board,
    starred,
    flip,
}: {
    board: BoardSummary;
    starred: boolean;
    flip: () => void;
}): JSX.Element {
    return (
        <li class={`tile ${wallClass(board.prefs)}`}>
            <a href={boardPath(board)} onKeyDown={(event) => walkTiles(event)}>
                <span class="tile-name">{board.name}</span>
                <small>
                    {board.dateLastActivity === '' ? '' : since(board.dateLastActivity, Date.now())}
                </small>
            </a>
            <button
                class={`bare star ${starred ? 'on' : ''}`}
                aria-pressed={starred}
                aria-label={`Star ${board.name}`}
                title={starred ? 'Take the star off' : 'Star it'}
                onClick={flip}
            >
                <Icon name="star" />
            </button>
        </li>
    );
}

/** Arrows walk over the tiles as they lie. */
function walkTiles(event: KeyboardEvent): void {
    const tiles = [...document.querySelectorAll<HTMLElement>('.tile > a')];
    const here = tiles.indexOf(event.currentTarget as HTMLElement);
    const box = tiles[here]?.getBoundingClientRect();
    if (box === undefined) return;
    let to: HTMLElement | undefined;
    if (event.key === 'ArrowRight') to = tiles[here + 1];
    else if (event.key === 'ArrowLeft') to = tiles[here - 1];
    else if (event.key === 'ArrowDown')
        to = tiles.find(
            (tile) =>
                tile.getBoundingClientRect().top > box.top + 4 &&
                tile.getBoundingClientRect().left >= box.left - 4,
        );
    else if (event.key === 'ArrowUp')
        to = tiles
            .slice(0, here)
            .reverse()
            .find(
                (tile) =>
                    tile.getBoundingClientRect().top < box.top - 4 &&
                    tile.getBoundingClientRect().left <= box.left + 4,
            );
    else return;
    event.preventDefault();
    to?.focus();
}

/* -- import */

interface Import {
    readonly name: string;
    readonly state?: ImportState;
    readonly failed?: string;
}

const steps: Readonly<Record<string, string>> = {
    sending: 'Sending',
    reading: 'Reading',
    importing: 'Importing',
    done: 'Done',
};

const headings: Readonly<Record<string, string>> = {
    imported: 'Brought over',
    notes: 'Notes',
    unsupported: 'Left out',
};

/** `customFieldItems` in words, one or many. */
function words(name: string, count: Json | undefined = 2): string {
    const many = name.replace(/^id(?=[A-Z])/, 'assigned').replace(/(?=[A-Z])/g, ' ').toLowerCase();
    return count === 1 ? many.replace(/s$/, '') : many;
}

function plain(value: Json): string {
    return isObject(value)
        ? Object.values(value).filter((part) => typeof part !== 'object').join(' ')
        : String(value);
}

/** One part of the report: counts by name, or remarks. */
function Part({ name, value }: { name: string; value: Json }): JSX.Element | null {
    const lines = isArray(value)
        ? value.map((one) => plain(one))
        : isObject(value)
          ? Object.entries(value).map(([key, count]) => `${plain(count ?? 0)} ${words(key, count)}`)
          : [];
    if (lines.length === 0) return null;
    return (
        <div>
            <h2>{headings[name] ?? words(name)}</h2>
            <ul>
                {lines.map((line, index) => (
                    <li key={index}>{line}</li>
                ))}
            </ul>
        </div>
    );
}

function ImportBox({ now, close }: { now: Import; close: () => void }): JSX.Element {
    const state = now.state;
    const report = Object.entries(state?.report ?? {});
    const total = state === undefined || state.total === 0 ? undefined : state.total;
    return (
        <section class="import" aria-label={`Import of ${now.name}`}>
            <div class="row">
                <b class="grow">{now.name}</b>
                <button class="bare" aria-label="Close the report" onClick={close}>
                    <Icon name="close" />
                </button>
            </div>
            {now.failed !== undefined ? (
                <p class="banner stop" role="alert">
                    {now.failed}
                </p>
            ) : (
                <>
                    <progress
                        max={total}
                        value={state?.state === 'done' ? total : state?.bytes}
                        aria-label="Progress"
                    />
                    <p class="quiet" role="status">
                        {steps[state?.state ?? 'sending'] ?? state?.state}
                        {state !== undefined &&
                            state.objects > 0 &&
                            ` · ${state.objects.toLocaleString()} objects`}
                    </p>
                </>
            )}
            {state?.state === 'done' && state.idBoard !== undefined && (
                <p>
                    <a class="button primary" href={`/b/${state.idBoard}`}>
                        Open the board
                    </a>
                </p>
            )}
            {state?.state === 'done' && report.length > 0 && (
                <details>
                    <summary>Report</summary>
                    <div class="report">
                        {report.map(([name, value]) => (
                            <Part key={name} name={name} value={value ?? null} />
                        ))}
                    </div>
                </details>
            )}
        </section>
    );
}

/* -- the page */

function SignedOut(): JSX.Element {
    return (
        <section class="signed-out">
            <h2>You are not signed in on this device</h2>
            <p>
                Tavla has no passwords: a one-time link signs a browser in. An admin of your board
                makes one for you under Share, or somebody who runs this server with
            </p>
            <pre class="command" tabIndex={0}>
                tavla link --name "Your Name" --board BOARD --role normal
            </pre>
            <p class="quiet">
                The very first link is printed when the server starts for the first time. Open it in
                this browser and you are in.
            </p>
            <button onClick={() => location.reload()}>Try again</button>
        </section>
    );
}

function NewBoard({
    app,
    first,
    workspaces,
}: {
    app: App;
    first: boolean;
    workspaces: readonly Workspace[];
}): JSX.Element {
    const busy = useSignal(false);
    const create = async (event: SubmitEvent) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget as HTMLFormElement);
        const name = String(form.get('name')).trim();
        if (name === '' || busy.peek()) return;
        busy.value = true;
        const place = String(form.get('workspace') ?? '');
        const made = await createBoard(app.env, name, true, place === '' ? undefined : place);
        busy.value = false;
        if (made.ok) go(boardPath(made.value));
        else
            toast(
                made.trouble === 'offline'
                    ? 'The server cannot be reached. A new board needs it.'
                    : made.text,
            );
    };
    return (
        <form class="new-board" onSubmit={create}>
            <label for="new-board">{first ? 'Name your first board' : 'New board'}</label>
            <div class="row">
                <input
                    id="new-board"
                    name="name"
                    class="grow"
                    maxLength={16384}
                    placeholder="Name of the board"
                    autocomplete="off"
                />
                <button class="primary" disabled={busy.value}>
                    Create
                </button>
            </div>
            {workspaces.length > 0 && (
                <select name="workspace" aria-label="In which workspace">
                    <option value="">In no workspace</option>
                    {workspaces.map((one) => (
                        <option key={one.id} value={one.id}>
                            In {one.displayName}
                        </option>
                    ))}
                </select>
            )}
        </form>
    );
}

function isTemplate(board: BoardSummary): boolean {
    return board.prefs.isTemplate === true;
}

export function BoardsView({ app }: { app: App }): JSX.Element {
    const boards = useSignal<readonly BoardSummary[] | undefined>(undefined);
    const trouble = useSignal<string | undefined>(undefined);
    const importing = useSignal<Import | undefined>(undefined);
    const over = useSignal(false);
    const closed = useSignal(false);
    const making = useSignal<Id | undefined>(undefined); // from which template
    const file = useRef<HTMLInputElement>(null);
    const places = useWorkspaces(app);
    const stars = useStars(app);
    const load = () => {
        places.load();
        void boardsOf(app.env).then((result) => {
            if (result.ok) {
                boards.value = result.value;
                trouble.value = undefined;
                followOwn(app.env);
                void app.env.storage.put(
                    'boards',
                    result.value.map((board) => ({ ...board })),
                );
            } else {
                trouble.value =
                    result.trouble === 'offline' || result.trouble === 'signed-out'
                        ? result.trouble
                        : result.text;
            }
        });
    };
    useEffect(() => {
        document.title = 'Boards - Tavla';
        void app.env.storage.get('boards').then((kept) => {
            if (boards.peek() === undefined && isArray(kept))
                boards.value = kept.filter(isObject) as unknown as BoardSummary[];
        });
        void bringStars(app.env);
        load();
        const seen = () => {
            if (document.visibilityState === 'visible') load();
        };
        addEventListener('online', load);
        document.addEventListener('visibilitychange', seen);
        return () => {
            removeEventListener('online', load);
            document.removeEventListener('visibilitychange', seen);
        };
    }, []);
    const take = async (given: File | undefined) => {
        if (given === undefined) return;
        importing.value = { name: given.name };
        const result = await importBoard(app.env, given, (state) => {
            importing.value = { name: given.name, state };
        });
        importing.value = result.ok
            ? { name: given.name, state: result.value }
            : {
                  name: given.name,
                  failed:
                      result.trouble === 'offline'
                          ? 'The server could not be reached.'
                          : result.text,
              };
        load();
    };
    const drag = (on: boolean) => (event: DragEvent) => {
        if (event.dataTransfer?.types.includes('Files') !== true) return;
        event.preventDefault();
        over.value = on;
    };
    if (trouble.value === 'signed-out')
        return (
            <main class="page">
                <PageHead />
                <SignedOut />
            </main>
        );
    const all = heard(boards.value, app.env.now());
    const open = (all ?? [])
        .filter((board) => !board.closed)
        .sort((a, b) => (a.dateLastActivity > b.dateLastActivity ? -1 : 1));
    const starOf = (board: BoardSummary) => stars.indexOf(board.id);
    const starred = open
        .filter((board) => starOf(board) >= 0 && !isTemplate(board))
        .sort((a, b) => starOf(a) - starOf(b));
    const inOne = (board: BoardSummary) =>
        places.all.some((one) => one.id === board.idOrganization);
    const others = open.filter(
        (board) => starOf(board) < 0 && !isTemplate(board) && !inOne(board),
    );
    const templates = open.filter(isTemplate);
    const gone = (all ?? []).filter((board) => board.closed);
    const tile = (board: BoardSummary) => (
        <Tile
            key={board.id}
            board={board}
            starred={starOf(board) >= 0}
            flip={() => void setStarOf(app.env, board.id, starOf(board) < 0)}
        />
    );
    return (
        <main
            class={`page ${over.value ? 'drop-here' : ''}`}
            onDragOver={drag(true)}
            onDragLeave={(event) => {
                if (event.relatedTarget === null) over.value = false;
            }}
            onDrop={(event) => {
                drag(false)(event);
                void take(event.dataTransfer?.files[0]);
            }}
        >
            <PageHead />
            {trouble.value === 'offline' && (
                <p class="banner wait" role="status">
                    The server cannot be reached. Boards you opened on this device still open.
                </p>
            )}
            {trouble.value !== undefined && trouble.value !== 'offline' && (
                <p class="banner stop" role="alert">
                    {trouble.value}
                </p>
            )}
            {importing.value !== undefined && (
                <ImportBox
                    now={importing.value}
                    close={() => {
                        importing.value = undefined;
                    }}
                />
            )}
            {starred.length > 0 && (
                <section>
                    <h2>Starred</h2>
                    <ul class="tiles">{starred.map(tile)}</ul>
                </section>
            )}
            {others.length > 0 && (
                <section>
                    <h2>{starred.length > 0 ? 'Other boards' : 'Your boards'}</h2>
                    <ul class="tiles">{others.map(tile)}</ul>
                </section>
            )}
            {places.all.map((one) => (
                <WorkspaceSection
                    key={one.id}
                    app={app}
                    workspace={one}
                    own={open.filter((board) => board.idOrganization === one.id)}
                    tile={tile}
                    load={load}
                />
            ))}
            {all !== undefined && open.length === 0 && places.all.length === 0 && (
                <p class="welcome">
                    Nothing here yet. A board is a wall of lists, and each list holds cards: make
                    one, or bring yours from Trello.
                </p>
            )}
            {all === undefined && trouble.value === undefined && (
                <ul class="tiles waiting" aria-hidden="true">
                    <li class="tile" />
                    <li class="tile" />
                    <li class="tile" />
                </ul>
            )}
            {templates.length > 0 && (
                <section>
                    <h2>Templates</h2>
                    <ul class="tiles">{templates.map(tile)}</ul>
                    <div class="row templates">
                        {templates.map((board) => (
                            <button
                                key={board.id}
                                aria-expanded={making.value === board.id}
                                onClick={() => {
                                    const shown = making.peek() === board.id;
                                    making.value = shown ? undefined : board.id;
                                }}
                            >
                                <Icon name="plus" /> From “{short(board.name)}”
                            </button>
                        ))}
                    </div>
                    {templates
                        .filter((board) => board.id === making.value)
                        .map((board) => (
                            <div class="import" key={board.id}>
                                <BoardCopy
                                    app={app}
                                    id={board.id}
                                    name={board.name}
                                    done={() => {
                                        making.value = undefined;
                                    }}
                                />
                            </div>
                        ))}
                </section>
            )}
            <div class="ways">
                <NewBoard
                    app={app}
                    first={all !== undefined && open.length === 0}
                    workspaces={places.all}
                />
                <div class="import-here">
                    <h2>Import from Trello</h2>
                    <p class="quiet">
                        Drop the JSON file of an exported board anywhere on this page, or
                    </p>
                    <button onClick={() => file.current?.click()}>Choose a file</button>
                    <input
                        ref={file}
                        type="file"
                        accept=".json,application/json"
                        hidden
                        aria-label="Exported board"
                        onChange={(event) => {
                            void take(event.currentTarget.files?.[0]);
                            event.currentTarget.value = '';
                        }}
                    />
                </div>
                <Lazy
                    load={workspaceViews}
                    show={({ NewWorkspace }) => <NewWorkspace app={app} made={load} />}
                />
            </div>
            {gone.length > 0 && (
                <section>
                    <button
                        class="bare"
                        aria-expanded={closed.value}
                        onClick={() => {
                            closed.value = !closed.value;
                        }}
                    >
                        {closed.value ? 'Hide' : 'Show'} closed boards ({gone.length})
                    </button>
                    {closed.value && <ClosedBoards app={app} boards={gone} changed={load} />}
                </section>
            )}
        </main>
    );
}

const looks = { system: 'as the system', light: 'light', dark: 'dark' };

function PageHead(): JSX.Element {
    return (
        <header class="page-head">
            <h1>
                <span class="mark" />
                Tavla
            </h1>
            <button class="bare" onClick={nextTheme}>
                <Icon name="sun" /> Look: {looks[theme.value]}
            </button>
        </header>
    );
}

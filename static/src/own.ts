/** own.ts - the stream of what is one's own: one connection a page, from when something that shows
 * it is first opened. What is asked here is shown at once, and is settled by its own event. */
import type { Env, SocketHandler } from './env';
import { type Id, isId } from './model/id';
import { isArray, isObject, type JsonObject, stringOf } from './model/json';
import { claim, owner, randomName } from './replica/identity';
import { own, type Own, type Shelf } from './shelf';
import type { Store } from './store';
import { Link, type LinkHandler, type LinkState } from './sync/link';
import type { BoardEvent, ObjectRow, Position, ServerMessage } from './sync/messages';
import { toast } from './views/ui';

const STAR_STEP = 65_536;
const AWAY = 'The server cannot be reached.';

type OwnOp =
    | { readonly op: 'dir.star'; readonly idBoard: Id; readonly star: number | null }
    | {
          readonly op: 'dir.watch';
          readonly idBoard: Id;
          readonly element: Id;
          readonly on: boolean;
      };

interface Pending {
    readonly n: number;
    readonly op: OwnOp;
    sent: boolean;
    /** trouble: why it was refused. */
    readonly done: (trouble: string | undefined) => void;
}

type Objects = Map<Id, JsonObject>;
type Kinds = Readonly<Record<'board' | 'shelf', Objects>>;

function isKept(kind: unknown): kind is keyof Kinds {
    return kind === 'board' || kind === 'shelf';
}

function nothing(): Kinds {
    return { board: new Map(), shelf: new Map() };
}

class Stream implements LinkHandler {
    private readonly link: Link;
    private readonly cl: string;
    private at: Position | undefined;
    private me: Id | undefined;
    private kept = nothing();
    private coming = nothing(); // of a snapshot that is not whole yet
    private pending: Pending[] = [];
    private waiting: ((live: boolean) => void)[] = [];
    private lastN = 0;

    constructor(private readonly env: Env) {
        this.cl = randomName(env);
        // A link goes to a board: this one is led to our own address.
        const led = Object.assign(Object.create(env) as Env, {
            socket: (_: string, handler: SocketHandler) => env.socket('/v1/me/live', handler),
        });
        this.link = new Link(led, { board: '', inst: this.cl, cl: this.cl }, this);
        this.link.start();
    }

    wake(): void {
        this.link.wake();
    }

    position(): Position | undefined {
        return this.at;
    }

    changed(state: LinkState): void {
        if (state !== 'live' && own.peek()?.live === true) this.show();
        if (state === 'live' || state === 'idle' || state === 'stopped')
            for (const done of this.waiting.splice(0)) done(state === 'live');
    }

    /** Resolves when it is live, or when it turns out that it cannot be now. */
    ready(): Promise<boolean> {
        const { state } = this.link;
        if (state === 'live') return Promise.resolve(true);
        if (state === 'idle' || state === 'stopped') return Promise.resolve(false);
        return new Promise((done) => this.waiting.push(done));
    }

    /** Resolves with why it was refused. */
    ask(op: OwnOp): Promise<string | undefined> {
        if (this.link.state !== 'live') return Promise.resolve(AWAY);
        return new Promise((done) => {
            this.pending.push({ n: ++this.lastN, op, sent: false, done });
            this.show();
            this.send();
        });
    }

    private send(): void {
        for (const one of this.pending) {
            if (one.sent) continue;
            one.sent = true;
            this.link.op(one.n, 0, [one.op]);
        }
    }

    private settle(n: number, trouble?: string): void {
        const one = this.pending.find((pending) => pending.n === n);
        if (one === undefined) return;
        this.pending = this.pending.filter((pending) => pending !== one);
        this.show();
        one.done(trouble);
    }

    private judged(last: number, refused: readonly number[]): void {
        for (const { n } of this.pending)
            if (n <= last) this.settle(n, refused.includes(n) ? 'It was refused.' : undefined);
    }

    message(message: ServerMessage): void {
        switch (message.t) {
            case 'hello':
                this.me = message.me?.id;
                void this.claim();
                break;
            case 'sub':
                this.judged(message.n, message.refused);
                break;
            case 'snap':
                this.take(message.part, message.state);
                if (!message.last) break;
                this.kept = this.coming;
                this.at = message.pos;
                break;
            case 'live':
                // Whatever a snapshot may have swallowed is sent again: the server knows it by n.
                for (const one of this.pending) one.sent = false;
                this.show(true);
                this.send();
                break;
            case 'op':
                this.event(message.event);
                break;
            case 'dup':
                this.judged(message.n, message.refused);
                break;
            case 'rej':
                this.settle(message.n, stringOf(message.d.wrong) || message.why);
                break;
            default:
                break;
        }
    }

    /** Nobody goes on with what somebody else left in this browser. */
    private async claim(): Promise<void> {
        if (this.me !== undefined) claim(this.env, await owner(this.env), this.me);
    }

    private take(part: number, rows: readonly ObjectRow[]): void {
        if (part === 1) this.coming = nothing();
        for (const [kind, fields] of rows)
            if (isKept(kind)) this.coming[kind].set(fields.id, fields);
    }

    private event({ s, h, cl, by, n, e }: BoardEvent): void {
        if (this.at === undefined || s <= this.at[0]) return;
        if (s > this.at[0] + 1) {
            this.link.subscribe();
            return;
        }
        for (const [form, kind, id, fields] of e) {
            if (!isKept(kind) || !isId(id)) continue;
            const objects = this.kept[kind];
            if (form === 'del') objects.delete(id);
            else if (isObject(fields)) objects.set(id, { ...objects.get(id), ...fields });
        }
        this.at = [s, h];
        if (cl === this.cl && by === this.me) this.settle(n);
        this.show();
    }

    /** What is known, with what was asked on top. */
    private show(live = this.link.state === 'live'): void {
        if (this.at === undefined) return;
        const shelves = new Map<Id, Shelf>();
        for (const { idBoard, star, subscribed } of this.kept.shelf.values())
            shelves.set(stringOf(idBoard), {
                star: typeof star === 'number' ? star : null,
                watched: new Set(isArray(subscribed) ? subscribed.filter(isId) : []),
            });
        for (const { op } of this.pending) {
            const { star = null, watched = new Set<Id>() } = shelves.get(op.idBoard) ?? {};
            const after = new Set(watched);
            if (op.op === 'dir.watch' && op.on) after.add(op.element);
            if (op.op === 'dir.watch' && !op.on) after.delete(op.element);
            shelves.set(op.idBoard, {
                star: op.op === 'dir.star' ? op.star : star,
                watched: after,
            });
        }
        own.value = { live, boards: new Map(this.kept.board), shelves };
    }
}

let stream: Stream | undefined;

/** Follows it from now on, as long as the page lives. */
export function followOwn(env: Env): Stream {
    if (stream !== undefined) return stream;
    const made = (stream = new Stream(env));
    const wake = () => {
        if (document.visibilityState === 'visible') made.wake();
    };
    addEventListener('online', wake);
    addEventListener('pageshow', wake);
    document.addEventListener('visibilitychange', wake);
    return made;
}

const OLD_STARS = 'stars'; // where an older client kept them, on one device

/** Those that this device kept for itself are brought along, once. */
export async function bringStars(env: Env): Promise<void> {
    const kept = await env.storage.get(OLD_STARS);
    const old = isArray(kept) ? kept.filter(isId) : [];
    const left: Id[] = [];
    for (const idBoard of old) {
        const body = JSON.stringify({ idBoard });
        const { status } = await env.request('POST', '/1/members/me/boardStars', body);
        if (status !== 200 && status !== 404) left.push(idBoard);
    }
    if (old.length > 0) await env.storage.put(OLD_STARS, left);
}

/** Boards with a star, in the order in which they were put. */
export function starsIn({ shelves }: Own): Id[] {
    const stars = [...shelves].flatMap(([id, { star }]) => (star === null ? [] : [{ id, star }]));
    return stars.sort((a, b) => a.star - b.star || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
}

/** Also before anything was followed: what a browser keeps is shown before the server answers.
 * make: what is asked, with what is known when it can be. */
async function ask(env: Env, make: () => OwnOp): Promise<boolean> {
    const followed = followOwn(env);
    const trouble = (await followed.ready()) ? await followed.ask(make()) : AWAY;
    if (trouble !== undefined) toast(trouble);
    return trouble === undefined;
}

/** on: behind all others. */
export function setStarOf(env: Env, idBoard: Id, on: boolean): Promise<boolean> {
    return ask(env, () => {
        const { shelves } = own.peek() ?? {};
        const now = shelves?.get(idBoard)?.star ?? null;
        const last = Math.max(0, ...[...(shelves?.values() ?? [])].map(({ star }) => star ?? 0));
        return { op: 'dir.star', idBoard, star: on ? (now ?? last + STAR_STEP) : null };
    });
}

export async function flipWatch(
    store: Store,
    what: 'board' | 'list' | 'card',
    element: Id,
): Promise<void> {
    const on = own.peek()?.shelves.get(store.id)?.watched.has(element) !== true;
    if (await ask(store.env, () => ({ op: 'dir.watch', idBoard: store.id, element, on })))
        toast(on ? `You watch this ${what}.` : `You do not watch this ${what} any more.`);
}

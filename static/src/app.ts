/** app.ts - the page as a whole: which board is open, and what every view may reach. */
import { type ReadonlySignal, signal } from '@preact/signals';
import { Api, type Trouble } from './api';
import type { Env } from './env';
import type { Id } from './model/id';
import type { Route } from './router';
import { Store, type TestHook } from './store';
import type { Snapshot } from './sync/messages';

declare global {
    interface Window {
        __tavla?: TestHook;
    }
}

export interface Shown {
    readonly store: Store | undefined;
    /** The card that is open over the board. */
    readonly card: Id | undefined;
    readonly trouble: Trouble | undefined;
}

export class App {
    readonly api: Api;
    private readonly showing = signal<Shown>({
        store: undefined,
        card: undefined,
        trouble: undefined,
    });
    readonly shown: ReadonlySignal<Shown> = this.showing;
    private round = 0;

    constructor(readonly env: Env) {
        this.api = new Api(env);
    }

    /** Follows a route: opens its board, or keeps the one that is open when the route is a card of
     * it. */
    async follow(route: Route): Promise<void> {
        const round = ++this.round;
        if (route.page !== 'board' && route.page !== 'card') {
            this.use(undefined, undefined);
            return;
        }
        const here = route.page === 'card' ? this.cardHere(route.key) : undefined;
        if (here !== undefined) {
            this.use(this.showing.peek().store?.id, here);
            return;
        }
        const found =
            route.page === 'card'
                ? await this.api.cardKey(route.key)
                : await this.api.boardId(route.key);
        if (round !== this.round) return;
        if (!found.ok) {
            this.use(undefined, undefined, found.trouble);
            return;
        }
        const { value } = found;
        if ('idBoard' in value) this.use(value.idBoard, value.id);
        else this.use(value.id, undefined, undefined, value.snapshot);
    }

    private cardHere(key: string): Id | undefined {
        const store = this.showing.peek().store;
        if (store?.peekCard(key) !== undefined) return key;
        return store?.allCards().find((card) => card.shortLink === key)?.id;
    }

    private use(
        board: Id | undefined,
        card: Id | undefined,
        trouble?: Trouble,
        snapshot?: Snapshot,
    ): void {
        let { store } = this.showing.peek();
        if (store?.id !== board) {
            store?.close();
            store = board === undefined ? undefined : new Store(this.env, board);
            if (store === undefined) delete window.__tavla;
            else window.__tavla = store.hook;
            void store?.open(snapshot);
        }
        this.showing.value = { store, card, trouble };
    }

    wake(): void {
        this.showing.peek().store?.wake();
    }

    save(): void {
        this.showing.peek().store?.save();
    }
}

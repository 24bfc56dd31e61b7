/** link.ts - one live connection to one board, kept up.
 *
 *        start            opened          hello              sub            live
 *   idle -----> connecting -----> greeting -----> greeted -----> catching-up -----> live
 *     ^  later      |                |               |                |    ^          |
 *     +-------------+--- closed -----+---------------+----------------+    +-- resub -+
 *                   '--- 4001-4099, or err forbidden --> stopped
 *
 * The link knows time, closing and joining; what events mean is its handler's. Between a `sub` and
 * its answer nothing of an older
 * stream is passed on. */
import type { Env, Socket } from '../env';
import type { Id } from '../model/id';
import type { JsonObject } from '../model/json';
import { reconnectMs, stopReason, type StopReason } from './backoff';
import { messageOf, type Position, type ServerMessage } from './messages';

export type LinkState =
    'idle' | 'connecting' | 'greeting' | 'greeted' | 'catching-up' | 'live' | 'stopped';

export interface LinkHandler {
    /** Where to go on from; 'wait': not known yet, subscribe() will be called; undefined: a
     * snapshot, please. */
    position(): Position | 'wait' | undefined;
    /** Everything but hello, pong and bye; the stream's messages only from `sub`'s answer on. */
    message(message: ServerMessage): void;
    changed(state: LinkState, reason: StopReason | undefined): void;
}

export interface LinkOptions {
    readonly board: Id;
    readonly inst: string;
    cl: string;
}

const GREET_MS_MAX = 15_000; // connecting and hello together
const PONG_MS_MAX = 5000;
const AGAIN_LATER = 4100; // a close that wants a longer wait

export class Link {
    state: LinkState = 'idle';
    private socket: Socket | undefined;
    private round = 0; // of the present socket: what an older one says is nobody's
    private tries = 0;
    private byeAfter = 0;
    private subId = 0;
    private subAnswered = false;
    private requestId = 0;
    private silenceMs = 60_000;
    private cancelTimer: () => void = () => undefined;
    private cancelPong: () => void = () => undefined;
    private awaitsPong = false;

    constructor(
        private readonly env: Env,
        readonly options: LinkOptions,
        private readonly handler: LinkHandler,
    ) {}

    start(): void {
        if (this.state === 'idle' || this.state === 'stopped') this.connect();
    }

    stop(reason?: StopReason): void {
        this.close();
        this.move('stopped', reason);
    }

    /** The world changed: it is online again, or the page is looked at again. Is the connection
     * still what it seems? */
    wake(): void {
        if (this.state === 'idle') this.connect();
        else if (this.state !== 'stopped' && this.state !== 'connecting') this.ping();
    }

    /** Says hello anew, as another client. */
    restart(cl: string): void {
        this.options.cl = cl;
        this.close();
        this.connect();
    }

    private move(state: LinkState, reason?: StopReason): void {
        if (this.state === state) return;
        this.state = state;
        this.handler.changed(state, reason);
    }

    private timer(ms: number, fn: () => void): void {
        this.cancelTimer();
        this.cancelTimer = this.env.later(ms, fn);
    }

    /* -- the socket */

    private connect(): void {
        const round = ++this.round;
        this.byeAfter = 0;
        this.subAnswered = false;
        this.move('connecting');
        this.timer(GREET_MS_MAX, () => this.fail());
        this.socket = this.env.socket(`/v1/boards/${this.options.board}/live`, {
            opened: () => {
                if (round !== this.round) return;
                this.move('greeting');
                this.send({ t: 'hello', v: 1, cl: this.options.cl, inst: this.options.inst });
            },
            message: (text) => {
                if (round === this.round) this.receive(text);
            },
            closed: (code) => {
                if (round === this.round) this.closed(code);
            },
        });
    }

    private close(): void {
        this.round++;
        this.cancelTimer();
        this.cancelPong();
        this.awaitsPong = false;
        this.socket?.close(1000);
        this.socket = undefined;
    }

    /** The connection is as good as dead: no use in waiting for its close. */
    private fail(code = 1006): void {
        this.close();
        this.closed(code);
    }

    private closed(code: number): void {
        this.close();
        const wait = reconnectMs(code, this.tries++, this.byeAfter, this.env.random());
        if (wait === undefined) {
            this.move('stopped', stopReason(code));
            return;
        }
        this.timer(wait, () => this.connect());
        this.move('idle');
    }

    private send(message: object): void {
        this.socket?.send(JSON.stringify(message));
    }

    /* -- joining */

    /** Called when the handler's position is known now; also to begin anew after a gap. */
    subscribe(): void {
        if (this.state !== 'greeted' && this.state !== 'catching-up' && this.state !== 'live')
            return;
        const since = this.handler.position();
        if (since === 'wait') return;
        this.subAnswered = false;
        this.move('catching-up');
        this.send({ t: 'sub', id: (this.subId = ++this.requestId), since });
    }

    private receive(text: string): void {
        const message = messageOf(text);
        this.watch();
        if (message === undefined) return;
        switch (message.t) {
            case 'hello':
                this.silenceMs = message.hb * 1500 + 5000;
                this.watch();
                this.handler.message(message);
                if (this.state !== 'greeting') return; // it was not to its liking
                this.move('greeted');
                this.subscribe();
                return;
            case 'pong':
                this.awaitsPong = false;
                this.cancelPong();
                return;
            case 'bye':
                this.byeAfter = message.after;
                return;
            case 'sub':
                if (message.id !== this.subId) return;
                this.subAnswered = true;
                break;
            case 'live':
                if (!this.subAnswered) return;
                this.tries = 0;
                this.handler.message(message);
                if (this.subAnswered) this.move('live');
                return;
            case 'resync':
                if (!this.subAnswered) return;
                this.move('catching-up');
                break;
            case 'snap':
            case 'ops':
            case 'op':
            case 'hb':
                if (!this.subAnswered) return;
                break;
            case 'err':
                if (message.re !== this.subId) break;
                this.handler.message(message);
                if (this.refusal(message.code)) this.stop('forbidden');
                else this.fail(AGAIN_LATER); // it could not be read just now
                return;
            default:
                break;
        }
        this.handler.message(message);
    }

    private refusal(code: string): boolean {
        return code === 'forbidden' || code === 'not_found' || code === 'gone';
    }

    /* -- life */

    /** Something came: silence is counted anew. */
    private watch(): void {
        if (this.state !== 'idle' && this.state !== 'stopped')
            this.timer(this.silenceMs, () => this.ping());
    }

    private ping(): void {
        if (this.awaitsPong || this.socket === undefined) return;
        this.awaitsPong = true;
        this.send({ t: 'ping', x: 1 });
        this.cancelPong();
        this.cancelPong = this.env.later(PONG_MS_MAX, () => {
            this.awaitsPong = false;
            this.fail();
        });
    }

    /* -- asking */

    op(n: number, base: number, ops: readonly object[]): void {
        this.send({ t: 'op', n, base, ops });
    }

    /** What others see of this page; lost when it is not live. */
    say(d: JsonObject): void {
        if (this.state === 'live') this.send({ t: 'pres', d });
    }

    /** Asks for a card's tier 2; the answer carries the id that is returned. undefined: not now. */
    get(card: Id): number | undefined {
        if (this.state !== 'live') return undefined;
        this.send({ t: 'get', id: ++this.requestId, card });
        return this.requestId;
    }
}

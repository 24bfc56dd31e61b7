/** courier.ts - sends what a closed tab left in its queue, under that tab's client id, then goes.
 *
 * Its connection is only for sending: the board follows the main one. An op leaves the queue when
 * the board has reached its event, of which the courier hears by itself: a snapshot on the main
 * connection may have swallowed it there. */
import type { Env } from '../env';
import type { Id } from '../model/id';
import type { Outbox } from '../outbox/outbox';
import type { Draft } from '../outbox/storage';
import { Link, type LinkHandler, type LinkOptions, type LinkState } from '../sync/link';
import type { BoardEvent, Position, ServerMessage } from '../sync/messages';

export interface CourierOwner {
    position(): Position;
    drafts(drafts: readonly (Draft | undefined)[]): void;
    judged(): void;
    done(): void;
}

const LOOK_MS = 1000;

export class Courier implements LinkHandler {
    readonly link: Link;
    private cancelLook: () => void = () => undefined;
    private over = false;
    private me: Id | undefined;

    constructor(
        private readonly env: Env,
        options: LinkOptions,
        readonly outbox: Outbox,
        private readonly owner: CourierOwner,
    ) {
        this.link = new Link(env, options, this);
    }

    start(): void {
        this.link.start();
        this.look();
    }

    /** Done when nothing is left without a verdict; the main connection's events take ops out of
     * the queue. */
    private look(): void {
        this.cancelLook = this.env.later(LOOK_MS, () => {
            if (this.outbox.entries.length === 0) this.stop();
            else this.look();
        });
    }

    stop(): void {
        if (this.over) return;
        this.over = true;
        this.cancelLook();
        this.link.stop();
        this.owner.done();
    }

    position(): Position {
        return this.owner.position();
    }

    changed(state: LinkState): void {
        if (state === 'live') this.send();
        else if (state !== 'catching-up') this.outbox.lost();
        if (state === 'stopped') this.stop();
    }

    send(): void {
        if (this.link.state !== 'live') return;
        for (const { n, base, ops } of this.outbox.take(this.owner.position()[0]))
            this.link.op(n, base, ops);
    }

    private heard(events: readonly BoardEvent[]): void {
        for (const { cl, by, n, s } of events)
            if (cl === this.outbox.cl && by === this.me) this.outbox.applied(n, s);
        this.owner.judged();
        this.send(); // there is room for more
    }

    message(message: ServerMessage): void {
        switch (message.t) {
            case 'hello':
                this.me = message.me?.id;
                break;
            case 'sub':
                this.outbox.again();
                this.owner.drafts(this.outbox.judged(message.n, message.refused, message.pos[0]));
                this.owner.judged();
                break;
            case 'op':
                if (message.event.cl === this.outbox.cl) this.heard([message.event]);
                break;
            case 'ops':
                this.heard(message.list);
                break;
            case 'live':
                this.outbox.again(); // as on the main connection
                break;
            case 'dup':
                this.owner.drafts(this.outbox.judged(message.n, message.refused, message.s));
                this.owner.judged();
                this.send();
                break;
            case 'rej':
                this.owner.drafts([this.outbox.refuse(message.n, message.why, message.d)]);
                this.send();
                break;
            default:
                break;
        }
    }
}

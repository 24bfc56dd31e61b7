/** courier.ts - sends what a closed tab left in its queue, under that tab's client id, then goes.
 *
 * Its connection is only for sending: the board follows the main one, where the ops come back as
 * events and leave the queue. */
import type { Env } from '../env';
import type { Outbox } from '../outbox/outbox';
import type { Draft } from '../outbox/storage';
import { Link, type LinkHandler, type LinkOptions, type LinkState } from '../sync/link';
import type { Position, ServerMessage } from '../sync/messages';

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

    private send(): void {
        if (this.link.state !== 'live') return;
        for (const entry of this.outbox.take()) this.link.op(entry.n, entry.base, entry.ops);
    }

    message(message: ServerMessage): void {
        switch (message.t) {
            case 'sub':
                this.outbox.lost();
                this.owner.drafts(this.outbox.judged(message.n, message.refused, message.pos[0]));
                this.owner.judged();
                break;
            case 'op':
                if (message.event.cl === this.outbox.cl) this.send(); // there is room for more
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

/** couriers.ts - finds what closed tabs left in their queues and has each sent by a courier. */
import type { Env } from '../env';
import type { Id } from '../model/id';
import type { Outbox } from '../outbox/outbox';
import type { StoredOp } from '../outbox/storage';
import { Courier, type CourierOwner } from './courier';
import { lockName } from './identity';

const LOOK_MS = 60_000;

export interface CouriersOwner extends Omit<CourierOwner, 'done'> {
    own(): { readonly cl: string; readonly inst: string };
    outbox(cl: string, changed: () => void): Outbox;
    /** Its ops are there. */
    restored(outbox: Outbox): void;
    isLive(): boolean;
    /** Fetches the texts that ops wait for. */
    ask(): void;
    /** There is another outbox, or one less. */
    changed(): void;
}

interface Orphan {
    readonly cl: string;
    readonly rows: readonly StoredOp[];
    readonly counter: number; // of numbers it used: the newest may be gone from its queue
    release(): void;
}

/** Queues of this board that nobody looks after; those in `ours` are ours already. */
async function orphans(env: Env, board: Id, ours: ReadonlySet<string>): Promise<Orphan[]> {
    const found: Orphan[] = [];
    const clients = new Set((await env.storage.queue(board)).map((row) => row.cl));
    for (const cl of clients) {
        if (ours.has(cl)) continue;
        const release = await env.hold(lockName(cl));
        if (release === undefined) continue;
        // Read again: whoever held it may have finished in between.
        const rows = (await env.storage.queue(board)).filter((row) => row.cl === cl);
        const counter = await env.storage.counter(board, cl);
        if (rows.length > 0) found.push({ cl, rows, counter, release });
        else release();
    }
    return found;
}

export class Couriers {
    private list: Courier[] = [];
    private cancelLook: () => void = () => undefined;
    private looking = false;
    private over = false;

    constructor(
        private readonly env: Env,
        private readonly board: Id,
        private readonly owner: CouriersOwner,
    ) {}

    get outboxes(): readonly Outbox[] {
        return this.list.map((courier) => courier.outbox);
    }

    send(): void {
        this.list.forEach((courier) => courier.send());
    }

    wake(): void {
        this.list.forEach((courier) => courier.link.wake());
    }

    stop(): void {
        this.over = true;
        this.cancelLook();
        this.list.forEach((courier) => courier.stop());
    }

    /** Now, and again from time to time while the connection is live. */
    adopt(): void {
        this.cancelLook();
        this.cancelLook = this.env.later(LOOK_MS, () => {
            if (this.owner.isLive()) this.adopt();
        });
        void this.look();
    }

    private async look(): Promise<void> {
        if (this.looking || !this.env.storage.lasting) return;
        this.looking = true;
        const { cl, inst } = this.owner.own();
        const known = new Set([cl, ...this.outboxes.map((outbox) => outbox.cl)]);
        const found = await orphans(this.env, this.board, known);
        this.looking = false;
        for (const orphan of found) {
            if (this.over) {
                orphan.release();
                continue;
            }
            const outbox = this.owner.outbox(orphan.cl, () => courier.send());
            outbox.restore(orphan.rows, orphan.counter);
            this.owner.restored(outbox);
            const courier: Courier = new Courier(
                this.env,
                { board: this.board, inst, cl: orphan.cl },
                outbox,
                {
                    ...this.owner,
                    judged: () => {
                        this.owner.judged();
                        if (this.owner.isLive()) this.owner.ask();
                    },
                    done: () => {
                        this.list = this.list.filter((other) => other !== courier);
                        orphan.release();
                        this.owner.changed();
                    },
                },
            );
            this.list.push(courier);
            courier.start();
        }
        if (found.length > 0) this.owner.changed();
    }
}

/** mini_server.ts - a small server for the client's tests: sequences, dedupes by (client, n),
 * refuses what its resolver refuses, resumes by
 * (seq, h), replays or sends a snapshot. It resolves by the client's own preview: what ops mean is
 * tested against the real server;
 * here it matters that every op is done exactly once, on connections that break at every moment. */
import { apply, Divergence, type Effect } from '../src/model/apply';
import { Board, Overlay } from '../src/model/board';
import { type Json, type JsonObject, isObject, parse } from '../src/model/json';
import type { Op } from '../src/model/ops';
import { preview, singly } from '../src/model/preview';
import { type Delta, deltaApply, deltaDiff } from '../src/model/text';
import { deltaTransform } from '../src/model/text_transform';
import type { FakeSocket } from './pipe_env';

interface Client {
    n: number;
    refused: number[];
}
export interface Peer {
    readonly socket: FakeSocket;
    cl: string;
    following: boolean;
    inbox: string[];
    dead: boolean;
}

export const BOARD = `5f000000${'0'.repeat(15)}1`;
export const ANA = `5f000000${'0'.repeat(15)}a`;

export class MiniServer {
    readonly board = new Board();
    readonly log: JsonObject[] = [];
    readonly clients = new Map<string, Client>();
    readonly peers = new Set<Peer>();
    floor = 0;
    /** How often each (client, n) was applied: never more than once. */
    readonly applied = new Map<string, number>();
    /** Every id that was ever added. */
    readonly added = new Set<string>();
    readonly texts = new Map<string, string>();
    /** Text ops from an older base are refused. */
    textFloor = 0;
    epoch = 'aaaa';
    /** Of effects, so that another run of the same ops has another h. */
    private h(s: number): string {
        return `${this.epoch}${s.toString(16).padStart(12, '0')}`;
    }

    constructor() {
        apply(this.board, [['add', 'board', BOARD, { name: 'Mini', shortLink: 'Mini0000' }]], 1);
        this.board.seq = 1;
        this.board.h = this.h(1);
        this.floor = 1;
    }

    connect(socket: FakeSocket): Peer {
        const peer: Peer = { socket, cl: '', following: false, inbox: [], dead: false };
        this.peers.add(peer);
        return peer;
    }

    /** The peer reads nothing more. */
    disconnect(peer: Peer): void {
        peer.dead = true;
        this.peers.delete(peer);
    }

    private say(peer: Peer, message: JsonObject): void {
        if (!peer.dead) peer.inbox.push(JSON.stringify(message));
    }

    refuses: Op['op'] | undefined;

    stateText(): string {
        return JSON.stringify({
            pos: [this.board.seq, this.board.h],
            who: [],
            state: this.board.objectList(),
        });
    }

    receive(peer: Peer, text: string): void {
        const m = parse(text);
        if (!isObject(m) || peer.dead) return;
        switch (m.t) {
            case 'hello':
                peer.cl = m.cl as string;
                this.say(peer, {
                    t: 'hello',
                    v: 1,
                    sid: 's',
                    me: { id: ANA, username: 'ana', fullName: 'Ana', initials: 'A' },
                    now: 0,
                    hb: 25,
                    version: '1',
                });
                break;
            case 'sub':
                this.sub(peer, m);
                break;
            case 'op':
                this.op(peer, m);
                break;
            case 'ping':
                this.say(peer, { t: 'pong', x: m.x as Json });
                break;
            case 'get':
                this.say(peer, {
                    t: 'card',
                    id: m.id as Json,
                    at: this.board.seq,
                    card: { id: m.card as Json, desc: this.texts.get(m.card as string) ?? '' },
                });
                break;
            default:
                break;
        }
    }

    private sub(peer: Peer, m: JsonObject): void {
        const since = m.since as readonly [number, string] | undefined;
        const client = this.clients.get(peer.cl) ?? { n: 0, refused: [] };
        const pos = [this.board.seq, this.board.h];
        const known =
            since !== undefined && since[0] <= this.board.seq && since[1] === this.h(since[0]);
        const replay = known && since[0] >= this.floor;
        this.say(peer, {
            t: 'sub',
            id: m.id as Json,
            pos,
            mode: replay ? 'replay' : 'snapshot',
            n: client.n,
            refused: client.refused,
        });
        if (replay) {
            const list = this.log.filter((event) => (event.s as number) > since[0]);
            for (let i = 0; i < list.length; i += 3)
                this.say(peer, { t: 'ops', list: list.slice(i, i + 3) });
        } else {
            if (since !== undefined)
                this.say(peer, { t: 'resync', why: known ? 'floor' : 'position' });
            const objects = this.board.objectList() as Json as readonly Json[];
            const half = Math.ceil(objects.length / 2);
            this.say(peer, {
                t: 'snap',
                pos,
                part: 1,
                last: false,
                who: [],
                state: objects.slice(0, half),
            });
            this.say(peer, { t: 'snap', pos, part: 2, last: true, state: objects.slice(half) });
        }
        peer.following = true;
        this.say(peer, { t: 'live', pos, roster: [] });
    }

    /** A reader that fell behind: a snapshot in the middle of the stream, behind which nobody says
     * what became of one's ops. */
    lag(peer: Peer): void {
        if (!peer.following) return;
        peer.inbox = peer.inbox.filter((text) => !text.startsWith('{"t":"op"'));
        const pos = [this.board.seq, this.board.h];
        this.say(peer, { t: 'resync', why: 'lag' });
        this.say(peer, {
            t: 'snap',
            pos,
            part: 1,
            last: true,
            who: [],
            state: this.board.objectList() as Json,
        });
        this.say(peer, { t: 'live', pos, roster: [] });
    }

    heartbeat(): void {
        for (const peer of this.peers)
            if (peer.following)
                this.say(peer, { t: 'hb', now: 0, pos: [this.board.seq, this.board.h] });
    }

    /** Of one text, since base. */
    private changes(id: string, base: number): { cl: Json | undefined; delta: Delta }[] {
        return this.log
            .filter((event) => (event.s as number) > base)
            .flatMap((event) =>
                (event.e as unknown as Effect[])
                    .filter((effect) => effect[0] === 'txt' && effect[2] === id)
                    .map((effect) => ({ cl: event.cl, delta: effect[4] as Delta })),
            );
    }

    /** The delta of a text op behind what came since base. */
    private merged(op: Op & { op: 'text' }, base: number, cl: string): Delta {
        const since = this.changes(op.id, base);
        if (since.some((change) => change.cl === cl)) throw new Error('two text ops in flight');
        return since.reduce((d, change) => deltaTransform(d, change.delta, false), op.delta);
    }

    private textEffect(op: Op, base: number, cl: string): Effect[] {
        if (op.op !== 'text' && op.op !== 'text.put') return [];
        const delta =
            op.op === 'text'
                ? this.merged(op, base, cl)
                : deltaDiff(this.texts.get(op.id) ?? '', op.text);
        if (deltaApply(this.texts.get(op.id) ?? '', delta) === undefined)
            throw new Error('a delta that does not fit');
        return [['txt', op.kind, op.id, op.field, delta]];
    }

    private resolve(ops: readonly Op[], base: number, cl: string): Effect[] | undefined {
        const scratch = new Overlay(this.board);
        const effects: Effect[] = [];
        if (ops.some((op) => op.op === this.refuses)) return undefined;
        try {
            for (const op of singly(ops)) {
                if ((op.op === 'text' || op.op === 'text.put') && scratch.get(op.id) === undefined)
                    return undefined;
                const more = preview(scratch, op, { idBoard: BOARD, nowMs: 1700000000000 });
                if (more === undefined) return undefined;
                more.push(...this.textEffect(op, base, cl));
                apply(scratch, more, this.board.seq + 1);
                effects.push(...more);
            }
        } catch (error) {
            if (error instanceof Divergence) return undefined;
            throw error;
        }
        return effects;
    }

    private op(peer: Peer, m: JsonObject): void {
        if (!peer.following) throw new Error('an op before live');
        const n = m.n as number;
        const client = this.clients.get(peer.cl) ?? { n: 0, refused: [] };
        this.clients.set(peer.cl, client);
        if (n <= client.n) {
            this.say(peer, { t: 'dup', n: client.n, s: this.board.seq, refused: client.refused });
            return;
        }
        const ops = m.ops as unknown as readonly Op[];
        const base = m.base as number;
        if (ops[0]?.op === 'text' && base < this.textFloor) {
            client.refused = [...client.refused, n].slice(-64);
            this.say(peer, { t: 'rej', n, why: 'stale', at: this.board.seq, d: {} });
            return;
        }
        const effects = this.resolve(ops, base, peer.cl);
        if (effects === undefined) {
            client.refused = [...client.refused, n].slice(-64);
            this.say(peer, { t: 'rej', n, why: 'gone', at: this.board.seq, d: {} });
            return;
        }
        const key = `${peer.cl} ${n}`;
        this.applied.set(key, (this.applied.get(key) ?? 0) + 1);
        client.n = n;
        this.commit(effects, { cl: peer.cl, n });
    }

    /** By someone else. */
    commit(effects: Effect[], from: { cl?: string; n?: number } = {}): void {
        const s = this.board.seq + 1;
        const plain = JSON.parse(JSON.stringify(effects)) as Effect[];
        apply(this.board, plain, s);
        this.board.seq = s;
        this.board.h = this.h(s);
        for (const effect of plain) {
            const id = effect[2] as string;
            if (effect[0] === 'add') {
                this.added.add(id);
                this.texts.set(id, ((effect[3] as JsonObject).desc ?? '') as string);
            }
            if (effect[0] === 'txt')
                this.texts.set(id, deltaApply(this.texts.get(id) ?? '', effect[4] as Delta) ?? '');
        }
        const event: JsonObject = {
            t: 'op',
            s,
            h: this.board.h,
            by: ANA,
            ts: 1700000000000 + s,
            ...from,
            e: plain as Json,
        };
        this.log.push(event);
        for (const peer of this.peers) if (peer.following) this.say(peer, event);
    }
}

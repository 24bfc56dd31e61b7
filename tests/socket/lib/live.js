// live.js - a strict client of the live protocol: every message that breaks a promise is a fault.
//
// A stream is contiguous from its first position: a gap, a repeat, an event before `live`, a
// snapshot that does not add up or a heartbeat that disagrees makes the client fail: its waits
// throw, and so does close(). Tests say what they want by what they wait for.

import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';

const WAIT_MS = 10_000;
const HASH = /^[0-9a-f]{16}$/;

/** The connection ended before what was waited for. */
export class Lost extends Error {}

/** A fresh client id. @returns {string} */
export function newClientId() {
  return randomBytes(12).toString('hex');
}

/** A fresh object id: time and randomness, as clients make them. @returns {string} */
export function newId() {
  return (
    Math.floor(Date.now() / 1000)
      .toString(16)
      .padStart(8, '0') + randomBytes(8).toString('hex')
  );
}

export class Live {
  /**
   * Connects, says hello and, unless `sub` is false, subscribes and waits until it is live.
   * @param {{host: string, port: number}} place
   * @param {string} board
   * @param {{token?: string, cl?: string, inst?: string, since?: [number, string], n?: number,
   *   sub?: boolean, keep?: boolean, headers?: object, path?: string}} options
   *   n: the last one used by this cl; keep: keep every event in `events` (default)
   */
  static async open(place, board, options = {}) {
    const live = new Live(place, board, options);
    await live.opened;
    live.send({ t: 'hello', v: 1, cl: live.cl, inst: live.inst, token: options.token });
    live.hello = await live.wait((m) => m.t === 'hello', 'hello');
    if (options.sub !== false) await live.sub(options.since);
    return live;
  }

  constructor(place, board, options) {
    this.board = board;
    this.cl = options.cl ?? newClientId();
    this.inst = options.inst ?? randomBytes(4).toString('hex');
    this.n = options.n ?? 0;
    this.keeps = options.keep !== false;
    this.pos = null; // [seq, h] of the last event had
    this.first = null; // the position the stream began at
    this.isLive = false;
    this.snapshot = null; // {pos, state, who} of the last snapshot
    this.parts = null;
    this.events = [];
    this.count = 0; // events had, kept or not
    this.subs = [];
    this.resyncs = [];
    this.catchups = 0; // `ops` messages had
    this.pending = new Map(); // n -> {resolve, reject}
    this.waits = new Set();
    this.listeners = new Set(); // fn(event), called for each event in order
    this.violation = null;
    this.lastId = 0;
    this.asked = null; // the last sub sent
    const path = options.path ?? `/v1/boards/${board}/live`;
    this.ws = new WebSocket(`ws://${place.host ?? '127.0.0.1'}:${place.port}${path}`, 'tavla.v1', {
      headers: options.headers,
      perMessageDeflate: false,
      skipUTF8Validation: false,
    });
    this.opened = new Promise((done, fail) => {
      this.ws.once('open', done);
      this.ws.once('unexpected-response', (_, answer) => {
        fail(
          Object.assign(new Lost(`upgrade: ${answer.statusCode}`), { status: answer.statusCode }),
        );
        this.ws.terminate();
      });
      this.ws.once('error', fail);
    });
    this.opened.catch(() => {});
    this.ended = new Promise((done) => {
      this.ws.once('close', (code, reason) => done({ code, reason: reason.toString() }));
    });
    this.ended.then((end) => this.lose(end));
    this.ws.on('error', () => {}); // 'close' follows
    this.ws.on('message', (data, isBinary) => this.take(data, isBinary));
  }

  /** @param {object} message */
  send(message) {
    this.ws.send(JSON.stringify(message));
  }

  /** Text or bytes as they are, right or wrong. */
  sendRaw(data) {
    this.ws.send(data);
  }

  /** Subscribes, from a position or from nothing, and waits until it is live. */
  async sub(since = undefined) {
    const id = ++this.lastId;
    this.asked = { id, since: since ?? null };
    this.send(since ? { t: 'sub', id, since } : { t: 'sub', id });
    await this.wait((m) => m.t === 'live', 'live');
    return this;
  }

  /**
   * Sends ops under the next n; resolves with the verdict:
   * {ok: true, s, h, event}, {dup: true, s, refused} or {rej: true, why, at, d}. Rejects with Lost.
   */
  op(ops, { n = ++this.n, base = this.pos?.[0] ?? 0, extra = {} } = {}) {
    const verdict = new Promise((resolve, reject) => this.pending.set(n, { resolve, reject }));
    verdict.catch(() => {});
    this.send({ t: 'op', n, base, ops: Array.isArray(ops) ? ops : [ops], ...extra });
    return verdict;
  }

  /** As op, and throws unless it is accepted. */
  async ok(ops, options) {
    const verdict = await this.op(ops, options);
    if (!verdict.ok) throw new Error(`not accepted: ${JSON.stringify(verdict)}`);
    return verdict;
  }

  async get(card) {
    const id = ++this.lastId;
    this.send({ t: 'get', id, card });
    return await this.wait(
      (m) => (m.id === id && m.t === 'card') || (m.t === 'err' && m.re === id),
      'card',
    );
  }

  async ping(x = ++this.lastId) {
    this.send({ t: 'ping', x });
    return await this.wait((m) => m.t === 'pong' && m.x === x, 'pong');
  }

  /** Waits for the next message that fits. @param {(message: object) => boolean} fits */
  wait(fits, what = 'a message', ms = WAIT_MS) {
    return this.waiting(ms, what, (message) => (message && fits(message) ? message : undefined));
  }

  /** Waits until the stream has come to seq s. */
  reach(s, ms = WAIT_MS) {
    return this.waiting(ms, `seq ${s}`, () =>
      this.isLive && this.pos[0] >= s ? this.pos : undefined,
    );
  }

  waiting(ms, what, ready) {
    return new Promise((resolve, reject) => {
      const stop = (settle, value) => {
        clearTimeout(timer);
        this.waits.delete(wait);
        settle(value);
      };
      const timer = setTimeout(
        () =>
          stop(
            reject,
            new Error(
              `no ${what} in ${ms} ms; at ${JSON.stringify(this.pos)}, live ${this.isLive}`,
            ),
          ),
        ms,
      );
      const wait = {
        look: (message) => {
          const result = ready(message);
          if (result !== undefined) stop(resolve, result);
        },
        fail: (error) => stop(reject, error),
      };
      this.waits.add(wait);
      if (this.violation) wait.fail(this.violation);
      else if (this.end) wait.fail(new Lost(`closed ${this.end.code} ${this.end.reason}`));
      else wait.look(null);
    });
  }

  /** Closes in order; throws when the stream broke a promise. */
  async close(code = 1000) {
    this.ws.close(code);
    const timer = setTimeout(() => this.ws.terminate(), 5000);
    const end = await this.ended;
    clearTimeout(timer);
    if (this.violation) throw this.violation;
    return end;
  }

  /** Drops the connection without a word. */
  async drop() {
    this.ws.terminate();
    await this.ended;
    if (this.violation) throw this.violation;
  }

  /** Stops reading; the kernel's buffers fill. */
  pause() {
    this.ws.pause();
  }

  resume() {
    this.ws.resume();
  }

  lose(end) {
    this.end = end;
    const error = this.violation ?? new Lost(`closed ${end.code} ${end.reason}`);
    for (const { reject } of this.pending.values()) reject(error);
    for (const wait of [...this.waits]) wait.fail(error);
  }

  break(why, message) {
    if (this.violation) return;
    this.violation = new Error(
      `${why}; at ${JSON.stringify(this.pos)}: ${JSON.stringify(message)?.slice(0, 500)}`,
    );
    for (const wait of [...this.waits]) wait.fail(this.violation);
    for (const { reject } of this.pending.values()) reject(this.violation);
  }

  take(data, isBinary) {
    if (this.violation) return;
    let message;
    try {
      if (isBinary) throw new Error('binary');
      message = JSON.parse(data.toString());
    } catch (error) {
      this.break(`not JSON text: ${error.message}`, data.toString().slice(0, 200));
      return;
    }
    const handle = HANDLERS[message.t];
    if (handle) handle(this, message);
    if (this.violation) return;
    for (const wait of [...this.waits]) wait.look(message);
  }

  checkPosition(pos, message) {
    if (!Array.isArray(pos) || !Number.isSafeInteger(pos[0]) || !HASH.test(pos[1])) {
      this.break('not a position', message);
      return false;
    }
    return true;
  }

  /** One event, in order. */
  takeEvent(event) {
    if (this.pos === null) return this.break('an event before any position', event);
    if (event.s !== this.pos[0] + 1)
      return this.break(`seq ${event.s} after ${this.pos[0]}`, event);
    if (!HASH.test(event.h) || !Array.isArray(event.e)) return this.break('not an event', event);
    if (event.old !== undefined) return this.break('`old` is not for the wire', event);
    this.pos = [event.s, event.h];
    this.count += 1;
    if (this.keeps) this.events.push(event);
    for (const listener of this.listeners) listener(event);
    const me = this.hello?.me?.id ?? event.by; // cl is for everyone to see, and to copy
    if (event.cl === this.cl && event.by === me)
      this.settle(event.n, { ok: true, s: event.s, h: event.h, event });
    return undefined;
  }

  settle(n, verdict) {
    const waiting = this.pending.get(n);
    this.pending.delete(n);
    waiting?.resolve(verdict);
  }
}

/** What each message does to the client; unknown types are ignored, as the protocol says. */
const HANDLERS = {
  sub(live, message) {
    live.subs.push(message);
    if (!live.checkPosition(message.pos, message)) return;
    if (!['replay', 'snapshot'].includes(message.mode)) live.break('sub without a mode', message);
    if (message.id !== live.asked?.id) live.break('an answer to no sub', message);
    live.isLive = false;
    live.pos = message.mode === 'replay' ? live.asked.since : null;
    live.first = live.pos;
    live.parts = null;
  },
  resync(live, message) {
    live.resyncs.push(message.why);
    live.isLive = false;
    live.pos = null;
    live.parts = null;
  },
  snap(live, message) {
    if (live.isLive) return live.break('a snapshot without a resync', message);
    if (!live.checkPosition(message.pos, message)) return undefined;
    if (message.part === 1) live.parts = { pos: message.pos, part: 0, state: [], who: [] };
    const parts = live.parts;
    if (!parts || message.part !== parts.part + 1)
      return live.break('a snapshot part out of order', message);
    if (message.pos[0] !== parts.pos[0] || message.pos[1] !== parts.pos[1]) {
      return live.break('parts of two snapshots', message);
    }
    parts.part = message.part;
    for (const object of message.state) parts.state.push(object);
    for (const person of message.who ?? []) parts.who.push(person);
    if (message.last) {
      live.snapshot = { pos: parts.pos, state: parts.state, who: parts.who };
      live.pos = parts.pos;
      live.first = parts.pos;
      live.parts = null;
    }
    return undefined;
  },
  ops(live, message) {
    // Also while live: what a reader that fell behind has missed, gapless like everything else.
    live.catchups += 1;
    for (const event of message.list) live.takeEvent(event);
  },
  live(live, message) {
    if (!live.checkPosition(message.pos, message)) return;
    if (live.pos === null || live.parts) return live.break('live without a state', message);
    if (message.pos[0] !== live.pos[0] || message.pos[1] !== live.pos[1]) {
      return live.break('live at another position than the stream', message);
    }
    live.isLive = true;
    return undefined;
  },
  op(live, message) {
    if (!live.isLive) return live.break('an event before live', message);
    return live.takeEvent(message);
  },
  hb(live, message) {
    if (live.isLive && live.pos && message.pos && message.pos[0] !== live.pos[0]) {
      live.break('a heartbeat at another position than the stream', message);
    }
  },
  dup(live, message) {
    live.settle(message.n, { dup: true, s: message.s, refused: message.refused ?? [] });
  },
  rej(live, message) {
    if (live.isLive && message.at > live.pos[0])
      live.break('a rej overtook what it stands on', message);
    live.settle(message.n, { rej: true, why: message.why, at: message.at, d: message.d });
  },
};

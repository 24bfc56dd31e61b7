// ledger.js - what one client knows of its own ops: what was sent, acknowledged and seen.
//
// It outlives the client's connections and the server's crashes. check() holds it against the log.

/**
 * @typedef {{n: number, ops: object[], ack: {s: number, h: string}|null, refused: boolean}} Entry
 */

export class Ledger {
  /** @param {string} cl */
  constructor(cl) {
    this.cl = cl;
    this.n = 0;
    /** @type {Map<number, Entry>} */
    this.entries = new Map();
  }

  /** The next op's entry, kept before anything is sent. @returns {Entry} */
  begin(ops) {
    this.n += 1;
    const entry = { n: this.n, ops, ack: null, refused: false };
    this.entries.set(this.n, entry);
    return entry;
  }

  /** Those without a verdict, in order. @returns {Entry[]} */
  open() {
    return [...this.entries.values()].filter((entry) => !entry.ack && !entry.refused);
  }

  /** An acknowledgement; a second one must say the same. @returns {string} '' or what is wrong */
  acknowledge(n, s, h) {
    const entry = this.entries.get(n);
    if (!entry) return `${this.cl}: an acknowledgement of ${n}, which was not sent`;
    if (entry.refused) return `${this.cl}: ${n} was refused, and is event ${s}`;
    if (entry.ack && (entry.ack.s !== s || entry.ack.h !== h))
      return `${this.cl}: ${n} is event ${entry.ack.s} (${entry.ack.h}) and event ${s} (${h})`;
    entry.ack = { s, h };
    return '';
  }

  refuse(n) {
    this.entries.get(n).refused = true;
  }

  /**
   * Every acknowledged op is in the log exactly once, where and as it was acknowledged; any other
   * at most once; and in the order they were sent. @returns {string[]} what is wrong
   */
  check(log, { all = false } = {}) {
    const wrong = [];
    const found = new Map();
    let last = 0;
    for (const event of log) {
      if (event?.cl !== this.cl) continue;
      if (found.has(event.n)) wrong.push(`${this.cl}: ${event.n} is in the log twice`);
      if (event.n <= last) wrong.push(`${this.cl}: ${event.n} stands behind ${last}`);
      if (!this.entries.has(event.n)) wrong.push(`${this.cl}: ${event.n} was never sent`);
      found.set(event.n, event);
      last = event.n;
    }
    for (const { n, ack, refused } of this.entries.values()) {
      const event = found.get(n);
      if (ack && !event) wrong.push(`${this.cl}: ${n}, acknowledged as ${ack.s}, is lost`);
      else if (ack && (event.s !== ack.s || event.h !== ack.h))
        wrong.push(`${this.cl}: ${n}, acknowledged as ${ack.s}, is event ${event.s}`);
      else if (refused && event) wrong.push(`${this.cl}: ${n}, refused, is event ${event.s}`);
      else if (all && !event && !refused) wrong.push(`${this.cl}: ${n} is not in the log`);
    }
    return wrong;
  }
}

// clock.js - the clocks of a server, put forward by a test: days pass in seconds (see ../clock.c).
//
// Time goes on by a minute at a time, so that the server does at each what it does then.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binary, newFolder } from './server.js';

const LIBRARY = join(dirname(binary()), 'tests/socket/libclock.so');
const STEP_MS = 60_000;
const PAUSE_MS = 1;
const PATIENCE_MS = 60_000;

/** A sanitizer has to be loaded before all else: its servers have no such clock. */
export function hasClock() {
  const server = readFileSync(binary());
  return !['__asan_init', '__tsan_init'].some((name) => server.includes(name));
}

export class Clock {
  #ahead = 0n;

  /** @param {import('node:test').TestContext} t */
  constructor(t) {
    const folder = newFolder();
    this.file = join(folder, 'ahead');
    this.fd = openSync(this.file, 'w');
    this.forward(1); // waits are short from the start on
    t.after(() => {
      closeSync(this.fd);
      rmSync(folder, { recursive: true });
    });
  }

  /** For the server whose clock it is. */
  get env() {
    return { LD_PRELOAD: LIBRARY, TAVLA_AHEAD: this.file };
  }

  /** @param {number} ms */
  forward(ms) {
    const bytes = Buffer.alloc(8);
    this.#ahead += BigInt(ms);
    bytes.writeBigInt64LE(this.#ahead);
    writeSync(this.fd, bytes, 0, 8, 0);
  }

  /** Lets time pass until it is so. @param {() => boolean} ready */
  async until(ready) {
    for (const end = Date.now() + PATIENCE_MS; !ready(); ) {
      if (Date.now() > end) throw new Error(`not so ${this.#ahead} ms later`);
      this.forward(STEP_MS);
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}

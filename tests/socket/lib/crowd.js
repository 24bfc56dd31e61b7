// crowd.js - the many followers of heavy/crowd.c, steered from a test.
//
// The program checks every stream by itself: contiguous from its first position, the same bytes for
// everybody, live where it says so. report() throws when any promise was broken.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { binary } from './server.js';

const ANSWER_MS = 240_000;

/** crowd's binary: beside the server's, in its build folder. */
function crowdBinary() {
  return join(resolve(dirname(binary())), 'tests/socket/crowd');
}

export class Crowd {
  /**
   * @param {import('node:test').TestContext} t
   * @param {import('./server.js').Server} place
   * @param {string} board
   * @param {{tokens: string[], cards: string[]}} options as many tokens as the connections need
   */
  static async start(t, place, board, { tokens, cards }) {
    if (!existsSync(crowdBinary())) throw new Error(`there is no ${crowdBinary()}`);
    const crowd = new Crowd(place, board);
    t.after(() => crowd.end());
    for (const token of tokens) await crowd.say(`token ${token}`);
    for (const card of cards) await crowd.say(`card ${card}`);
    return crowd;
  }

  constructor(place, board) {
    this.place = place;
    this.process = spawn(crowdBinary(), [String(place.port), board], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.answers = [];
    this.log = '';
    this.ended = new Promise((done) => {
      this.process.once('close', (status, signal) => done(signal ?? status));
    });
    this.ended.then((how) => {
      for (const { fail } of this.answers.splice(0))
        fail(new Error(`crowd ended (${how}): ${this.log}`));
    });
    this.process.stdin.on('error', () => {}); // 'close' follows
    this.process.stderr.setEncoding('utf8').on('data', (text) => {
      this.log += text;
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.answers.shift()?.done(JSON.parse(line));
    });
  }

  /** One command of crowd.c and its answer. */
  async say(command) {
    return await new Promise((done, fail) => {
      const timer = setTimeout(
        () => fail(new Error(`crowd: no answer to ${command}: ${this.log}`)),
        ANSWER_MS,
      );
      const end = (then) => (value) => {
        clearTimeout(timer);
        then(value);
      };
      this.answers.push({ done: end(done), fail: end(fail) });
      this.process.stdin.write(`${command}\n`);
    });
  }

  /** What was seen so far; throws when a promise was broken. */
  async report() {
    const report = await this.say('report');
    const { exitCode, signalCode } = this.place.process ?? {};
    if (exitCode || signalCode)
      throw new Error(`the server ended with ${signalCode ?? exitCode}\n${this.place.log}`);
    if (report.faults) throw new Error(`${report.faults} faults:\n${report.first.join('\n')}`);
    return report;
  }

  async end() {
    this.process.stdin.end();
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Sessions for so many connections: one person may have only some. */
export async function crowdTokens(server, admin, board, connections) {
  const tokens = [admin.token];
  const people = Math.ceil(connections / 40);
  while (tokens.length < people) {
    const { token } = await server.newMember(`Follower ${tokens.length}`, board);
    tokens.push(token);
  }
  return tokens;
}

// server.js - a Tavla server of one test: started on a free port with a folder of its own.
//
// Binary, back end and loops come from TAVLA_BUILD, TAVLA_BACKEND, TAVLA_LOOPS (see tests/sizes).

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from './http.js';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const START_MS = 20_000;
const STOP_MS = 20_000;
const LISTENING = /listening on http:\/\/([\d.]+|\[[0-9a-f:]+\]):(\d+)/;
const LINK = /sign-in link (\S+\/link\/(\S+))/;
const SANITIZER =
  /ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer|runtime error:/;

/** The server's binary. @returns {string} */
export function binary() {
  return resolve(ROOT, process.env.TAVLA_BUILD ?? 'build/tavla');
}

/** A folder under the system's temporary one. @returns {string} */
export function newFolder() {
  return mkdtempSync(join(tmpdir(), 'tavla-test-'));
}

/** Runs `tavla ARGS...` to its end. @param {string[]} args */
export function tavla(args, { input = undefined } = {}) {
  const done = spawnSync(binary(), args, {
    input,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 30,
  });
  if (SANITIZER.test(done.stderr ?? ''))
    throw new Error(`tavla ${args.join(' ')}:\n${done.stderr}`);
  return { status: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

export class Server {
  /**
   * @param {{data?: string, args?: string[], backend?: string, loops?: number|string,
   *   env?: object}} options data: a folder that stays; args: more for serve
   */
  constructor(options = {}) {
    this.keepsData = options.data !== undefined;
    this.data = options.data ?? newFolder();
    this.backend = options.backend ?? process.env.TAVLA_BACKEND ?? 'epoll';
    this.loops = String(options.loops ?? process.env.TAVLA_LOOPS ?? 1);
    this.args = options.args ?? [];
    this.env = options.env ?? {};
    this.process = null;
    this.log = '';
    this.host = '127.0.0.1';
    this.port = 0;
    this.watchers = new Set();
  }

  get pid() {
    return this.process?.pid;
  }

  get origin() {
    return `http://${this.host}:${this.port}`;
  }

  /** Starts it and waits until it listens. After a stop or a kill it may be started again. */
  async start() {
    if (!existsSync(binary())) throw new Error(`there is no ${binary()}; set TAVLA_BUILD`);
    const args = [
      'serve',
      '--data',
      this.data,
      '--listen',
      '127.0.0.1:0',
      '--loops',
      this.loops,
      '--backend',
      this.backend,
      ...this.args,
    ];
    this.log = '';
    const child = spawn(binary(), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.process = child;
    this.ended = new Promise((done) => {
      child.once('error', (error) => done({ status: null, signal: null, error }));
      child.once('close', (status, signal) => done({ status, signal }));
    });
    this.ended.then(() => this.look());
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        this.log += text;
        this.look();
      });
    }
    const found = await this.said(LISTENING, START_MS);
    this.host = found[1];
    this.port = Number(found[2]);
    return this;
  }

  look() {
    for (const watcher of this.watchers) watcher();
  }

  /** Waits until the log has pattern. @param {RegExp} pattern */
  async said(pattern, ms = 5000) {
    return await new Promise((done, fail) => {
      const stop = () => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const refuse = (why) => {
        stop();
        fail(new Error(`the server ${why} without saying ${pattern}\n${this.log}`));
      };
      const look = () => {
        const found = this.log.match(pattern);
        if (found) {
          stop();
          done(found);
        } else if (this.process.exitCode !== null || this.process.signalCode !== null) {
          refuse(`ended (${this.process.exitCode ?? this.process.signalCode})`);
        }
      };
      const timer = setTimeout(() => refuse(`ran ${ms} ms`), ms);
      this.watchers.add(look);
      look();
    });
  }

  /** SIGTERM, and an orderly end with status 0. A sanitizer's report fails the test. */
  async stop() {
    if (!this.process) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process?.kill('SIGKILL'), STOP_MS);
    const { status, signal } = await this.ended;
    clearTimeout(timer);
    this.process = null;
    this.checkLog();
    if (status === 0) return;
    const why = `the server ended with ${signal ?? status}\n${this.log}`;
    console.error(why); // a test that failed because of it is reported with its own reason only
    throw new Error(why);
  }

  /** kill -9: no chance to write anything. */
  async kill() {
    if (!this.process) return;
    this.process.kill('SIGKILL');
    await this.ended;
    this.process = null;
    this.checkLog();
  }

  checkLog() {
    if (SANITIZER.test(this.log)) throw new Error(`a sanitizer's report\n${this.log}`);
  }

  /** Stops it and removes its folder, unless the test gave the folder. For t.after(). */
  async close() {
    try {
      await this.stop();
    } finally {
      if (!this.keepsData) rmSync(this.data, { recursive: true, force: true });
    }
  }

  /** The token of the one-time link a first start prints. */
  async linkToken() {
    return (await this.said(LINK))[2];
  }

  /** Exchanges a one-time link's token for a session: {token, idMember}. */
  async signIn(link = undefined) {
    const token = link ?? (await this.linkToken());
    const answer = await request(this, { method: 'POST', path: '/v1/link', json: { token } });
    if (answer.status !== 200) throw new Error(`POST /v1/link: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** A further member with rights on a board, signed in. */
  async newMember(name, board, role = 'normal') {
    const done = tavla([
      'link',
      '--name',
      name,
      '--board',
      board,
      '--role',
      role,
      '--data',
      this.data,
    ]);
    const link = `${done.stdout}${done.stderr}`.match(/\/link\/(\S+)/);
    if (done.status !== 0 || !link)
      throw new Error(`tavla link: ${done.status}\n${done.stdout}${done.stderr}`);
    return await this.signIn(link[1]);
  }

  /** Resident memory of its own, in bytes, from /proc. */
  rssAnon() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(status.match(/^RssAnon:\s+(\d+) kB/m)[1]) * 1024;
  }
}

/** A started server that ends with the test. @param {import('node:test').TestContext} t */
export async function serve(t, options = {}) {
  const server = new Server(options);
  t.after(() => server.close());
  return await server.start();
}

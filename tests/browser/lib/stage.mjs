// stage.mjs - a server with the demo board, and people in browsers of their own.
//
// Whatever a page should never do fails the test that made it do so: errors on the console, scripts
// that throw, anything the content policy refused, dialogs that nobody of ours opened.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { Server, tavla } from '../../socket/lib/server.js';
import { launchChromium } from './chromium.mjs';
import { farAway, grownOld, isFar } from './far.mjs';

const LINK = /sign-in link (\S+)/;
const WAIT_MS = 15_000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One for all tests of a file; people have contexts of their own in it. */
let sharedBrowser;
after(async () => (await sharedBrowser)?.close());

export function browser() {
  sharedBrowser ??= launchChromium();
  return sharedBrowser;
}

/** What a browser says when the network is away: expected where a test takes it away. */
const OFFLINE = new RegExp(
  [
    'ERR_INTERNET_DISCONNECTED',
    'ERR_CONNECTION_REFUSED',
    'ERR_CONNECTION_RESET',
    ...(isFar ? ['ERR_EMPTY_RESPONSE', 'ERR_SOCKET_NOT_CONNECTED'] : []), // the way there ends
    'WebSocket',
    'error occurred when fetching the script', // of the worker, to see whether it is another now
  ].join('|'),
);

export class Person {
  constructor(stage, context, page) {
    this.stage = stage;
    this.context = context;
    this.page = page;
    this.wrong = [];
    this.offlineIsFine = false;
    this.expected = []; // patterns of what the browser itself may note
    this.watch(page);
  }

  watch(page) {
    page.setDefaultTimeout(WAIT_MS);
    const note = (text) => {
      const fine = this.offlineIsFine ? [OFFLINE, ...this.expected] : this.expected;
      if (!fine.some((one) => one.test(text))) this.wrong.push(text);
    };
    page.on('console', (message) => {
      if (message.type() === 'error') note(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => note(`thrown: ${error.stack ?? error}`));
    page.on('dialog', (dialog) => {
      note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Takes the network away, as a tunnel does: open sockets end, new ones fail. Call before a page
   * is opened. */
  async mayGoOffline() {
    this.offlineIsFine = true;
    this.sockets = new Set();
    await this.page.routeWebSocket(/\/live$/, (socket) => {
      if (this.isOffline) {
        void socket.close({ code: 1001 });
        return;
      }
      this.sockets.add(socket);
      const server = socket.connectToServer();
      server.onClose((code) => {
        this.sockets.delete(socket);
        void socket.close({ code: code === 1006 ? 1001 : code });
      });
    });
  }

  async setOffline(offline) {
    this.isOffline = offline;
    await this.context.setOffline(offline);
    if (offline) for (const socket of this.sockets) void socket.close({ code: 1001 });
    this.sockets.clear();
  }

  /** Imports an export of Trello's. @param {object} board @returns {Promise<string>} its id */
  async importBoard(board) {
    return await this.page.evaluate(async (json) => {
      const headers = { 'content-type': 'application/json' };
      const sent = await fetch('/1/boards/import', { method: 'POST', headers, body: json });
      const { status } = await sent.json();
      for (;;) {
        const state = await (await fetch(status)).json();
        if (state.state === 'done') return state.idBoard;
        if (state.state === 'failed') throw new Error(JSON.stringify(state));
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }, JSON.stringify(board));
  }

  /** Opens a board by its address. */
  async goToBoard(id) {
    await this.page.goto(`${this.stage.origin}/b/${id}`);
    await this.page.locator('.lists .card').first().waitFor();
    await this.live();
    return this.page;
  }

  /** Opens the demo board from the page of boards. */
  async openBoard() {
    await this.page.goto(`${this.stage.origin}/`);
    await this.page.locator('.tile a').first().click();
    await this.page.locator('.lists .card').first().waitFor();
    await this.live();
    return this.page;
  }

  /** The board that this person had when it was first asked for: later ones may sort before it. */
  async idBoard() {
    this.firstBoard ??= await this.page.evaluate(async () => {
      const answer = await fetch('/1/members/me/boards?fields=id');
      return (await answer.json())[0].id;
    });
    return this.firstBoard;
  }

  /** The same person on another device, signed in there, too. */
  async another() {
    const storageState = { cookies: await this.context.cookies(), origins: [] };
    const context = await (await browser()).newContext({ storageState });
    grownOld(context);
    const person = new Person(this.stage, context, await context.newPage());
    this.stage.people.push(person);
    return person;
  }

  /** Until the board follows the server. */
  async live() {
    await this.page.waitForFunction(() => window.__tavla?.pending().length === 0);
  }

  list(name) {
    return this.page.locator('section.list').filter({
      has: this.page.locator('.list-name', { hasText: new RegExp(`^${name}$`) }),
    });
  }

  card(name) {
    return this.page.locator('.lists .card').filter({ hasText: name });
  }

  /** Names of the cards of a list, from top to bottom. */
  async cards(list) {
    return await this.list(list).locator('.card .face-name').allTextContents();
  }

  async lists() {
    return await this.page.locator('.lists .list-name').allTextContents();
  }

  /** Until the picture is whole. @param {import('playwright-core').Locator} image */
  async hasPicture(image) {
    const decoded = (img) => img.decode().then(
      () => true,
      () => false, // another came in its place meanwhile
    );
    await this.sees(() => image.evaluate(decoded), true);
  }

  /** Waits until read() gives what was expected, and says what it gave else. */
  async sees(read, expected) {
    const until = Date.now() + WAIT_MS;
    let got;
    do {
      got = await read();
      try {
        assert.deepEqual(got, expected);
        return;
      } catch {
        await this.page.waitForTimeout(50);
      }
    } while (Date.now() < until);
    assert.deepEqual(got, expected);
  }

  /** Everything acknowledged, and the same state as the other has. */
  async agreesWith(other) {
    const state = (person) =>
      person.page.evaluate(() => [window.__tavla.pending().length, window.__tavla.state()]);
    await this.sees(async () => {
      const [mine, theirs] = await Promise.all([state(this), state(other)]);
      return [mine[0], theirs[0], mine[1] === theirs[1]];
    }, [0, 0, true]);
  }

  /** No violation that a person would meet. @param {string} what is shown */
  async isAccessible(what) {
    // Colours are measured when nothing fades in or out any more.
    await this.page.waitForFunction(() =>
      document.getAnimations().every((animation) => animation.playState !== 'running'),
    );
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(async () => {
      const { violations } = await window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      return violations.map(({ id, nodes }) => {
        const where = nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message}`);
        return [id, ...where].join(': ');
      });
    });
    assert.deepEqual(found, [], what);
  }
}

export class Stage {
  constructor(t, server, far) {
    this.t = t;
    this.server = server;
    this.far = far;
    this.people = [];
  }

  /** Where browsers find it. */
  get origin() {
    return this.far?.origin ?? this.server.origin;
  }

  async person(link, options) {
    const context = await (await browser()).newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    grownOld(context);
    const page = await context.newPage();
    const person = new Person(this, context, page);
    this.people.push(person);
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.page-head').waitFor();
    return person;
  }

  /** The administrator, who owns the demo board. */
  async admin(options = {}) {
    const ada = await this.person((await this.server.said(LINK))[1], options);
    await ada.idBoard();
    return ada;
  }

  /** Somebody new on the first board of `owner`. */
  async guest(owner, name, { role = 'normal', ...options } = {}) {
    return await this.person(await this.link(owner, name, { role }), options);
  }

  /** A sign-in link for somebody new. board: instead of the owner's first one. */
  async link(owner, name, { role = 'normal', board = undefined } = {}) {
    const done = tavla([
      'link',
      '--name',
      name,
      '--board',
      board ?? (await owner.idBoard()),
      '--role',
      role,
      '--data',
      this.server.data,
    ]);
    const link = `${done.stdout}${done.stderr}`.match(/(\S+\/link\/\S+)/);
    assert.ok(link, `${done.stdout}${done.stderr}`);
    return link[1].replace(this.server.origin, this.origin);
  }

  /** kill -9, then the same folder at the same address. */
  async killServer() {
    await this.server.kill();
  }

  async startAgain() {
    this.server.args = [...this.server.args, '--listen', `127.0.0.1:${this.server.port}`];
    await this.server.start();
  }
}

/** @param {import('node:test').TestContext} t @param {{client?: string, args?: string[]}} options
 * client: the folder with the client, instead of the one in the server; args: more for it */
export async function newStage(t, { client = process.env.TAVLA_STATIC, args: more = [] } = {}) {
  const args = ['--demo', ...more];
  if (client) args.push('--static', client);
  const server = new Server({ args });
  const far = isFar ? await farAway(() => server.port) : undefined;
  if (far) args.push('--base-url', far.origin);
  const stage = new Stage(t, server, far);
  t.after(async () => {
    try {
      for (const person of stage.people) await person.context.close();
      for (const person of stage.people) assert.deepEqual(person.wrong, []);
    } finally {
      await server.close(); // last: a page notices that its server is gone
      stage.far?.close();
    }
  });
  await server.start();
  return stage;
}

/** Something that is kept back until goOn() is called. */
export function gate() {
  let goOn;
  const open = new Promise((done) => {
    goOn = done;
  });
  return { open, goOn };
}

/** By mouse, in steps, as a hand does: over the upper part of `to`. */
export async function drag(page, from, to, { x = 0.5, y = 0.2, steps = 12, drop = true } = {}) {
  // A frame for every step, as a hand's moves get: a busy machine must not skip the way.
  const frame = () => page.evaluate(() => new Promise((seen) => requestAnimationFrame(seen)));
  const { width, height } = await from.boundingBox();
  const at = { x: width / 2, y: Math.min(20, height / 2) };
  await from.hover({ position: at }); // waits until it keeps still: a banner may push it aside
  await page.mouse.down();
  const box = await from.boundingBox();
  const start = { x: box.x + at.x, y: box.y + at.y };
  const target = await to.boundingBox();
  const end = { x: target.x + target.width * x, y: target.y + target.height * y };
  for (let i = 1; i <= steps; i += 1) {
    const part = i / steps;
    await page.mouse.move(
      start.x + (end.x - start.x) * part,
      start.y + (end.y - start.y) * part,
    );
    await frame();
  }
  await page.waitForTimeout(60);
  await page.mouse.move(end.x + 1, end.y, { steps: 2 });
  await frame();
  await page.waitForTimeout(60);
  if (drop) await page.mouse.up();
}

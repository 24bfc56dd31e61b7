// Without a network at all: the page opens, work goes on, and everything is there afterwards, once.

import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT } from '../socket/lib/server.js';
import { newStage } from './lib/stage.mjs';

/** Until the device has all that the page is made of. */
async function kept(person) {
  const looks = () =>
    person.page.evaluate(
      async () =>
        navigator.serviceWorker.controller !== null && (await caches.match('/')) !== undefined,
    );
  await person.sees(looks, true);
}

async function addCard(person, list, name) {
  await person.list(list).getByRole('button', { name: 'Add a card' }).click();
  await person.page.keyboard.insertText(name);
  await person.page.keyboard.press('Enter');
  await person.page.keyboard.press('Escape');
}

async function rename(person, from, to) {
  await person.card(from).locator('a').focus();
  await person.page.keyboard.press('t');
  await person.page.keyboard.insertText(to);
  await person.page.keyboard.press('Enter');
}

/** Keys sorted on every level, as `state` of the page's own hook has them. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** The same text for the same board: position, hash, and every object. */
function boardOf(pos, objects) {
  const key = ([kind, object]) => `${kind} ${object.id}`;
  return canonical([pos, [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1))]);
}

/** The board as the server gives it to somebody who has nothing of it. */
async function ofServer(person) {
  const { pos, state } = await person.page.evaluate(
    async (id) => await (await fetch(`/v1/boards/${id}/state`)).json(),
    await person.idBoard(),
  );
  return boardOf(pos, state);
}

async function ofPage(person) {
  const { pos, objects } = JSON.parse(await person.page.evaluate(() => window.__tavla.state()));
  return boardOf(pos, objects);
}

test('offline, edited, loaded again, edited, back: one board, every change once', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin({ permissions: ['clipboard-read', 'clipboard-write'] });
  const bea = await stage.guest(ada, 'Bea');
  await ada.mayGoOffline();
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await kept(ada);
  const [before] = await ada.page.evaluate(() => window.__tavla.pos());

  await ada.setOffline(true);
  await ada.page.getByText(/offline|Reconnecting/).waitFor();
  await addCard(ada, 'Ideas', 'Thought of on the train'); // 1
  await rename(ada, 'A bench in the shade', 'A bench with a back'); // refused: see below
  await rename(ada, 'Turn the compost', 'Turn the heap'); // 2
  await addCard(bea, 'Ideas', 'Meanwhile at home'); // 3
  await bea.card('A bench in the shade').locator('a').focus();
  await bea.page.keyboard.press('c'); // 4
  await bea.page.keyboard.press('Shift+A');
  const archive = bea.page.getByRole('dialog', { name: 'Archive' });
  await archive.getByRole('button', { name: 'Delete' }).click();
  await archive.getByRole('button', { name: 'Really delete for ever' }).click(); // 5
  await bea.page.keyboard.press('Escape');
  await bea.live();

  await ada.page.reload();
  await ada.card('Thought of on the train').waitFor();
  await ada.card('A bench with a back').waitFor();
  await ada.page.getByText('You are offline. Go on working. 3 changes are kept').waitFor();
  assert.equal(await ada.page.getByText('cannot be loaded again').count(), 0);
  await addCard(ada, 'Doing', 'Thought of in the tunnel'); // 6
  await ada.card('Turn the heap').locator('a').focus();
  await ada.page.keyboard.press('.'); // 7
  await rename(bea, 'Prune the apple trees', 'Prune all trees'); // 8
  await bea.live();

  await ada.setOffline(false);
  await bea.card('Thought of in the tunnel').waitFor({ timeout: 45_000 });
  await ada.card('Meanwhile at home').waitFor();
  await ada.agreesWith(bea);
  const served = await ofServer(bea);
  assert.equal(await ofPage(ada), served);
  assert.equal(await ofPage(bea), served);
  const [after] = await ada.page.evaluate(() => window.__tavla.pos());
  assert.equal(after - before, 8, 'every accepted change is one event, and there is no other');
  for (const name of ['Thought of on the train', 'Thought of in the tunnel', 'Meanwhile at home'])
    assert.equal(await bea.card(name).count(), 1, name);
  assert.equal((await bea.cards('Waiting')).at(-1), 'Turn the heap');

  await ada.page.getByRole('button', { name: 'Look at it' }).click();
  const drafts = ada.page.getByRole('dialog', { name: /refused/ });
  await drafts.getByText('A bench with a back').waitFor();
  await drafts.getByText('deleted meanwhile').waitFor();
  await drafts.getByRole('button', { name: 'Copy' }).click();
  await drafts.getByRole('button', { name: 'Discard' }).click();
  await drafts.getByText('none any more').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await ada.page.keyboard.press('Control+v');
  await ada.page.keyboard.press('Enter');
  await bea.card('A bench with a back').waitFor();
  await ada.agreesWith(bea);
});

test('a card opens by its address without a network, with its text and every part', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.mayGoOffline();
  const page = await ada.openBoard();
  await ada.card('Turn the compost').click();
  await page.locator('.markdown', { hasText: 'Bring gloves' }).waitFor();
  await kept(ada);
  await page.evaluate(() => dispatchEvent(new Event('pagehide'))); // what is known is written down
  const files = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(
      names.map(async (name) => (await caches.open(name)).keys()),
    );
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  assert.ok(files.length > 8, `${files}`);
  for (const path of files) assert.match(path, /^\/(?:$|assets\/|icon\.svg$)/, 'only the shell');

  await ada.setOffline(true);
  await page.reload();
  const card = page.getByRole('dialog', { name: 'Turn the compost' });
  await card.locator('.markdown', { hasText: 'Bring gloves and a fork.' }).waitFor();
  await card.getByRole('button', { name: 'Edit' }).click();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(' And boots.');
  await page.keyboard.press('Control+Enter');
  await card.locator('.markdown', { hasText: 'And boots.' }).waitFor();
  await page.goto(`${stage.origin}/`);
  await page.locator('.tile a').first().waitFor();
  await page.getByText('The server cannot be reached').waitFor();
  await ada.setOffline(false);
  await ada.openBoard();
  await ada.card('Turn the compost').click();
  await page.locator('.markdown', { hasText: 'Bring gloves and a fork. And boots.' }).waitFor();
});

/** Everything in IndexedDB, and the clients' own names. */
async function rowsKept(page) {
  return await page.evaluate(async () => {
    const db = await new Promise((done, fail) => {
      const opening = indexedDB.open('tavla');
      opening.onsuccess = () => done(opening.result);
      opening.onerror = fail;
    });
    const names = [...db.objectStoreNames];
    const all = (name) =>
      new Promise((done) => {
        const asking = db.transaction(name).objectStore(name).getAll();
        asking.onsuccess = () => done(asking.result);
      });
    const rows = await Promise.all(names.map(all));
    db.close();
    return JSON.stringify(rows);
  });
}

test('signing out leaves nothing of the person on the device, in no tab', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  ada.offlineIsFine = true;
  const page = await ada.openBoard();
  const other = await ada.context.newPage();
  await other.goto(page.url());
  await other.locator('.lists .card').first().waitFor();
  await page.evaluate(() => dispatchEvent(new Event('pagehide')));
  await ada.sees(async () => (await rowsKept(page)).includes('Sow tomatoes under glass'), true);
  ada.expected.push(/status of 401/);
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are not signed in').waitFor();
  await other.getByText('You are not signed in').waitFor();
  assert.doesNotMatch(await rowsKept(page), /tomatoes|garden|fullName/i);
});

test('what one person left is not shown to the next one, nor sent in their name', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.mayGoOffline();
  const page = await ada.openBoard();
  const address = page.url();
  const board = await ada.idBoard();
  await kept(ada);
  await ada.setOffline(true);
  await page.getByText(/offline|Reconnecting/).waitFor();
  await addCard(ada, 'Ideas', 'Of Ada alone');
  await page.goto('about:blank');
  await ada.context.clearCookies(); // the session ended by itself: its data stayed
  await ada.setOffline(false);
  await page.goto(await stage.link(ada, 'Bea', { board }));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.goto(address);
  await page.waitForURL(`${stage.origin}/`); // nothing of Ada's is gone on with
  await ada.openBoard();
  assert.equal(await ada.card('Of Ada alone').count(), 0);
  await ada.sees(async () => /"fullName":"Bea"/.test(await rowsKept(page)), true);
  await page.reload();
  await ada.card('Turn the compost').waitFor();
  await ada.live();
  assert.equal(await ada.card('Of Ada alone').count(), 0);
});

/** Another build in the same folder: everything under another name. */
function becomeNewer(folder) {
  const assets = join(folder, 'assets');
  const names = readdirSync(assets).filter((name) => /\.(?:js|css)$/.test(name));
  const renamed = (text) => names.reduce((now, name) => now.replaceAll(name, `new-${name}`), text);
  for (const name of names) {
    const text = readFileSync(join(assets, name), 'utf8');
    writeFileSync(join(assets, `new-${name}`), renamed(text));
    rmSync(join(assets, name));
  }
  for (const name of ['index.html', 'sw.js']) {
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name), renamed(text).replace(/"[0-9a-f]{16}"/, '"a newer one"'));
  }
}

test('a newer version is offered, not forced, and the older copy goes later', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tavla-client-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(ROOT, 'static/dist'), folder, { recursive: true });
  const stage = await newStage(t, { client: folder });
  const ada = await stage.admin();
  ada.offlineIsFine = true;
  const page = await ada.openBoard();
  await kept(ada);
  const born = await page.evaluate(() => performance.timeOrigin);
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await page.keyboard.insertText('Half a thou');
  await stage.killServer();
  becomeNewer(folder);
  await stage.startAgain();
  const reload = page.getByRole('button', { name: 'Reload the page' });
  await reload.waitFor({ timeout: 45_000 });
  assert.equal(await page.evaluate(() => performance.timeOrigin), born);
  assert.equal(await page.getByLabel('Name of the new card').inputValue(), 'Half a thou');
  await page.keyboard.insertText('ght');
  await page.keyboard.press('Enter');
  await ada.card('Half a thought').waitFor();
  await ada.live();
  await reload.click();
  await ada.card('Half a thought').waitFor();
  const script = page.locator('script[type=module]');
  assert.match(await script.getAttribute('src'), /new-index-/);
  assert.equal(await page.evaluate(async () => (await caches.keys()).length), 2);
});

test('over plain http the page says that it has to stay open', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  ada.offlineIsFine = true;
  await ada.context.addInitScript(() => {
    delete Navigator.prototype.serviceWorker; // as browsers do where the host is not localhost
    Object.defineProperty(window, 'isSecureContext', { value: false });
  });
  await ada.openBoard();
  await ada.page.locator('.banners').waitFor({ state: 'attached' }); // is code of its own
  await stage.killServer();
  await ada.page.getByText('Over https it could be').waitFor();
  await ada.isAccessible('a page that has to stay open');
  await addCard(ada, 'Ideas', 'Written down all the same');
  await ada.page.getByText('1 change is kept on this device').waitFor();
  await stage.startAgain();
});

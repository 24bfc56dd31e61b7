// One description, several people who type in it: over a slow network that breaks, too.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

const DELAY_MS = 500;
const TYPED = 40;

/** Every message takes 0 to DELAY_MS, none overtakes another. Call before a page is opened. Returns
 * what ends the connection there is. */
async function slowNetwork({ page }) {
  const sockets = new Set();
  const slowly = (deliver) => {
    let last = Promise.resolve();
    return (message) => {
      const late = new Promise((done) => setTimeout(done, Math.random() * DELAY_MS));
      last = Promise.all([last, late]).then(() => deliver(message));
    };
  };
  await page.routeWebSocket(/\/live$/, (socket) => {
    const server = socket.connectToServer();
    sockets.add(socket);
    const open = (send) => (message) => sockets.has(socket) && send(message);
    socket.onMessage(slowly(open((message) => server.send(message))));
    server.onMessage(slowly(open((message) => socket.send(message))));
    socket.onClose(() => {
      sockets.delete(socket);
      void server.close({ code: 1000 });
    });
    server.onClose((code) => {
      if (sockets.delete(socket)) void socket.close({ code: code === 1006 ? 1001 : code });
    });
  });
  return () => {
    for (const socket of [...sockets]) {
      sockets.delete(socket);
      void socket.close({ code: 1001 });
    }
  };
}

async function write(person, card) {
  await person.card(card).click();
  await person.page.getByRole('button', { name: /^(Edit|Write)$/ }).click();
  await person.page.locator('.cm-content').waitFor();
}

function shown({ page }) {
  return page.locator('.cm-content').textContent();
}

function stored({ page }, name) {
  return page.evaluate(async (wanted) => {
    const boards = await (await fetch('/1/members/me/boards?fields=id')).json();
    const cards = await (await fetch(`/1/boards/${boards[0].id}/cards?fields=name,desc`)).json();
    return cards.find((card) => card.name === wanted).desc;
  }, name);
}

/** Types these characters, now here, now there. */
async function typeAbout({ page }, characters, cut) {
  for (const [i, character] of [...characters].entries()) {
    if (i % 7 === 3) await page.keyboard.press(i % 2 === 0 ? 'Control+Home' : 'Control+End');
    if (i % 5 === 0) await page.keyboard.press('ArrowLeft');
    if (i % 15 === 14) cut();
    await page.keyboard.insertText(character);
    await page.waitForTimeout(Math.random() * 60);
  }
}

function ofThese(text, characters) {
  return [...text].filter((one) => characters.includes(one)).sort();
}

test('two type at once on a slow network that breaks, and every character is there', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  for (const person of [ada, bea]) person.offlineIsFine = true;
  const cuts = [await slowNetwork(ada), await slowNetwork(bea)];
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await Promise.all([write(ada, 'Turn the compost'), write(bea, 'Turn the compost')]);
  const before = await shown(ada);
  const letters = Array.from({ length: TYPED }, (_, i) => String.fromCodePoint(0x3b1 + i));
  const others = Array.from({ length: TYPED }, (_, i) => String.fromCodePoint(0x1f600 + i));
  await Promise.all([typeAbout(ada, letters, cuts[0]), typeAbout(bea, others, cuts[1])]);
  await ada.agreesWith(bea);
  await ada.sees(async () => (await shown(ada)) === (await shown(bea)), true);
  const text = await shown(ada);
  assert.equal(await stored(ada, 'Turn the compost'), text);
  assert.deepEqual(ofThese(text, letters), [...letters].sort());
  assert.deepEqual(ofThese(text, others), [...others].sort());
  assert.equal(text.length, before.length + 3 * TYPED);
});

test('one goes on undoing what one typed oneself while another types', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await Promise.all([write(ada, 'Turn the compost'), write(bea, 'Turn the compost')]);
  await ada.page.keyboard.press('Control+End');
  await ada.page.keyboard.insertText(' Mine.');
  await bea.page.keyboard.press('Control+Home');
  await bea.page.keyboard.insertText('Hers. ');
  const both = 'Hers. Bring gloves and a fork. Mine.';
  await ada.sees(() => shown(ada), both);
  await bea.sees(() => shown(bea), both);
  await ada.page.keyboard.insertText('!'); // the caret moved with its text
  await bea.sees(() => shown(bea), `${both}!`);
  // One step, or two where more than half a second passed between them.
  const until = async (key, text) => {
    for (let i = 0; i < 2 && (await shown(ada)) !== text; i += 1)
      await ada.page.keyboard.press(key);
    await bea.sees(() => shown(bea), text);
  };
  await until('Control+z', 'Hers. Bring gloves and a fork.');
  await until('Control+Shift+Z', `${both}!`);
  await ada.page.keyboard.press('Escape');
  await ada.page.locator('.markdown').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.page.locator('.card-modal').waitFor({ state: 'detached' });
  await ada.page.keyboard.press('Control+z'); // the whole session, and nothing of hers
  await bea.sees(() => shown(bea), 'Hers. Bring gloves and a fork.');
});

test('what is typed offline arrives, beside what others typed', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  for (const person of [ada, bea]) person.offlineIsFine = true;
  await ada.mayGoOffline();
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await Promise.all([write(ada, 'Turn the compost'), write(bea, 'Turn the compost')]);
  await ada.setOffline(true);
  await ada.page.keyboard.press('Control+End');
  await ada.page.keyboard.insertText(' From the train.');
  await bea.page.keyboard.press('Control+Home');
  await bea.page.keyboard.insertText('From the garden. ');
  await bea.live();
  await ada.setOffline(false);
  const both = 'From the garden. Bring gloves and a fork. From the train.';
  await bea.sees(() => shown(bea), both);
  await ada.sees(() => shown(ada), both);
  await ada.page.keyboard.insertText(' Arrived.');
  await ada.live();
  await ada.page.reload();
  await ada.sees(() => ada.page.locator('.markdown').textContent(), `${both} Arrived.`);
});

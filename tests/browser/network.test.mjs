// When the network or the server goes away: work goes on, and nothing is lost.

import assert from 'node:assert/strict';
import test from 'node:test';
import { drag, newStage } from './lib/stage.mjs';

async function two(t) {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await ada.mayGoOffline();
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  return { stage, ada, bea };
}

async function addCard(person, list, name) {
  await person.list(list).getByRole('button', { name: 'Add a card' }).click();
  await person.page.keyboard.insertText(name);
  await person.page.keyboard.press('Enter');
  await person.page.keyboard.press('Escape');
}

test('edits made offline are kept, and arrive', async (t) => {
  const { ada, bea } = await two(t);
  await ada.setOffline(true);
  await ada.page.getByText(/You are offline/).waitFor();
  await ada.page.evaluate(() => {
    window.__seen = [];
    const note = () => window.__seen.push(document.querySelector('.banner').textContent);
    const all = { subtree: true, childList: true, characterData: true };
    new MutationObserver(note).observe(document.querySelector('.banners'), all);
  });
  await addCard(ada, 'Ideas', 'Thought of on the train');
  await drag(ada.page, ada.card('A bench in the shade'), ada.card('Turn the compost'));
  await ada.page.getByText(/2 changes are kept/).waitFor();
  const doing = await ada.cards('Doing');
  assert.ok(doing.includes('A bench in the shade'));
  await addCard(bea, 'Ideas', 'Meanwhile');
  assert.equal(await bea.card('Thought of on the train').count(), 0);
  const seen = await ada.page.evaluate(() => window.__seen);
  assert.ok(seen.length > 0);
  for (const words of seen) assert.match(words, /You are offline/, 'it says so all the time');
  const saved = ada.page.getByText('All changes saved').waitFor(); // shown for a moment only
  await ada.setOffline(false);
  await Promise.all([
    saved,
    bea.card('Thought of on the train').waitFor(),
    ada.card('Meanwhile').waitFor(),
  ]);
  await ada.agreesWith(bea);
  assert.deepEqual(await bea.cards('Doing'), doing);
});

async function rename(person, from, to) {
  await person.card(from).locator('a').focus();
  await person.page.keyboard.press('t');
  await person.page.keyboard.insertText(to);
  await person.page.keyboard.press('Enter');
}

test('who was overwritten by one who had not seen it chooses: mine or theirs', async (t) => {
  const { ada, bea } = await two(t);
  const [first, second] = ['A bench in the shade', 'Turn the compost'];
  await ada.setOffline(true);
  await ada.page.getByText(/offline|Reconnecting/).waitFor();
  await rename(ada, first, "Ada's bench");
  await rename(ada, second, "Ada's compost");
  await rename(bea, first, "Bea's bench");
  await rename(bea, second, "Bea's compost");
  await bea.agreesWith(bea);
  await ada.setOffline(false);
  await bea.page.getByText(/ changed the name of a card to “Ada's bench” without/).waitFor();
  await bea.page.getByText(/Yours was “Bea's bench”. \(1 of 2\)/).waitFor();
  await bea.page.getByRole('button', { name: 'Keep mine' }).click();
  await ada.card("Bea's bench").waitFor();
  await bea.page.getByText(/Yours was “Bea's compost”.$/).waitFor();
  await bea.page.getByRole('button', { name: 'Keep theirs' }).click();
  await bea.page.getByRole('button', { name: 'Keep mine' }).waitFor({ state: 'detached' });
  await bea.card("Ada's compost").waitFor();
  await ada.agreesWith(bea);
  assert.equal(await ada.page.getByRole('button', { name: 'Keep mine' }).count(), 0);
});

test('a server killed in the middle comes back with everything it showed', async (t) => {
  const { stage, ada, bea } = await two(t);
  for (const person of [ada, bea]) person.offlineIsFine = true;
  const born = () =>
    Promise.all([ada, bea].map(({ page }) => page.evaluate(() => performance.timeOrigin)));
  const births = await born();
  await bea.card('Turn the compost').click();
  await bea.page.getByRole('button', { name: 'Edit' }).click();
  await bea.page.locator('.cm-content').waitFor();
  await bea.page.keyboard.press('Control+End');
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  const add = async (name) => {
    await ada.page.keyboard.insertText(name);
    await ada.page.keyboard.press('Enter');
  };
  await add('Before the crash');
  await bea.card('Before the crash').waitFor();

  // Both are in the middle of something when it dies.
  const typing = async (person, text) => {
    for (const letter of text) await person.page.keyboard.type(letter);
  };
  await Promise.all([
    add('At the very moment').then(() => typing(ada, 'While it')),
    typing(bea, ' And boots'),
    stage.killServer(),
  ]);
  await Promise.all([typing(ada, ' was down'), typing(bea, ', two of them.')]);
  await ada.page.keyboard.press('Enter');
  await bea.page.keyboard.press('Control+Enter');
  await Promise.all([ada, bea].map(({ page }) => page.getByText(/Reconnecting/).waitFor()));
  await typing(ada, 'Half a thou');
  await Promise.all(
    [ada, bea].map(({ page }) => page.getByText(/changes? (is|are) kept on this/).waitFor()),
  );

  await stage.startAgain();
  await bea.card('While it was down').waitFor({ timeout: 45_000 });
  const text = 'Bring gloves and a fork. And boots, two of them.';
  await ada.agreesWith(bea);
  for (const name of ['Before the crash', 'At the very moment', 'While it was down'])
    for (const person of [ada, bea]) assert.equal(await person.card(name).count(), 1, name);
  assert.equal(await ada.page.getByLabel('Name of the new card').inputValue(), 'Half a thou');
  await typing(ada, 'ght');
  await ada.page.keyboard.press('Enter');
  await bea.card('Half a thought').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.card('Turn the compost').click();
  for (const { page } of [ada, bea])
    await page.locator('.markdown', { hasText: text }).waitFor();
  await ada.agreesWith(bea);
  assert.deepEqual(await born(), births, 'no page was loaded again');
});

test('unsent edits outlive the tab: a reload while the server is away loses none', async (t) => {
  const { stage, ada, bea } = await two(t);
  for (const person of [ada, bea]) person.offlineIsFine = true;
  await stage.killServer();
  await addCard(ada, 'Ideas', 'Written into the void');
  await ada.page.waitForTimeout(400);
  await stage.startAgain();
  await ada.page.reload();
  await ada.card('Written into the void').waitFor();
  await bea.card('Written into the void').waitFor({ timeout: 45_000 });
  await ada.agreesWith(bea);
});

test('a refused change becomes a draft that says why, and can be tried again', async (t) => {
  const { ada, bea } = await two(t);
  await ada.setOffline(true);
  await ada.card('A bench in the shade').locator('a').focus();
  await ada.page.keyboard.press('t');
  await ada.page.keyboard.insertText('A bench with a back');
  await ada.page.keyboard.press('Enter');
  await bea.card('A bench in the shade').locator('a').focus();
  await bea.page.keyboard.press('c');
  await bea.page.keyboard.press('Shift+A');
  const archive = bea.page.getByRole('dialog', { name: 'Archive' });
  await archive.getByRole('button', { name: 'Delete' }).click();
  await archive.getByRole('button', { name: 'Really delete for ever' }).click();
  await bea.live();
  await ada.setOffline(false);
  await ada.page.getByRole('button', { name: 'Look at it' }).click();
  const drafts = ada.page.getByRole('dialog', { name: /refused/ });
  await drafts.getByText('A bench with a back').waitFor();
  await drafts.getByText('deleted meanwhile').waitFor();
  await drafts.getByRole('button', { name: 'Discard' }).click();
  await drafts.getByText('none any more').waitFor();
});

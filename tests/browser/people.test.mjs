// For everybody: by keys alone, with a screen reader, in light and dark, by touch on a phone.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT } from '../socket/lib/server.js';
import { newStage } from './lib/stage.mjs';

test('by keys alone: across the board, a card made, moved, opened, archived, back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.closest('.card')?.querySelector('.face-name')?.textContent,
    );
  await page.locator('.tile a').first().waitFor();
  await page.mouse.move(1, 1); // a key means the card under the pointer where none has the focus
  await page.locator('.tile a').first().focus();
  await press('Enter');
  await page.locator('.lists .card').first().waitFor();
  await press('ArrowDown');
  await ada.sees(focused, 'A bed for wild bees');
  await press('j', 'ArrowRight');
  await ada.sees(focused, "Collect this year's fees");
  await press('n');
  await page.keyboard.insertText('From the keyboard');
  await press('Enter', 'Escape');
  await ada.sees(async () => (await ada.cards('This month'))[2], 'From the keyboard');
  await ada.card('From the keyboard').locator('a').focus();
  await press('Alt+ArrowUp');
  await ada.sees(async () => (await ada.cards('This month'))[1], 'From the keyboard');
  await ada.sees(focused, 'From the keyboard');
  await press('Alt+ArrowRight');
  await ada.sees(async () => (await ada.cards('Doing'))[1], 'From the keyboard');
  await ada.sees(focused, 'From the keyboard');
  await page.waitForTimeout(350); // keys are not heard for a moment after a modifier
  await press('1');
  await ada.card('From the keyboard').locator('.hue').waitFor();
  await press('.');
  await ada.sees(async () => (await ada.cards('Waiting')).at(-1), 'From the keyboard');
  await ada.sees(focused, 'From the keyboard');
  await press('Enter');
  await page.getByRole('dialog', { name: 'From the keyboard' }).waitFor();
  await press('Escape');
  await ada.sees(focused, 'From the keyboard');
  await press('c');
  await ada.sees(() => ada.card('From the keyboard').count(), 0);
  await ada.sees(focused, 'Keys for the new members');
  await press('z');
  await ada.card('From the keyboard').waitFor();
  await press('Control+k');
  await page.keyboard.type('wheelbarrow');
  await press('Enter');
  await page.getByRole('dialog', { name: 'Repair the wheelbarrow' }).waitFor();
  await press('Escape');
  await ada.sees(() => page.locator('dialog').count(), 0);
  await page.waitForTimeout(350);
  await press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Move the card up').waitFor();
});

test('what is typed before the palette is there is not lost', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const { page } = ada;
  await page.route(/palette/, async (route) => {
    await page.waitForTimeout(2000);
    await route.continue();
  });
  await ada.openBoard();
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('wheelbarrow');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Repair the wheelbarrow' }).waitFor();
});

test('the focus stays on a card that somebody else moves', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  await ada.card('Turn the compost').locator('a').focus();
  await bea.card('Turn the compost').locator('a').focus();
  await bea.page.keyboard.press('.');
  await ada.sees(async () => (await ada.cards('Waiting')).at(-1), 'Turn the compost');
  await ada.sees(
    () =>
      ada.page.evaluate(() =>
        document.activeElement?.closest('.card')?.textContent.includes('compost'),
      ),
    true,
  );
});

const EXPORT = join(ROOT, 'tests/fixtures/trello/garden.json');

/** A rename of a card that is deleted before it arrives. */
async function refuseSomething(ada) {
  const { page } = ada;
  await ada.card('A bench in the shade').locator('a').focus();
  await page.keyboard.press('c');
  await ada.live();
  const id = await page.evaluate(async () => {
    const [board] = (await (await fetch('/1/members/me/boards?fields=id,name')).json()).filter(
      ({ name }) => document.title.startsWith(name),
    );
    const closed = await (await fetch(`/1/boards/${board.id}/cards/closed`)).json();
    return closed[0].id;
  });
  await ada.setOffline(true);
  await page.locator('body').press('z'); // brings it back, for as long as nobody deletes it
  await page.getByText(/1 change is kept/).waitFor();
  const { origin } = ada.stage;
  const gone = await ada.context.request.delete(`${origin}/1/cards/${id}`, { headers: { origin } });
  assert.ok(gone.ok(), `${gone.status()}`);
  await ada.setOffline(false);
}

for (const colorScheme of ['light', 'dark']) {
  test(`nothing that axe finds, in ${colorScheme}`, async (t) => {
    const stage = await newStage(t);
    const ada = await stage.admin({ colorScheme, reducedMotion: 'reduce' });
    await ada.mayGoOffline();
    ada.expected.push(/status of 40[14]/);
    const { page } = ada;
    await page.locator('.tile').first().waitFor();
    await ada.isAccessible('boards');
    await page.locator('input[type=file]').setInputFiles(EXPORT);
    await page.getByRole('link', { name: 'Open the board' }).waitFor();
    await page.locator('summary', { hasText: 'Report' }).click();
    await ada.isAccessible('import report');
    await page.goto(`${stage.origin}/b/zzzzzzzz`);
    await page.getByRole('alert').waitFor();
    await ada.isAccessible('missing page');
    await page.goto(`${stage.origin}/`);
    await page.locator('.tile a', { hasText: 'Community garden' }).click();
    await page.locator('.lists .card').first().waitFor();
    await ada.live();
    await ada.isAccessible('board');
    await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
    await ada.isAccessible('composer');
    await page.keyboard.press('Escape');
    const dialogs = { l: 'labels', d: 'dates', m: 'members', 'Shift+M': 'move' };
    for (const [key, what] of Object.entries(dialogs)) {
      await ada.card('Turn the compost').locator('a').focus();
      await page.keyboard.press(key);
      await page.locator('dialog.picker').waitFor();
      await ada.isAccessible(what);
      await page.keyboard.press('Escape');
      await ada.sees(() => page.locator('dialog').count(), 0);
    }
    const panels = {
      '?': 'help',
      'Shift+A': 'archive',
      'Shift+S': 'share',
      w: 'board menu',
      f: 'filter',
      'Control+k': 'palette',
    };
    for (const [key, what] of Object.entries(panels)) {
      await page.locator('body').press(key);
      await page.locator('dialog').waitFor();
      await ada.isAccessible(what);
      await page.keyboard.press('Escape');
      await ada.sees(() => page.locator('dialog').count(), 0);
    }
    await ada.card('Sow tomatoes under glass').click();
    await page.locator('.markdown').waitFor();
    await ada.isAccessible('card');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.locator('.cm-content').waitFor();
    await ada.isAccessible('editor');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await ada.sees(() => page.locator('dialog').count(), 0);
    await ada.list('Ideas').getByRole('button', { name: /^Actions/ }).click();
    await page.locator('dialog').waitFor();
    await ada.isAccessible('list menu');
    await page.keyboard.press('Escape');
    await refuseSomething(ada);
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('dialog', { name: /refused/ }).waitFor();
    await ada.isAccessible('drafts');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.keyboard.press('Escape');
    await ada.sees(() => page.locator('dialog').count(), 0);
    await page.locator('body').press('w');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in').waitFor();
    await ada.isAccessible('signed out');
  });
}

/** A finger, which Chromium's own input makes of touch events. */
async function finger(page) {
  const session = await page.context().newCDPSession(page);
  const send = (type, points) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  return {
    down: (x, y) => send('touchStart', [{ x, y }]),
    move: (x, y) => send('touchMove', [{ x, y }]),
    up: () => send('touchEnd', []),
  };
}

const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};

test('on a phone a swipe scrolls, a long press lifts', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin(phone);
  const page = await ada.openBoard();
  const touch = await finger(page);
  const ideas = await ada.cards('Ideas');
  const box = await ada.card('A bed for wild bees').boundingBox();
  const x = box.x + 80;
  const y = box.y + 20;
  await touch.down(x, y);
  for (let i = 1; i <= 8; i += 1) await touch.move(x - i * 30, y);
  await touch.up();
  await ada.sees(() => page.locator('.lists').evaluate((lists) => lists.scrollLeft > 100), true);
  assert.deepEqual(await ada.cards('Ideas'), ideas, 'nothing was dragged');
  await page.locator('.lists').evaluate(async (lists) => {
    // Until the swipe's own motion has come to rest.
    let since = performance.now();
    for (let left = Number.NaN; performance.now() - since < 500; ) {
      if (left !== lists.scrollLeft) {
        left = lists.scrollLeft;
        since = performance.now();
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  const from = await ada.card('Sow tomatoes under glass').boundingBox();
  const to = await ada.card('Sharpen spades and hoes').boundingBox();
  await touch.down(from.x + 80, from.y + 20);
  await ada.sees(() => page.locator('.ghost').count(), 1);
  for (let i = 1; i <= 10; i += 1) {
    await touch.move(from.x + 80, from.y + 20 + ((to.y + 4 - from.y) * i) / 10);
    await page.waitForTimeout(20);
  }
  await page.waitForTimeout(80);
  await touch.up();
  await ada.sees(
    async () => (await ada.cards('This month')).slice(0, 3),
    ["Collect this year's fees", 'Sharpen spades and hoes', 'Sow tomatoes under glass'],
  );
  assert.equal(await page.locator('.card-modal').count(), 0);
});

test('on a phone everything to be touched is 44 pixels high and wide', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin(phone);
  const page = await ada.openBoard();
  const small = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('button, a, input:enabled, select')]
        .filter((one) => {
          const { width, height, left } = one.getBoundingClientRect();
          return (
            width > 1 &&
            height > 1 &&
            left < innerWidth &&
            one.checkVisibility() &&
            (height < 43.5 || width < 43.5) &&
            !one.closest('label')
          );
        })
        .map((one) => one.outerHTML.slice(0, 120)),
    );
  assert.deepEqual(await small(), []);
  await ada.card('A bed for wild bees').tap();
  await page.locator('.card-modal').waitFor();
  assert.deepEqual(await small(), []);
});

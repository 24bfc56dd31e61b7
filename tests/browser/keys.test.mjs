// Whatever a mouse can do on a board, keys can do: every row of the table of keys is tried, and
// whatever hears a click is looked for and has to be reachable.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

const CARD = 'Turn the compost';

/** A hand on the keyboard, and nothing else. */
class Keys {
  constructor(person) {
    this.person = person;
    this.page = person.page;
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Keys alone lead there, too; this is the short way. */
  async on(card = CARD) {
    await this.sees(() => this.page.locator('dialog').count(), 0);
    await this.page.waitForTimeout(320); // keys are not heard for a moment after a modifier
    await this.person.card(card).locator('a').focus();
  }

  async sees(read, expected) {
    await this.person.sees(read, expected);
  }

  /** Opens a dialog, and leaves it. */
  async dialog(key, name) {
    await this.press(key);
    await this.page.getByRole('dialog', { name }).waitFor();
    await this.press('Escape');
  }

  async focused() {
    return await this.page.evaluate(
      () => document.activeElement?.closest('.card')?.querySelector('.face-name')?.textContent,
    );
  }
}

const inList = (person, list) => async () => (await person.cards(list)).includes(CARD);

/** What each row of the table does, seen to be done. One that is missing here fails the test. */
const proofs = {
  'Open the card': async (keys) => {
    await keys.on();
    await keys.dialog('Enter', CARD);
  },
  'New card below this one': async (keys, ada) => {
    await keys.on();
    await keys.press('n');
    await keys.page.keyboard.insertText('Just below');
    await keys.press('Enter', 'Escape');
    await keys.sees(async () => {
      const cards = await ada.cards('Doing');
      return cards[cards.indexOf(CARD) + 1];
    }, 'Just below');
  },
  'Add, and go on with the next': async (keys, ada) => {
    await keys.on();
    await keys.press('n');
    for (const name of ['One more', 'And another']) {
      await keys.page.keyboard.insertText(name);
      await keys.press('Enter');
      await ada.card(name).waitFor();
    }
  },
  'A new line': async (keys, ada) => {
    const field = ada.page.getByLabel('Name of the new card');
    await keys.page.keyboard.insertText('Two');
    await keys.press('Shift+Enter');
    await keys.page.keyboard.insertText('lines');
    await keys.sees(() => field.inputValue(), 'Two\nlines');
  },
  'Close; what was typed is kept': async (keys, ada) => {
    await keys.press('Escape');
    await keys.on('And another');
    await keys.press('n');
    await keys.sees(() => ada.page.getByLabel('Name of the new card').inputValue(), 'Two\nlines');
    await keys.press('Control+a', 'Delete', 'Escape');
  },
  'Add and open': async (keys, ada) => {
    await keys.on('And another');
    await keys.press('n');
    await keys.page.keyboard.insertText('Opened at once');
    await keys.press('Control+Enter');
    await ada.page.getByRole('dialog', { name: 'Opened at once' }).waitFor();
    await keys.press('Escape');
  },
  Rename: async (keys, ada) => {
    for (const [key, from, to] of [
      ['t', 'Just below', 'Renamed'],
      ['e', 'Renamed', 'Just below'],
    ]) {
      await keys.on(from);
      await keys.press(key);
      await keys.page.keyboard.insertText(to);
      await keys.press('Enter');
      await ada.card(to).waitFor();
    }
  },
  Labels: async (keys) => {
    await keys.on();
    await keys.dialog('l', /Labels/);
  },
  'Put on or take off the nth label': async (keys, ada) => {
    const hues = () => ada.card('Just below').locator('.hue').count();
    await keys.on('Just below');
    await keys.press('1', '2');
    await keys.sees(hues, 2);
    await keys.press('1', '2');
    await keys.sees(hues, 0);
  },
  Dates: async (keys, ada) => {
    await keys.on('Just below');
    await keys.press('d');
    const tomorrow = keys.page.getByRole('button', { name: 'Tomorrow' });
    await tomorrow.focus();
    await keys.press('Enter');
    await keys.press('Escape');
    await ada.card('Just below').locator('.badge, .due').first().waitFor();
  },
  Members: async (keys) => {
    await keys.on();
    await keys.dialog('m', /Members/);
  },
  'Join or leave the card': async (keys, ada) => {
    const faces = () => ada.card('Just below').locator('.avatar').count();
    await keys.on('Just below');
    await keys.press(' ');
    await keys.sees(faces, 1);
    await keys.press(' ');
    await keys.sees(faces, 0);
  },
  'Copy …': async (keys) => {
    await keys.on();
    await keys.dialog('Shift+C', 'Copy the card');
  },
  'Vote, or take it back': async (keys, ada) => {
    const votes = () => ada.card(CARD).locator('[title="1 votes"]').count();
    await keys.on();
    await keys.press('w');
    await ada.page.getByLabel('Voting').selectOption('members');
    await keys.press('Escape');
    await keys.on();
    await keys.press('v');
    await keys.sees(votes, 1);
    await keys.press('v');
    await keys.sees(votes, 0);
  },
  Archive: async (keys, ada) => {
    await keys.on('Just below');
    await keys.press('c');
    await keys.sees(() => ada.card('Just below').count(), 0);
  },
  Undo: async (keys, ada) => {
    await keys.press('z');
    await ada.card('Just below').waitFor();
    await keys.on();
    await keys.press('c');
    await keys.sees(() => ada.card(CARD).count(), 0);
    await keys.press('Control+z');
    await ada.card(CARD).waitFor();
  },
  Redo: async (keys, ada) => {
    await keys.on('Just below');
    await keys.press('c', 'z');
    await ada.card('Just below').waitFor();
    await keys.press('Shift+Z');
    await keys.sees(() => ada.card('Just below').count(), 0);
  },
  'Next card': async (keys) => {
    await keys.on('Repair the wheelbarrow');
    await keys.press('j');
    await keys.sees(() => keys.focused(), CARD);
  },
  'Previous card': async (keys) => {
    await keys.on();
    await keys.press('k');
    await keys.sees(() => keys.focused(), 'Repair the wheelbarrow');
  },
  'Card in the next list': async (keys, ada) => {
    await keys.on();
    await keys.press('ArrowRight');
    const there = await ada.cards('Waiting');
    await keys.sees(async () => there.includes(await keys.focused()), true);
  },
  'Card in the previous list': async (keys, ada) => {
    await keys.on();
    await keys.press('h');
    const there = await ada.cards('This month');
    await keys.sees(async () => there.includes(await keys.focused()), true);
  },
  'Move the card down': async (keys, ada) => {
    const before = await ada.cards('Doing');
    await keys.on();
    await keys.press('Alt+ArrowDown');
    await keys.sees(async () => (await ada.cards('Doing')).indexOf(CARD), before.indexOf(CARD) + 1);
  },
  'Move the card up': async (keys, ada) => {
    const before = await ada.cards('Doing');
    await keys.on();
    await keys.press('Alt+ArrowUp');
    await keys.sees(async () => (await ada.cards('Doing')).indexOf(CARD), before.indexOf(CARD) - 1);
  },
  'Move the card or list to the right': async (keys, ada) => {
    await keys.on();
    await keys.press('Alt+ArrowRight');
    await keys.sees(inList(ada, 'Waiting'), true);
    await ada.list('Ideas').locator('.grip').focus();
    await keys.press('Alt+ArrowRight');
    await keys.sees(async () => (await ada.lists())[1], 'Ideas');
  },
  'Move the card or list to the left': async (keys, ada) => {
    await keys.on();
    await keys.press('Alt+ArrowLeft');
    await keys.sees(inList(ada, 'Doing'), true);
    await ada.list('Ideas').locator('.grip').focus();
    await keys.press('Alt+ArrowLeft');
    await keys.sees(async () => (await ada.lists())[0], 'Ideas');
  },
  'To the end of the next list': async (keys, ada) => {
    await keys.on();
    await keys.press('.');
    await keys.sees(async () => (await ada.cards('Waiting')).at(-1), CARD);
  },
  'To the end of the previous list': async (keys, ada) => {
    await keys.on();
    await keys.press(',');
    await keys.sees(async () => (await ada.cards('Doing')).at(-1), CARD);
  },
  'To the top of the next list': async (keys, ada) => {
    await keys.on();
    await keys.press('>');
    await keys.sees(async () => (await ada.cards('Waiting'))[0], CARD);
  },
  'To the top of the previous list': async (keys, ada) => {
    await keys.on();
    await keys.press('<');
    await keys.sees(async () => (await ada.cards('Doing'))[0], CARD);
  },
  'Move to a list and position …': async (keys) => {
    await keys.on();
    await keys.dialog('Shift+M', /Move/);
  },
  'Filter by text': async (keys, ada) => {
    await keys.on();
    await keys.press('/');
    await keys.page.keyboard.type('turn the');
    await keys.sees(() => ada.page.locator('.lists .card').count(), 1);
  },
  'Clear the filter': async (keys, ada) => {
    await keys.on();
    await keys.press('x');
    await keys.sees(async () => (await ada.page.locator('.lists .card').count()) > 5, true);
  },
  'Filter by labels': async (keys) => {
    await keys.on();
    await keys.dialog('f', /Filter/);
  },
  'Only my cards': async (keys, ada) => {
    await keys.on();
    const faces = () => ada.card(CARD).locator('.avatar').count();
    const before = await ada.page.locator('.lists .card').count();
    const mine = await ada.page.locator('.lists .card:has(.avatar)').count();
    const address = ada.page.url();
    await keys.press(' ');
    await keys.sees(faces, 1);
    await keys.press('q');
    await keys.sees(() => ada.page.locator('.lists .card').count(), mine + 1);
    await keys.on();
    await keys.press('q');
    await keys.sees(async () => [await ada.page.locator('.lists .card').count(), ada.page.url()], [
      before,
      address,
    ]);
    await keys.on();
    await keys.press(' ');
    await keys.sees(faces, 0);
  },
  'Show or hide the names of labels': async (keys, ada) => {
    const label = ada.page.locator('.face-labels .hue').first();
    const width = async () => (await label.boundingBox()).width;
    await keys.on();
    const before = await width();
    await keys.press(';');
    await keys.sees(async () => (await width()) !== before, true);
    await keys.press(';');
  },
  'Board menu': async (keys) => {
    await keys.on();
    await keys.dialog('w', 'Community garden');
  },
  'Archived cards and lists': async (keys) => {
    await keys.on();
    await keys.dialog('Shift+A', 'Archive');
  },
  'Activity and history': async (keys) => {
    await keys.on();
    await keys.dialog('Shift+H', 'Activity and history');
  },
  'Members and sharing': async (keys) => {
    await keys.on();
    await keys.dialog('Shift+S', 'Members and sharing');
  },
  'Search for actions and cards': async (keys) => {
    await keys.on();
    await keys.dialog('Control+k', /Search/);
  },
  'Light, dark, or as the system': async (keys, ada) => {
    const theme = () => ada.page.evaluate(() => document.documentElement.dataset.theme);
    await keys.on();
    await keys.press('Shift+D');
    await keys.sees(theme, 'light');
    await keys.press('Shift+D', 'Shift+D');
    await keys.sees(theme, undefined);
  },
  Help: async (keys) => {
    await keys.on();
    await keys.dialog('?', 'Keys');
  },
  'Your boards': async (keys, ada) => {
    await keys.on();
    await keys.press('b');
    await ada.page.locator('.tile a').first().waitFor();
  },
};

test('every row of the table of keys does what it says', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  const keys = new Keys(ada);
  await page.mouse.move(1, 1); // a key means the card under the pointer where none has the focus
  await keys.on();
  await keys.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.waitFor();
  const rows = await help.locator('dd').allTextContents();
  await keys.press('Escape');
  assert.deepEqual(
    rows.map((row) => row.trim()).filter((row) => proofs[row] === undefined),
    [],
    'rows without a proof',
  );
  assert.ok(rows.length >= Object.keys(proofs).length);
  for (const [row, proof] of Object.entries(proofs)) {
    try {
      await proof(keys, ada);
    } catch (error) {
      throw new Error(`${row}: ${error.message}`, { cause: error });
    }
  }
});

/** Everything below the page that hears the pointer, and what keeps it from keys, if anything. */
async function deaf(page) {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression: 'document.body' });
  const { listeners } = await session.send('DOMDebugger.getEventListeners', {
    objectId: result.objectId,
    depth: -1,
  });
  const pointing = /^(?:click|dblclick|mousedown|mouseup|pointerdown|pointerup|touchstart)$/;
  const nodes = new Set(
    listeners.filter(({ type }) => pointing.test(type)).map((one) => one.backendNodeId),
  );
  const found = [];
  for (const backendNodeId of nodes) {
    const { object } = await session.send('DOM.resolveNode', { backendNodeId });
    const { result: why } = await session.send('Runtime.callFunctionOn', {
      objectId: object.objectId,
      functionDeclaration: `${hindrance}`,
      returnByValue: true,
    });
    if (why.value !== '') found.push(why.value);
  }
  await session.detach();
  assert.ok(nodes.size > 0, 'something is heard');
  return found;
}

/** Runs in the page, on an element that hears the pointer. */
function hindrance() {
  const what = this.outerHTML.slice(0, 120);
  if (!this.checkVisibility() || this.disabled) return '';
  // These have keys of their own: dragging is Alt and arrows, outside a dialog is Esc, what is
  // found is walked by arrows from its field, and a card's pen is T.
  if (this.matches('.lists, dialog, .face-edit, [role=option]')) return '';
  if (this.matches('label') && this.control !== null) return '';
  if (!this.matches('a[href], button, input, select, textarea, summary, [role=button]'))
    return `not for keys: ${what}`;
  const roving = this.matches('a.face') && document.querySelector('a.face[tabindex="0"]') !== null;
  return this.tabIndex >= 0 || roving ? '' : `not on the way of Tab: ${what}`;
}

/** Tab goes round, and the focus is seen wherever it is. */
async function walkByTab(keys) {
  const seen = new Set();
  for (let i = 0; i < 60; i += 1) {
    await keys.press('Tab');
    const at = await keys.page.evaluate(() => {
      const one = document.activeElement;
      if (one === null || one === document.body) return '';
      // The field of the filter shows it around itself and its buttons.
      const { outlineStyle, boxShadow } = getComputedStyle(one.closest('.search') ?? one);
      const shows = outlineStyle !== 'none' || boxShadow !== 'none';
      return `${shows ? '' : 'unseen '}${one.outerHTML.slice(0, 100)}`;
    });
    assert.doesNotMatch(at, /^unseen/);
    if (seen.has(at) && i > 3) break;
    seen.add(at);
  }
  return seen.size;
}

test('whatever hears a click is reached by keys, on the board and in every dialog', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  const keys = new Keys(ada);
  await page.mouse.move(1, 1);
  assert.deepEqual(await deaf(page), []);
  assert.ok((await walkByTab(keys)) > 8);
  const dialogs = ['l', 'd', 'm', 'Shift+M', '?', 'Shift+A', 'Shift+H', 'Shift+S', 'w', 'f'];
  for (const key of [...dialogs, 'Control+k', 'Enter']) {
    await keys.on();
    await keys.press(key);
    await page.locator('dialog').waitFor();
    if (key === 'Enter') await page.locator('.markdown').waitFor();
    assert.deepEqual(await deaf(page), [], key);
    await keys.press('Escape');
  }
  await keys.on();
  await ada.list('Ideas').getByRole('button', { name: /^Actions/ }).focus();
  await keys.press('Enter');
  await page.locator('dialog').waitFor();
  assert.deepEqual(await deaf(page), []);
  await keys.press('Escape');
  await keys.on();
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).focus();
  await keys.press('Enter');
  assert.deepEqual(await deaf(page), []);
  await keys.press('Escape', 'b');
  await page.locator('.tile a').first().waitFor();
  assert.deepEqual(await deaf(page), []);
});

test('a list is named, made, and emptied by keys', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  const keys = new Keys(ada);
  for (const [key, from, to] of [
    ['Enter', 'Waiting', 'On hold'],
    [' ', 'On hold', 'Waiting again'],
  ]) {
    await ada.list(from).locator('.grip').focus();
    await keys.press(key);
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(to);
    await keys.press('Enter');
    await ada.list(to).waitFor();
  }
  await page.getByRole('button', { name: /Add (a|another) list/ }).focus();
  await keys.press('Enter');
  await page.keyboard.insertText('A fresh one');
  await keys.press('Enter', 'Escape');
  await keys.sees(async () => (await ada.lists()).at(-1), 'A fresh one');
});

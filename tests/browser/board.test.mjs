// Two people on one board: what one does, the other sees.

import assert from 'node:assert/strict';
import test from 'node:test';
import { drag, newStage } from './lib/stage.mjs';

async function two(t) {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  return { stage, ada, bea };
}

test('a dragged card is seen in its place by the other, also after a reload', async (t) => {
  const { ada, bea } = await two(t);
  await drag(ada.page, ada.card('A bench in the shade'), ada.card('Prune the apple trees'));
  const doing = [
    'Repair the wheelbarrow',
    'Turn the compost',
    'A bench in the shade',
    'Prune the apple trees',
    'Agree on the new water meter',
  ];
  await ada.sees(() => ada.cards('Doing'), doing);
  await bea.sees(() => bea.cards('Doing'), doing);
  assert.equal(await ada.page.locator('.card-modal').count(), 0, 'the drop is no click');
  assert.equal(await ada.page.locator('.placeholder').count(), 0);
  await ada.agreesWith(bea);
  await bea.page.reload();
  await bea.page.locator('.lists .card').first().waitFor();
  await bea.sees(() => bea.cards('Doing'), doing);
});

test('the menu of a list sorts, moves and archives its cards, and takes it back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const { page } = ada;
  const before = await ada.cards('Ideas');
  const doing = await ada.cards('Doing');
  const choose = async (...steps) => {
    await ada.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
    for (const name of steps)
      await page.locator('.menu').getByRole('button', { name, exact: true }).click();
  };
  const takeBack = async () => {
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click();
    await ada.sees(() => ada.cards('Ideas'), before);
  };
  await choose('Sort the cards …', 'By name');
  await ada.sees(() => ada.cards('Ideas'), [...before].sort());
  await takeBack();
  await choose('Sort the cards …', 'Newest first');
  await page.getByText('Sorted “Ideas”').last().waitFor();
  const newest = await ada.cards('Ideas');
  await choose('Sort the cards …', 'Oldest first');
  await ada.sees(() => ada.cards('Ideas'), newest.reverse());
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await ada.sees(() => ada.cards('Ideas'), before);
  await choose('Move all cards …', 'Doing');
  await ada.sees(() => ada.cards('Doing'), [...doing, ...before]);
  await takeBack();
  await choose('Archive all cards');
  await ada.sees(() => ada.cards('Ideas'), []);
  await takeBack();
  assert.deepEqual(await ada.cards('Doing'), doing);
});

test('a list is copied beside itself, for everybody, and the copy goes by Undo', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const before = await ada.lists();
  await ada.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
  await page.locator('.menu').getByRole('button', { name: 'Copy the list …' }).click();
  await page.getByLabel('Name', { exact: true }).fill('More ideas');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  const after = before.flatMap((name) => (name === 'Ideas' ? [name, 'More ideas'] : [name]));
  await bea.sees(() => bea.lists(), after);
  assert.deepEqual(await bea.cards('More ideas'), await bea.cards('Ideas'));
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click();
  await bea.sees(() => bea.lists(), before);
  await ada.agreesWith(bea);
});

test('Esc puts a dragged card back, and nothing is sent', async (t) => {
  const { ada } = await two(t);
  const before = await ada.cards('Ideas');
  const position = await ada.page.evaluate(() => window.__tavla.pos());
  await drag(ada.page, ada.card('A bench in the shade'), ada.card('Keys for the new members'), {
    drop: false,
  });
  assert.equal(await ada.page.locator('.placeholder').count(), 1);
  await ada.page.keyboard.press('Escape');
  await ada.sees(() => ada.cards('Ideas'), before);
  await ada.page.mouse.up();
  assert.deepEqual(await ada.page.evaluate(() => window.__tavla.pos()), position);
});

test('others go on while a card is in the air; it lands before its neighbour', async (t) => {
  const { ada, bea } = await two(t);
  await drag(ada.page, ada.card('Try purple carrots'), ada.card('Turn the compost'), {
    drop: false,
  });
  await bea.card('Repair the wheelbarrow').locator('a').focus();
  await bea.page.keyboard.press('c');
  await ada.sees(async () => (await ada.cards('Doing')).includes('Repair the wheelbarrow'), false);
  await ada.page.mouse.up();
  const doing = [
    'Try purple carrots',
    'Turn the compost',
    'Prune the apple trees',
    'Agree on the new water meter',
  ];
  await bea.sees(() => bea.cards('Doing'), doing);
  await ada.agreesWith(bea);
});

test('a list is dragged by its head', async (t) => {
  const { ada, bea } = await two(t);
  await drag(ada.page, ada.list('Waiting').locator('.list-head'), ada.list('Ideas'), {
    x: 0.1,
    y: 0.05,
  });
  const order = ['Waiting', 'Ideas', 'This month', 'Doing', 'Done'];
  await ada.sees(() => ada.lists(), order);
  await bea.sees(() => bea.lists(), order);
});

test('the composer stays open, keeps a draft, and makes cards of pasted lines', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await page.keyboard.type('First');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Second');
  await page.keyboard.press('Enter');
  await bea.sees(async () => (await bea.cards('Ideas')).slice(-2), ['First', 'Second']);
  await page.keyboard.type('Half a thou');
  await page.keyboard.press('Escape');
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await page.getByText('Your draft is back').waitFor(); // so it is in the browser's store
  await ada.live();
  await page.reload();
  await ada.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
  await page.getByText('Your draft is back').waitFor();
  assert.equal(await page.getByLabel('Name of the new card').inputValue(), 'Half a thou');
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByLabel('Name of the new card').evaluate((area) => {
    const data = new DataTransfer();
    data.setData('text/plain', '- One\n- Two\n- Three\n');
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  });
  await page.keyboard.insertText('- One\n- Two\n- Three\n');
  await page.getByRole('button', { name: 'Add 3 cards' }).click();
  await bea.sees(async () => (await bea.cards('Ideas')).slice(-3), ['One', 'Two', 'Three']);
});

test('names are edited in place: card, list and board', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('t');
  await page.keyboard.insertText('Turn the heap');
  await page.keyboard.press('Enter');
  await bea.card('Turn the heap').waitFor();
  await ada.list('Doing').locator('.grip').click();
  await page.keyboard.insertText('At work');
  await page.keyboard.press('Enter');
  await bea.list('At work').waitFor();
  await page.locator('.bar .board-name').click();
  await page.keyboard.insertText('The garden');
  await page.keyboard.press('Enter');
  await bea.page.locator('.bar .board-name', { hasText: 'The garden' }).waitFor();
  assert.equal(await page.title(), 'The garden - Tavla');
});

test('an archived card comes back by Undo, by the archive, or goes for ever', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  await ada.card('A bench in the shade').hover();
  await page.keyboard.press('c');
  await bea.sees(() => bea.card('A bench in the shade').count(), 0);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await bea.card('A bench in the shade').waitFor();
  await bea.sees(() => bea.cards('Ideas'), await ada.cards('Ideas'));
  await page.mouse.move(5, 5);
  await ada.card('A bench in the shade').locator('a').focus();
  await page.keyboard.press('c');
  await page.keyboard.press('Shift+A');
  const archive = page.getByRole('dialog', { name: 'Archive' });
  await archive.getByRole('button', { name: 'Restore' }).click();
  await bea.card('A bench in the shade').waitFor();
  await page.keyboard.press('Escape');
  await ada.card('A bench in the shade').locator('a').focus();
  await page.keyboard.press('c');
  await page.keyboard.press('Shift+A');
  await archive.getByRole('button', { name: 'Delete' }).click();
  await archive.getByRole('button', { name: 'Really delete for ever' }).click();
  await archive.getByText('No cards are archived').waitFor();
  await ada.agreesWith(bea);
});

test('a card whose list is archived, too, comes back to where it is seen', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const name = 'A bench in the shade';
  await ada.card(name).locator('a').focus();
  await page.keyboard.press('c');
  await ada.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
  await page.getByRole('button', { name: 'Archive the list' }).click();
  await page.keyboard.press('Shift+A');
  const archive = page.getByRole('dialog', { name: 'Archive' });
  await archive.getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Restored to “This month”: its list is archived').waitFor();
  await bea.sees(async () => (await bea.cards('This month')).at(-1), name);
  // lists are deleted by admins: others are not shown what would be refused
  await bea.page.keyboard.press('Shift+A');
  const theirs = bea.page.getByRole('dialog', { name: 'Archive' });
  await theirs.getByRole('button', { name: 'Lists 1' }).click();
  await theirs.getByRole('button', { name: 'Restore' }).waitFor();
  assert.equal(await theirs.getByRole('button', { name: 'Delete' }).count(), 0);
  await archive.getByRole('button', { name: 'Lists 1' }).click();
  await archive.getByRole('button', { name: 'Delete' }).waitFor();
  await ada.agreesWith(bea);
});

test('a date that was not touched stays as it is, to the second', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const name = 'A bench in the shade';
  const id = await page.evaluate((wanted) => {
    const { objects } = JSON.parse(window.__tavla.state());
    return objects.find(([, o]) => o.name === wanted)[1].id;
  }, name);
  const put = (fields) =>
    bea.page.evaluate(
      ([path, body]) => {
        const headers = { 'content-type': 'application/json' };
        return fetch(path, { method: 'PUT', body, headers }).then(({ status }) => status);
      },
      [`/1/cards/${id}`, JSON.stringify(fields)],
    );
  const dates = () =>
    ada.page.evaluate((wanted) => {
      const { objects } = JSON.parse(window.__tavla.state());
      const { start, due } = objects.find(([, o]) => o.id === wanted)[1];
      return [start, due?.slice(0, 4)];
    }, id);
  await put({ start: '2030-01-02T10:00:33.000Z', due: '2030-01-03T10:00:00.000Z' });
  await ada.sees(dates, ['2030-01-02T10:00:33.000Z', '2030']);
  await ada.card(name).locator('a').focus();
  await page.keyboard.press('d');
  await page.getByLabel('Due').waitFor();
  await put({ start: '2029-01-02T10:00:33.000Z' }); // while the dialog is open
  await ada.sees(dates, ['2029-01-02T10:00:33.000Z', '2030']);
  await page.getByLabel('Due').fill('2031-05-06T07:08');
  await page.getByRole('button', { name: 'Save' }).click();
  await bea.agreesWith(ada);
  await ada.sees(dates, ['2029-01-02T10:00:33.000Z', '2031']);
});

test('a list says how many cards it should have at most', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  const limit = async (text) => {
    await ada.list('Doing').getByRole('button', { name: 'Actions of the list' }).click();
    await page.getByRole('button', { name: 'Limit of cards' }).click();
    await page.getByLabel('Cards at most').fill(text);
    await page.keyboard.press('Enter');
  };
  await limit('3');
  await bea.sees(() => bea.list('Doing').locator('.count').textContent(), '4 / 3');
  await limit('');
  await bea.sees(() => bea.list('Doing').locator('.count').textContent(), '4');
  await page.keyboard.press('Control+z');
  await bea.sees(() => bea.list('Doing').locator('.count').textContent(), '4 / 3');
  await ada.agreesWith(bea);
});

test('a board says what it is about, and its admins write that', async (t) => {
  const { ada, bea } = await two(t);
  const about = (person) => person.page.getByRole('region', { name: 'About this board' });
  await bea.page.keyboard.press('w');
  await about(bea).getByText('A board to try things on.').waitFor();
  assert.equal(await about(bea).getByRole('button').count(), 0);
  await ada.page.keyboard.press('w');
  await about(ada).getByRole('button', { name: 'Edit' }).click();
  await ada.isAccessible('the description of a board');
  await about(ada).getByRole('textbox').fill('The **garden** of all.');
  await about(ada).getByRole('button', { name: 'Save' }).click();
  await about(ada).locator('strong', { hasText: 'garden' }).waitFor();
  await bea.page.keyboard.press('Escape');
  await bea.page.keyboard.press('w');
  await about(bea).getByText('The garden of all.').waitFor();
  await ada.page.keyboard.press('Escape');
  await about(ada).waitFor({ state: 'detached' });
  await ada.page.keyboard.press('Control+z');
  await ada.page.getByText('The description of the board is as it was.').waitFor();
  await ada.page.getByRole('button', { name: 'Board menu' }).click(); // keys rest behind Ctrl
  await about(ada).getByText('A board to try things on.').waitFor();
  await ada.agreesWith(bea);
});

test('labels are made, put on, renamed and deleted', async (t) => {
  const { ada, bea } = await two(t);
  const { page } = ada;
  await ada.card('A bench in the shade').locator('a').focus();
  await page.keyboard.press('l');
  const picker = page.locator('dialog.picker');
  await picker.getByRole('button', { name: 'Create a label' }).click();
  await picker.getByLabel('Name').fill('Wood');
  await picker.locator('label[title="dark pink"]').click();
  await picker.getByRole('button', { name: 'Create' }).click();
  await bea.card('A bench in the shade').locator('.hue-pink_dark', { hasText: 'Wood' }).waitFor();
  await picker.getByRole('button', { name: 'Edit Wood' }).click();
  await picker.getByLabel('Name').fill('Timber');
  await picker.getByRole('button', { name: 'Save' }).click();
  await bea.card('A bench in the shade').locator('.hue', { hasText: 'Timber' }).waitFor();
  await picker.getByRole('button', { name: 'Edit Timber' }).click();
  await picker.getByRole('button', { name: 'Delete' }).click();
  await picker.getByRole('button', { name: 'Really delete' }).click();
  await bea.sees(() => bea.card('A bench in the shade').locator('.hue').count(), 0);
  await ada.agreesWith(bea);
});

test('the filter counts, stands in the address, and X clears it', async (t) => {
  const { ada } = await two(t);
  const { page } = ada;
  await page.keyboard.press('/');
  await page.keyboard.type('water');
  await ada.sees(() => page.locator('.lists .card').count(), 4);
  await page.getByText('1 of 4').waitFor();
  assert.match(page.url(), /\?q=water$/);
  await page.reload();
  await ada.sees(() => page.locator('.lists .card').count(), 4);
  await drag(page, ada.card('Agree on the new water meter'), ada.card('Rain barrel with a pump'), {
    y: 0.95,
  });
  await page.locator('body').press('x');
  await ada.sees(
    async () => (await ada.cards('Ideas')).slice(2, 4),
    ['Rain barrel with a pump', 'Agree on the new water meter'],
  );
  assert.doesNotMatch(page.url(), /\?/);
});

test('an observer reads, and is offered nothing to change', async (t) => {
  const { stage, ada } = await two(t);
  const eve = await stage.guest(ada, 'Eve', { role: 'observer' });
  await eve.openBoard();
  await eve.page.getByText('read only').waitFor();
  assert.equal(await eve.page.getByRole('button', { name: 'Add a card' }).count(), 0);
  await drag(eve.page, eve.card('A bench in the shade'), eve.card('Turn the compost'));
  await eve.page.goto(`${stage.origin}/`);
  await eve.openBoard();
  assert.ok((await eve.cards('Ideas')).includes('A bench in the shade'));
});

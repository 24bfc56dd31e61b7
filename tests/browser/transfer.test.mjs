// A card that goes to another board: by its dialog, seen from both boards, and back again.

import assert from 'node:assert/strict';
import test from 'node:test';
import { gate, newStage } from './lib/stage.mjs';

/** Ada on the demo board, and a second board of hers. */
async function newBoards(t, options) {
  const stage = await newStage(t);
  const ada = await stage.admin(options);
  const garden = await ada.idBoard();
  const made = await ada.page.evaluate(async () => {
    const ask = async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
      return answer.json();
    };
    const board = await ask('/1/boards', { name: 'Greenhouse', defaultLists: false });
    for (const name of ['Now', 'Later'])
      await ask('/1/lists', { name, idBoard: board.id, pos: 'bottom' });
    const [now] = await (await fetch(`/1/boards/${board.id}/lists`)).json();
    await ask('/1/cards', { name: 'Wash the panes', idList: now.id });
    return board;
  });
  return { stage, ada, garden, greenhouse: made.id };
}

const picker = ({ page }) => page.getByRole('dialog', { name: 'Move the card' });

/** From wherever the dialog was opened. */
async function moveTo(person, board, list, position) {
  const dialog = picker(person);
  await dialog.getByLabel('Board').selectOption({ label: board });
  await dialog.getByLabel('List').selectOption({ label: list });
  if (position !== undefined)
    await dialog.getByLabel('Position').selectOption({ label: position });
  await dialog.getByRole('button', { name: 'Move' }).click();
}

test('a card is moved by keys to another board, and comes back by Ctrl+Z', async (t) => {
  const { stage, ada, garden, greenhouse } = await newBoards(t);
  const bea = await stage.person(await stage.link(ada, 'Bea', { board: greenhouse }));
  await bea.goToBoard(greenhouse);
  const page = await ada.goToBoard(garden);
  const before = await ada.cards('Doing');
  await ada.card('Repair the wheelbarrow').locator('a').focus();
  await page.keyboard.press('Shift+M');
  await picker(ada).waitFor();
  await picker(ada).getByLabel('Board').locator('option', { hasText: 'Greenhouse' }).waitFor({
    state: 'attached',
  });
  await ada.isAccessible('the dialog of a move');
  await moveTo(ada, 'Greenhouse', 'Now', '1');
  await page.getByText('Moved “Repair the wheelbarrow” to “Greenhouse”').first().waitFor();
  await bea.sees(() => bea.cards('Now'), ['Repair the wheelbarrow', 'Wash the panes']);
  await ada.sees(
    () => ada.cards('Doing'),
    before.filter((name) => name !== 'Repair the wheelbarrow'),
  );
  await ada.live();
  await page.keyboard.press('Control+z');
  await ada.sees(() => ada.cards('Doing'), before);
  await bea.sees(() => bea.cards('Now'), ['Wash the panes']);
});

test('a place on the other board is chosen when it is known how many there are', async (t) => {
  const { ada, garden } = await newBoards(t);
  const page = await ada.goToBoard(garden);
  const { open, goOn } = gate();
  await page.route(/\/1\/lists\/\w+\/cards/, (route) => open.then(() => route.continue()));
  await ada.card('Repair the wheelbarrow').locator('a').focus();
  await page.keyboard.press('Shift+M');
  await picker(ada).getByLabel('Board').selectOption({ label: 'Greenhouse' });
  const position = picker(ada).getByLabel('Position');
  await ada.sees(() => position.locator('option').allTextContents(), ['At the end']);
  assert.ok(await position.isDisabled());
  goOn();
  await ada.sees(() => position.locator('option').allTextContents(), ['1', '2']);
  await position.selectOption({ label: '1' });
  await picker(ada).getByRole('button', { name: 'Move' }).click();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await ada.sees(() => ada.cards('Now'), ['Repair the wheelbarrow', 'Wash the panes']);
});

test('the toast opens the card where it is, and its activity says where it was', async (t) => {
  const { ada, garden } = await newBoards(t);
  const page = await ada.goToBoard(garden);
  await ada.card('Turn the compost').click();
  const card = page.locator('.card-modal');
  await card.getByText('Bring gloves and a fork.').waitFor();
  await card.getByRole('button', { name: 'Move' }).click();
  await moveTo(ada, 'Greenhouse', 'Later');
  await card.waitFor({ state: 'detached' });
  await ada.live();
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await card.getByText('Bring gloves and a fork.').waitFor();
  await ada.sees(() => ada.cards('Later'), ['Turn the compost']);
  await card.getByText('Activity').click();
  await card.getByText('moved this card to “Later” from the board “').waitFor();
  assert.equal(await page.getByText('This card was deleted').count(), 0);
  await card.getByRole('button', { name: 'Close the card' }).click();
});

test('who has it open is told where it went; what they wrote is kept', async (t) => {
  const { stage, ada, garden, greenhouse } = await newBoards(t);
  const people = {};
  for (const name of ['Bea', 'Chidi']) people[name] = await stage.guest(ada, name);
  await ada.page.evaluate(
    async ([board, name]) => {
      const members = await (await fetch('/1/boards/' + board[0] + '/members')).json();
      const { id } = members.find((one) => one.fullName === name);
      await fetch(`/1/boards/${board[1]}/members/${id}`, { method: 'PUT' });
    },
    [[garden, greenhouse], 'Bea'],
  );
  for (const person of Object.values(people)) {
    await person.goToBoard(garden);
    await person.card('Turn the compost').click();
    await person.page.getByText('Bring gloves and a fork.').waitFor();
  }
  const { Bea: bea, Chidi: chidi } = people;
  await bea.page.getByLabel('Write a comment').fill('I have a fork');
  await ada.goToBoard(garden);
  await ada.card('Turn the compost').locator('a').focus();
  await ada.page.keyboard.press('Shift+M');
  await moveTo(ada, 'Greenhouse', 'Now');
  await chidi.page.getByText('moved to a board that is not shared with you').waitFor();
  await bea.page.getByText('This card was moved to “Greenhouse”.').waitFor();
  await bea.page.getByRole('button', { name: 'Open it there' }).click();
  await bea.page.getByText('Bring gloves and a fork.').waitFor();
  await bea.sees(() => bea.lists(), ['Now', 'Later']);
  await bea.sees(
    () => bea.page.getByLabel('Write a comment').inputValue(),
    'I have a fork',
  );
});

test('what was written without a network in a card that moved is kept as a draft', async (t) => {
  const { stage, ada, garden } = await newBoards(t);
  const bea = await stage.guest(ada, 'Bea');
  await bea.mayGoOffline();
  const page = await bea.goToBoard(garden);
  await bea.card('Repair the wheelbarrow').click();
  await page.getByText('The axle is bent').waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.locator('.cm-content').click();
  await bea.setOffline(true);
  await page.keyboard.insertText('What I know of axles. ');
  await ada.goToBoard(garden);
  await ada.card('Repair the wheelbarrow').locator('a').focus();
  await ada.page.keyboard.press('Shift+M');
  await moveTo(ada, 'Greenhouse', 'Now');
  await ada.live();
  await bea.setOffline(false);
  await page.getByText('moved to a board that is not shared with you').waitFor();
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('What I know of axles.').waitFor();
});

test('a move that was not sent yet is taken back as if it had not been', async (t) => {
  const { ada, garden, greenhouse } = await newBoards(t);
  await ada.mayGoOffline();
  const page = await ada.goToBoard(garden);
  const before = await ada.cards('Doing');
  await ada.card('Turn the compost').locator('a').focus();
  await page.keyboard.press('Shift+M');
  const board = picker(ada).getByLabel('Board');
  await board.selectOption({ label: 'Greenhouse' });
  await ada.setOffline(true);
  await picker(ada).getByRole('button', { name: 'Move' }).click();
  await ada.sees(
    () => ada.cards('Doing'),
    before.filter((name) => name !== 'Turn the compost'),
  );
  await page.keyboard.press('Control+z');
  await ada.sees(() => ada.cards('Doing'), before);
  await ada.setOffline(false);
  await ada.live();
  await ada.goToBoard(greenhouse);
  assert.deepEqual(await ada.cards('Now'), ['Wash the panes']);
});

test('all cards of a list go to another board', async (t) => {
  const { ada, garden, greenhouse } = await newBoards(t);
  const page = await ada.goToBoard(garden);
  const ideas = await ada.cards('Ideas');
  await ada.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
  await page.locator('.menu').getByRole('button', { name: 'Move all cards …' }).click();
  await page.locator('.menu').getByRole('button', { name: 'Another board …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move all cards to' });
  await dialog.getByLabel('List').selectOption({ label: 'Later' });
  await dialog.getByRole('button', { name: 'Move' }).click();
  await page.getByText(`Moved ${ideas.length} cards to “Greenhouse”`).first().waitFor();
  await ada.sees(() => ada.cards('Ideas'), []);
  await ada.live();
  await page.keyboard.press('Control+z');
  await ada.sees(() => ada.cards('Ideas'), ideas);
  await ada.goToBoard(greenhouse);
  await ada.sees(() => ada.cards('Later'), []);
});

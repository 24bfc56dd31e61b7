// Finding cards: operators in the board's filter, and other boards in the palette.

import test from 'node:test';
import { newStage } from './lib/stage.mjs';

const shown = (person) => person.page.locator('.lists .card .face-name').allTextContents();

test('the filter understands operators', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const all = await shown(ada);
  const field = ada.page.getByLabel('Filter cards');
  await field.fill('BÉNCH');
  await ada.sees(() => shown(ada), ['A bench in the shade']);
  await field.fill('list:ideas -bench');
  const ideas = await ada.cards('Ideas');
  await ada.sees(async () => (await shown(ada)).includes('A bench in the shade'), false);
  await field.fill('list:ideas');
  await ada.sees(async () => (await shown(ada)).length > ideas.length, true);
  await ada.card('A bench in the shade').locator('a').focus();
  await ada.page.keyboard.press(' '); // joins it
  await field.fill('@me "in the shade"');
  await ada.sees(() => shown(ada), ['A bench in the shade']);
  await ada.page.reload();
  await ada.sees(() => shown(ada), ['A bench in the shade']);
  await field.fill('');
  await ada.sees(() => shown(ada), all);
});

test('the filter shows the cards of a list in the order asked for', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await ada.openBoard();
  const due = { Late: '2030-03-01', Soon: '2030-01-01', Never: null, Then: '2030-02-01' };
  await page.evaluate(async (due) => {
    const post = async (path, json) => {
      const headers = { 'content-type': 'application/json' };
      const sent = await fetch(path, { method: 'POST', headers, body: JSON.stringify(json) });
      return await sent.json();
    };
    const [board] = await (await fetch('/1/members/me/boards?fields=id')).json();
    const list = await post('/1/lists', { name: 'Dates', idBoard: board.id, pos: 'bottom' });
    for (const [name, date] of Object.entries(due))
      await post('/1/cards', { name, idList: list.id, due: date, pos: 'bottom' });
  }, due);
  await ada.sees(() => ada.cards('Dates'), ['Late', 'Soon', 'Never', 'Then']);
  const field = page.getByLabel('Filter cards');
  await field.fill('sort:due');
  await ada.sees(() => ada.cards('Dates'), ['Soon', 'Then', 'Late', 'Never']);
  await field.fill('-list:ideas sort:-due has:due');
  await ada.sees(() => ada.cards('Dates'), ['Late', 'Then', 'Soon']);
  await field.fill('');
  await ada.sees(() => ada.cards('Dates'), ['Late', 'Soon', 'Never', 'Then']);
});

test('the palette finds cards and boards elsewhere', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const made = await ada.page.evaluate(async () => {
    const post = async (path, json) => {
      const headers = { 'content-type': 'application/json' };
      const sent = await fetch(path, { method: 'POST', headers, body: JSON.stringify(json) });
      return await sent.json();
    };
    const board = await post('/1/boards', { name: 'Workshop', defaultLists: false });
    const list = await post('/1/lists', { name: 'Doing', idBoard: board.id });
    return await post('/1/cards', { name: 'Varnish the lathe', idList: list.id });
  });
  await ada.page.keyboard.press('Control+k');
  await ada.page.getByRole('combobox').fill('varn');
  const found = ada.page.getByRole('option', { name: /Varnish the lathe/ });
  await found.getByText('Workshop').waitFor();
  await found.click();
  await ada.page.locator('.card-title', { hasText: 'Varnish the lathe' }).waitFor();
  await ada.page.waitForURL(new RegExp(`/c/${made.shortLink}`));
  await ada.page.keyboard.press('Escape');
  await ada.page.keyboard.press('Control+k');
  await ada.page.getByRole('combobox').fill('bench');
  await ada.page.getByRole('option', { name: /A bench in the shade/ }).click();
  await ada.page.locator('.card-title', { hasText: 'A bench in the shade' }).waitFor();
});

test('the palette understands operators and the order asked for', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.openBoard();
  const names = await ada.page.evaluate(async () => {
    const [board] = await (await fetch('/1/members/me/boards?fields=id')).json();
    const query = 'query=has:due+sort:-due&modelTypes=cards&card_fields=name&cards_limit=30';
    const found = await fetch(`/1/search?${query}&idBoards=${board.id}`);
    return (await found.json()).cards.map((card) => card.name);
  });
  await ada.page.keyboard.press('Control+k');
  await ada.page.getByRole('combobox').fill('has:due sort:-due');
  await ada.sees(() => ada.page.locator('.found li span').allTextContents(), names);
});

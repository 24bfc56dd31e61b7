// Who else is here: on the board, on a card, writing, dragging.

import assert from 'node:assert/strict';
import test from 'node:test';
import { drag, newStage } from './lib/stage.mjs';

async function two(t) {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const bea = await stage.guest(ada, 'Bea Lind');
  await Promise.all([ada.openBoard(), bea.openBoard()]);
  return { stage, ada, bea };
}

const here = ({ page }) => page.getByRole('group', { name: /^Here now/ });

/** What stands on a card's face, made by a rule. */
const mark = (person, name, part = '::after', of = '.face') =>
  person.card(name).evaluate(
    (card, [element, pseudo]) => {
      const found = element === '' ? card : card.querySelector(element);
      return getComputedStyle(found, pseudo).content.replace(/^"|".*$/g, '');
    },
    [of, part],
  );

/** The text in front of somebody's caret in the open editor; undefined: it is not shown. */
const beforeCaret = ({ page }) =>
  page.evaluate(() => {
    const host = document.querySelector('.writer .editor');
    const caret = host?.shadowRoot?.querySelector('.cm-other');
    if (!caret) return undefined;
    const content = host.shadowRoot.querySelector('.cm-content');
    const range = document.createRange();
    range.setStart(content, 0);
    range.setEndBefore(caret);
    return range.toString();
  });

async function write(person, name) {
  const { page } = person;
  await person.card(name).click();
  await page.getByRole('button', { name: /^(Edit|Write)$/ }).click();
  await page.locator('.cm-content').waitFor();
}

test('who comes and goes is seen above the board, and nobody sees themselves', async (t) => {
  const { stage, ada, bea } = await two(t);
  await ada.sees(() => here(ada).getAttribute('aria-label'), 'Here now: Bea Lind');
  await bea.sees(() => here(bea).locator('[data-here]').count(), 1);
  await ada.isAccessible('a board with somebody on it');
  const again = await bea.context.newPage(); // a second tab is nobody new
  await again.goto(bea.page.url());
  await again.locator('.lists .card').first().waitFor();
  await bea.page.reload();
  await bea.page.locator('.lists .card').first().waitFor();
  await bea.sees(() => here(bea).locator('[data-here]').count(), 1);
  await ada.sees(() => here(ada).locator('[data-here]').count(), 1);
  await bea.context.close();
  stage.people.splice(stage.people.indexOf(bea), 1);
  await ada.sees(() => here(ada).count(), 0);
});

test('the card that somebody has open is marked, and says who writes', async (t) => {
  const { ada, bea } = await two(t);
  const name = 'A bench in the shade';
  await ada.sees(() => mark(ada, name), 'none');
  await bea.card(name).click();
  await ada.sees(() => mark(ada, name), 'BL');
  await ada.card(name).click();
  const line = ada.page.locator('.card-here');
  await line.getByText('Bea Lind is here too').waitFor();
  await bea.page.getByRole('button', { name: /^(Edit|Write)$/ }).click();
  await line.getByText('Bea Lind is writing').waitFor();
  await ada.isAccessible('a card in which somebody writes');
  await bea.page.locator('.writer').getByRole('button', { name: 'Done' }).click();
  await line.getByText('Bea Lind is here too').waitFor();
  await bea.page.locator('.comment-writer textarea').first().fill('I mean');
  await line.getByText('Bea Lind is writing').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.sees(() => mark(ada, name), 'BL …');
  await bea.page.keyboard.press('Control+Enter');
  await ada.sees(() => mark(ada, name), 'BL');
  await bea.page.keyboard.press('Escape');
  await ada.sees(() => mark(ada, name), 'none');
});

test("others' carets stand where they write, and move with the text", async (t) => {
  const { ada, bea } = await two(t);
  const name = 'A bench in the shade';
  await write(ada, name);
  await ada.page.keyboard.press('Control+A');
  await ada.page.keyboard.insertText('one two three');
  await ada.live();
  await write(bea, name);
  await bea.page.keyboard.press('Control+Home');
  await ada.sees(() => beforeCaret(ada), '');
  for (let i = 0; i < 4; i += 1) await bea.page.keyboard.press('ArrowRight');
  await ada.sees(() => beforeCaret(ada), 'one ');
  for (const letter of 'and ') await bea.page.keyboard.type(letter);
  await ada.sees(() => beforeCaret(ada), 'one and ');
  await ada.page.keyboard.press('Control+Home');
  await ada.page.keyboard.insertText('zero ');
  await ada.sees(() => beforeCaret(ada), 'zero one and ');
  await bea.sees(() => beforeCaret(bea), 'zero ');
  await ada.page.locator('.writer').getByRole('button', { name: 'Done' }).click();
  await bea.sees(() => beforeCaret(bea), undefined);
  await ada.agreesWith(bea);
});

test('where somebody drags a card is outlined until it falls', async (t) => {
  const { ada, bea } = await two(t);
  const name = 'A bench in the shade';
  const target = 'Keys for the new members';
  await drag(bea.page, bea.card(name), bea.card(target), { y: 0.9, drop: false });
  await ada.sees(
    () => ada.card(name).evaluate((card) => getComputedStyle(card).opacity),
    '0.45',
  );
  await ada.sees(() => mark(ada, target, '::after', ''), 'BL');
  await bea.page.keyboard.press('Escape');
  await ada.sees(() => ada.card(name).evaluate((card) => getComputedStyle(card).opacity), '1');
  await ada.sees(() => mark(ada, target, '::after', ''), 'none');
  await bea.page.mouse.up();
});

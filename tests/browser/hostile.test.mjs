// Text that means harm, in every place where people write text: it is shown, and it is only text.

import assert from 'node:assert/strict';
import test from 'node:test';
import { hostile } from './lib/hostile.mjs';
import { newStage } from './lib/stage.mjs';

const id = (kind, number) => `6560aa${kind}${number.toString(16).padStart(16, '0')}`;

/** As Trello exports it: each string is a card, its description, a label, and a list's name, as
 * long as there may be lists. */
function boardOf(strings, lists = strings.length) {
  return {
    id: id('00', 1),
    name: strings[0],
    desc: '',
    closed: false,
    prefs: {},
    lists: strings.slice(0, lists).map((name, i) => ({
      id: id('01', i),
      name,
      closed: false,
      pos: 1000 * (i + 1),
    })),
    labels: strings.map((name, i) => ({
      id: id('02', i),
      name,
      color: 'red',
      idBoard: id('00', 1),
    })),
    cards: strings.map((name, i) => ({
      id: id('03', i),
      idList: id('01', i % lists),
      idLabels: [id('02', i)],
      idMembers: [],
      name,
      desc: name,
      closed: false,
      pos: 1000 * (i + 1),
    })),
    members: [],
    memberships: [],
    checklists: [],
    actions: [],
    customFields: [],
  };
}

/** Whatever happened that text must not make happen. */
async function harm(page) {
  return await page.evaluate(() => ({
    harmed: window.harmed,
    polluted: {}.harmed,
    violations: window.violations,
    path: location.origin,
    strange: document.querySelectorAll(
      'iframe, object, embed, base, form[action], style, math, video, img:not([src^="/"])',
    ).length,
    scripts: document.querySelectorAll('body script:not([src^="/assets/"])').length,
  }));
}

async function begin(t) {
  const stage = await newStage(t);
  const ada = await stage.admin();
  await ada.context.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      window.violations.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  const none = {
    harmed: undefined,
    polluted: undefined,
    violations: [],
    path: stage.origin,
    strange: 0,
    scripts: 0,
  };
  return { ada, none };
}

test('hostile names of cards, lists, labels and boards are text', async (t) => {
  assert.ok(hostile.length >= 200, `${hostile.length} strings`);
  const { ada, none } = await begin(t);
  const { page } = ada;
  const board = await ada.importBoard(boardOf(hostile));
  await ada.goToBoard(board);
  const stored = await page.evaluate(async (key) => {
    const read = async (path) => await (await fetch(`/1/boards/${key}/${path}`)).json();
    const names = async (kind) =>
      Object.fromEntries((await read(`${kind}`)).map((one) => [one.id, one.name]));
    return [await names('lists'), await names('cards'), await names('labels')];
  }, board);
  await ada.sees(() => page.locator('.lists .face-name').count(), hostile.length); // in portions
  const shown = await page.evaluate(() => {
    const texts = [...document.querySelectorAll('.lists > .list')].map((list) => [
      list.querySelector('.list-name').textContent,
      list.querySelector('.face-name').textContent,
      list.querySelector('.hue').textContent,
    ]);
    const parts = document.querySelectorAll('.grip *, .face-name *, .hue > * > *, .board-name *');
    return { texts, parts: parts.length };
  });
  assert.equal(shown.parts, 0, 'no element was made of a name');
  assert.equal(shown.texts.length, hostile.length);
  const sorted = (texts) => [...texts].sort();
  const column = (number) => sorted(shown.texts.map((row) => row[number]));
  for (const [number, kind] of stored.entries())
    assert.deepEqual(column(number), sorted(Object.values(kind)));
  assert.deepEqual(column(1), sorted(hostile), 'as they were written, to the last character');
  assert.deepEqual(await harm(page), none);

  const wrong = await page.evaluate(
    async ([key, names]) => {
      const missed = [];
      for (const name of names) {
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ name });
        const answer = await fetch(`/1/boards/${key}`, { method: 'PUT', headers, body });
        const { name: now } = await answer.json();
        const until = performance.now() + 5000;
        const seen = () => document.querySelector('.bar .board-name').textContent === now;
        while (!seen() && performance.now() < until)
          await new Promise((resolve) => requestAnimationFrame(resolve));
        if (!seen() || now !== name || !document.title.endsWith(' - Tavla')) missed.push(name);
      }
      return missed;
    },
    [board, hostile],
  );
  assert.deepEqual(wrong, []);
  assert.deepEqual(await harm(page), none);
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Archived cards' }).click();
  await page.keyboard.press('Escape');
  await page.locator('.card a').first().focus();
  for (const key of ['l', 'Shift+M', 'f', 'Control+k']) {
    await page.keyboard.press(key);
    await page.locator('dialog').waitFor();
    assert.deepEqual(await harm(page), none, key);
    await page.keyboard.press('Escape');
    await ada.sees(() => page.locator('dialog').count(), 0);
  }
  await page.goto(`${none.path}/`);
  await page.locator('.tile a').first().waitFor();
  assert.equal(await page.locator('.tile-name *').count(), 0);
  assert.deepEqual(await harm(page), none);
});

test('hostile descriptions are opened one by one, and are text', async (t) => {
  const { ada, none } = await begin(t);
  const { page } = ada;
  const board = await ada.importBoard(boardOf(hostile, 4));
  await ada.goToBoard(board);
  const found = await page.evaluate(async () => {
    const links = [...document.querySelectorAll('a.face')];
    const paths = links.map((link) => [link.pathname, link.textContent.slice(0, 60)]);
    const known = /^(?:P|BR|HR|A|EM|STRONG|DEL|CODE|PRE|UL|OL|LI|H[1-6]|BLOCKQUOTE|INPUT|DIV)$/;
    const tables = /^(?:TABLE|THEAD|TBODY|TR|TH|TD)$/;
    const allowed =
      'href rel target title class start type checked disabled aria-label tabindex scope';
    const attributes = new Set(allowed.split(' '));
    const strange = (one) =>
      !(known.test(one.tagName) || tables.test(one.tagName)) ||
      [...one.attributes].some(({ name }) => !attributes.has(name)) ||
      (one.tagName === 'A' && !/^(?:https?|mailto):$/.test(one.protocol));
    const until = async (condition) => {
      const end = performance.now() + 10_000;
      while (!condition() && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 4));
      return condition();
    };
    const go = (path) => {
      history.pushState(null, '', path);
      dispatchEvent(new PopStateEvent('popstate'));
    };
    const home = location.pathname;
    const wrong = [];
    let opened = 0;
    for (const [path, name] of paths) {
      go(path);
      const markdown = () => document.querySelector('.card-modal .markdown');
      if (!(await until(() => markdown() !== null))) wrong.push(['not shown', name]);
      const parts = [...(markdown()?.querySelectorAll('*') ?? [])];
      const bad = parts.filter(strange).map((one) => one.outerHTML.slice(0, 100));
      if (bad.length > 0) wrong.push([bad, name]);
      opened += 1;
      go(home);
      if (!(await until(() => markdown() === null))) wrong.push(['not closed', name]);
    }
    return { wrong, opened };
  });
  assert.deepEqual(found.wrong, []);
  assert.equal(found.opened, hostile.length);
  assert.deepEqual(await harm(page), none);
});

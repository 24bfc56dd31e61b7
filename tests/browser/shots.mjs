// shots.mjs - pictures of every page for people: node shots.mjs FOLDER [names...]
//
// 1440, 768 and 390 pixels wide, light and dark. A name is a scene, a part of one picture's name
// after a slash ("card/390", "board/1440-dark"), or nothing for all. README shows some of them from
// static/shots. The letters are the ones that fontconfig gives for system-ui.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, tavla } from '../socket/lib/server.js';
import { browser, drag, newStage, Person } from './lib/stage.mjs';

const [folder = 'shots', ...only] = process.argv.slice(2);
const SIZES = [
  [1440, 900],
  [768, 1024],
  [390, 844],
];
const PHONE = 600;
const BOARDS = [
  ['Harvest supper', 'orange'],
  ['Greenhouse', 'lime'],
  ['Committee', 'blue'],
  ['Seed exchange', 'purple'],
  ['Web page and newsletter', 'sky'],
];

/** What a test would give: here the end is at the end. */
const ends = [];
const run = { after: (fn) => ends.push(fn) };
const stage = await newStage(run);

/* -- the world of the pictures */

/** Something new on the server, or changed there, as `person`. */
async function rest(person, method, path, body) {
  const { status, text } = await person.page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    },
    [method, path, body],
  );
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text);
}

function link(name) {
  const made = tavla(['link', '--name', name, '--data', stage.server.data]);
  return `${made.stdout}${made.stderr}`.match(/(\S+\/link\/\S+)/)[1];
}

const CREW = {
  'Bea Lindqvist': ['Turn the compost', 'Sow tomatoes', 'A bed for wild bees', 'Pay the insurance'],
  'Chidi Okoro': ['Turn the compost', 'Sharpen spades', 'Delivery of the', 'Clean the tool shed'],
  'Dana Weiss': ['Prune the apple', 'Answer from the town', 'Open day', 'Water plan'],
};

async function world() {
  const admin = await stage.admin();
  const [{ id: garden }] = await rest(admin, 'GET', '/1/members/me/boards?fields=id');
  const cards = await rest(admin, 'GET', `/1/boards/${garden}/cards?fields=id,name`);
  const put = (id, name) => {
    const card = cards.find((one) => one.name.startsWith(name));
    return rest(admin, 'POST', `/1/cards/${card.id}/idMembers`, { value: id });
  };
  for (const [name, theirs] of Object.entries(CREW)) {
    const person = await stage.guest(admin, name);
    const { id } = await rest(person, 'GET', '/1/members/me');
    for (const one of theirs) await put(id, one);
  }
  for (const [name, background] of BOARDS)
    await rest(admin, 'POST', '/1/boards', { name, prefs_background: background });
  const { id: bare } = await rest(admin, 'POST', '/1/boards', {
    name: 'An empty one',
    defaultLists: false,
  });
  await rest(admin, 'PUT', `/1/boards/${bare}`, { closed: true });
  const observer = await stage.guest(admin, 'Eve Moreau', { role: 'observer' });
  const newcomer = await stage.person(link('Nils Berg'));
  const importer = await stage.person(link('Ida Holm'));
  const beginner = await stage.person(link('Jo Falk'));
  const { id: empty } = await rest(beginner, 'POST', '/1/boards', {
    name: 'Balcony',
    defaultLists: false,
  });
  const state = (person) => person.context.storageState();
  return {
    empty,
    states: {
      admin: await state(admin),
      observer: await state(observer),
      newcomer: await state(newcomer),
      beginner: await state(beginner),
      importer: await state(importer),
      nobody: { cookies: [], origins: [] },
    },
  };
}

/* -- scenes: who sees what */

const on = (name, key, wait = 'dialog.picker') => async (person) => {
  await person.openBoard();
  await person.card(name).locator('a').focus();
  await person.page.keyboard.press(key);
  await person.page.locator(wait).waitFor();
};

const panel = (key) => async (person) => {
  await person.openBoard();
  await person.page.locator('body').press(key);
  await person.page.locator('dialog').waitFor();
};

const opened = (name) => async (person) => {
  await person.openBoard();
  await person.card(name).locator('a').click();
  await person.page.locator('.card-modal .section-head').first().waitFor();
};

const address = (path) => async (person) => {
  await person.page.goto(stage.origin + path);
};

async function dropExport(person) {
  await person.page.locator('input[type=file]').setInputFiles({
    name: 'garden.json',
    mimeType: 'application/json',
    buffer: readFileSync(join(ROOT, 'tests/fixtures/trello/garden.json')),
  });
}

/** Hills under a sky, painted by the page, put on the card: -> the attachment's id. */
const paint = (person, card, sky, hills) =>
  person.page.evaluate(
    async ([card, sky, hills]) => {
      const canvas = new OffscreenCanvas(640, 400);
      const pen = canvas.getContext('2d');
      const fill = pen.createLinearGradient(0, 0, 0, 400);
      fill.addColorStop(0, sky);
      fill.addColorStop(1, 'white');
      pen.fillStyle = fill;
      pen.fillRect(0, 0, 640, 400);
      hills.forEach((hill, i) => {
        pen.fillStyle = hill;
        pen.beginPath();
        pen.ellipse(120 + 200 * i, 430 + 20 * i, 320, 220 - 30 * i, 0, 0, 7);
        pen.fill();
      });
      const form = new FormData();
      form.set('file', await canvas.convertToBlob({ type: 'image/png' }), 'hills.png');
      const to = { method: 'POST', body: form };
      return (await (await fetch(`/1/cards/${card}/attachments`, to)).json()).id;
    },
    [card, sky, hills],
  );

/** Two cards with a picture over the whole of them, one dark and one light; the picker of one. */
async function pictures(person) {
  const [{ id: garden }] = await rest(person, 'GET', '/1/members/me/boards?fields=id');
  const cards = await rest(person, 'GET', `/1/boards/${garden}/cards?fields=id,name,cover`);
  const looks = [
    ['A bench in the shade', 'dark', '#10305c', ['#0b3b2a', '#14573c', '#0d2f3d']],
    ['Sow tomatoes', 'light', '#cfe8ff', ['#c6e6b4', '#e4efc2', '#d3ead0']],
  ];
  const done = [];
  for (const [name, brightness, sky, hills] of looks) {
    const { id, cover } = cards.find((one) => one.name.startsWith(name));
    const idAttachment = await paint(person, id, sky, hills);
    const look = { idAttachment, color: null, size: 'full', brightness };
    await rest(person, 'PUT', `/1/cards/${id}`, { cover: look });
    done.push(() => rest(person, 'PUT', `/1/cards/${id}`, { cover: cover?.color ? cover : '' }));
    done.push(() => rest(person, 'DELETE', `/1/cards/${id}/attachments/${idAttachment}`));
  }
  await opened('Sow tomatoes')(person);
  await person.page.getByRole('button', { name: 'Cover', exact: true }).click();
  await person.page.locator('.pictures img').evaluate((image) => image.decode());
  return async () => {
    for (const one of done) await one();
  };
}

const scenes = {
  boards: async (person) => {
    for (const name of ['Harvest supper', 'Community garden'])
      await person.page.getByRole('button', { name: `Star ${name} on` }).click();
    await person.page.mouse.move(1, 1);
  },
  closed: async (person) => {
    await person.page.getByRole('button', { name: /closed boards/ }).click();
  },
  board: async (person) => {
    await person.openBoard();
    await person.page.mouse.move(1, 1);
  },
  hover: async (person) => {
    await person.openBoard();
    await person.card('Sow tomatoes').hover();
  },
  focus: async (person) => {
    await person.openBoard();
    await person.page.keyboard.press('ArrowDown');
    await person.page.keyboard.press('ArrowRight');
  },
  nolabels: async (person) => {
    await person.page.evaluate(() => localStorage.setItem('tavla label names', 'off'));
    await person.openBoard();
  },
  card: async (person) => {
    await opened('Water plan for the dry weeks')(person);
    await person.page.locator('.markdown').waitFor();
  },
  cardempty: opened('A bench in the shade'),
  cardold: opened('Answer from the town'),
  editor: async (person) => {
    await opened('Sow tomatoes under glass')(person);
    await person.page.getByRole('button', { name: 'Edit' }).click();
    await person.page.locator('.cm-content').waitFor();
  },
  labels: on('Rain barrel with a pump', 'l'),
  label: async (person) => {
    await scenes.labels(person);
    await person.page.getByRole('button', { name: 'Edit Tools' }).click();
  },
  cover: async (person) => {
    await opened('Delivery of the')(person);
    await person.page.getByRole('button', { name: 'Cover' }).click();
    await person.page.locator('dialog.picker').waitFor();
  },
  pictures,
  dates: on('Repair the wheelbarrow', 'd'),
  members: on('Repair the wheelbarrow', 'm'),
  move: on('Repair the wheelbarrow', 'Shift+M'),
  rename: on('Rain barrel with a pump', 't', '.name-editor'),
  drag: async (person) => {
    const page = await person.openBoard();
    const wide = page.viewportSize().width > 700;
    await drag(
      page,
      person.card('A bed for wild bees'),
      person.card(wide ? 'Collect this' : 'Rain barrel'),
      { drop: false },
    );
    await page.waitForTimeout(250);
  },
  draglist: async (person) => {
    const page = await person.openBoard();
    if (page.viewportSize().width < PHONE) return false;
    await drag(page, person.list('This month').locator('.list-head'), person.list('Ideas'), {
      x: 0.3,
      y: 0.1,
      drop: false,
    });
    return page.waitForTimeout(250);
  },
  composer: async (person) => {
    await person.openBoard();
    await person.list('Ideas').getByRole('button', { name: 'Add a card' }).click();
    await person.page.keyboard.insertText('A shelf for seeds');
  },
  filter: async (person) => {
    await person.openBoard();
    await person.page.keyboard.press('f');
    await person.page.locator('dialog.picker').getByText('Water').click();
    await person.page.keyboard.press('Escape');
  },
  filterpicker: async (person) => {
    await panel('f')(person);
    await person.page.locator('dialog.picker').getByText('Plants').click();
  },
  toast: async (person) => {
    await person.openBoard();
    await person.card('Keys for the new members').locator('a').focus();
    await person.page.keyboard.press('c');
    await person.page.locator('.toast').waitFor();
    await person.page.waitForTimeout(250);
    return async () => {
      await person.page.getByRole('button', { name: 'Undo', exact: true }).last().click();
      await person.live();
    };
  },
  archive: async (person) => {
    await scenes.toast(person);
    await person.page.keyboard.press('Shift+A');
    await person.page.locator('dialog').waitFor();
    return async () => {
      await person.page.getByRole('button', { name: 'Restore' }).click();
      await person.live();
    };
  },
  share: panel('Shift+S'),
  invite: async (person) => {
    await scenes.share(person);
    const invite = person.page.getByRole('region', { name: 'Invite by link' });
    await invite.getByRole('textbox', { name: 'Name' }).fill('Gus Alba');
    await invite.getByRole('combobox', { name: 'Role' }).selectOption('observer');
    await invite.getByRole('button', { name: 'Make a link' }).click();
    await invite.getByRole('textbox', { name: 'Link for Gus Alba' }).waitFor();
    await person.page.getByText('not here yet').first().waitFor();
    return async () => {
      const { id } = (await rest(person, 'GET', '/1/members/me/boards?fields=id,name')).find(
        ({ name }) => name === 'Community garden',
      );
      const members = await rest(person, 'GET', `/1/boards/${id}/members`);
      for (const one of members.filter(({ fullName }) => fullName === 'Gus Alba'))
        await rest(person, 'DELETE', `/1/boards/${id}/members/${one.id}`);
    };
  },
  help: panel('?'),
  menu: panel('w'),
  palette: panel('Control+k'),
  history: async (person) => {
    await panel('Shift+H')(person);
    await person.page.locator('dialog input[type=range]').waitFor();
  },
  work: async (person) => {
    await opened('Turn the compost')(person);
    const { page } = person;
    const { id } = (await rest(person, 'GET', '/1/members/me/boards?fields=id,name')).find(
      ({ name }) => name === 'Community garden',
    );
    const card = (await rest(person, 'GET', `/1/boards/${id}/cards?fields=id,name`)).find(
      ({ name }) => name === 'Turn the compost',
    );
    const list = await rest(person, 'POST', `/1/cards/${card.id}/checklists`, { name: 'In turn' });
    for (const name of ['The old heap', 'The leaf bin', 'Sieve the rest'])
      await rest(person, 'POST', `/1/checklists/${list.id}/checkItems`, {
        name,
        checked: name === 'The old heap' ? 'true' : 'false',
      });
    const said = await rest(person, 'POST', `/1/cards/${card.id}/actions/comments`, {
      text: 'The leaf bin is **dry**: water it first, @chidiokoro.',
    });
    await page.getByText('Sieve the rest').waitFor();
    await page.getByText('water it first').waitFor();
    return async () => {
      await rest(person, 'DELETE', `/1/checklists/${list.id}`);
      await rest(person, 'DELETE', `/1/cards/${card.id}/actions/${said.id}/comments`);
    };
  },
  found: async (person) => {
    await panel('Control+k')(person);
    await person.page.keyboard.insertText('water');
  },
  listmenu: async (person) => {
    await person.openBoard();
    await person.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
    await person.page.locator('dialog.picker').waitFor();
  },
  offline: async (person) => {
    await person.mayGoOffline();
    await person.openBoard();
    await person.setOffline(true);
    await person.card('Turn the compost').locator('a').focus();
    await person.page.keyboard.press('1');
    await person.page.getByText('You are offline').waitFor();
  },
  observer: { who: 'observer', show: async (person) => void (await person.openBoard()) },
  observercard: { who: 'observer', show: opened('Water plan') },
  empty: { who: 'newcomer', show: async () => undefined },
  emptyboard: { who: 'beginner', show: (person, { empty }) => address(`/b/${empty}`)(person) },
  importing: {
    who: 'importer',
    show: async (person) => {
      await person.page.route('**/1/boards/import/*', (route) =>
        route.fulfill({
          json: { state: 'importing', bytes: 71_300_000, total: 104_857_600, objects: 48_211 },
        }),
      );
      await dropExport(person);
      await person.page.getByText('Importing').waitFor();
    },
  },
  imported: {
    who: 'importer',
    show: async (person) => {
      await dropExport(person);
      await person.page.getByText('Report', { exact: true }).click();
    },
  },
  refused: {
    who: 'importer',
    show: async (person) => {
      await person.page.locator('input[type=file]').setInputFiles({
        name: 'recipes.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"hello":1}'),
      });
      await person.page.getByRole('alert').waitFor();
    },
  },
  signedout: { who: 'nobody', show: address('/') },
  signedoutboard: { who: 'nobody', show: address('/b/abcdefgh') },
  missing: address('/nowhere'),
  nocard: address('/c/abcdefgh'),
  link: { who: 'nobody', show: (person) => person.page.goto(link('Otto Vik')) },
  linkused: { who: 'nobody', show: address('/link/abcdefghijklmnopqrstuvwx') },
};

/* -- taking them */

const wants = (name, width, scheme) =>
  only.length === 0 ||
  only.some((one) => {
    const [scene, rest = ''] = one.split('/');
    return (scene === name || scene === '') && `${width}-${scheme}`.includes(rest);
  });

async function take(scene, name, [width, height], colorScheme, found) {
  const { who = 'admin', show = scene } = scene;
  const context = await (await browser()).newContext({
    viewport: { width, height },
    colorScheme,
    storageState: found.states[who],
    locale: 'en-GB',
    deviceScaleFactor: 1,
    hasTouch: width < PHONE,
  });
  const person = new Person(stage, context, await context.newPage());
  try {
    if (who !== 'nobody') {
      await person.page.goto(`${stage.origin}/`);
      await person.page.locator('.ways').waitFor();
    }
    const after = await show(person, found);
    if (after === false) return;
    await person.page.waitForLoadState('networkidle');
    await person.page.waitForTimeout(200);
    await person.page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
    if (typeof after === 'function') await after();
    if (person.wrong.length > 0) console.log(name, person.wrong);
  } catch (error) {
    console.log(`${name} ${width} ${colorScheme}: ${error.message.split('\n')[0]}`);
    process.exitCode = 1;
  } finally {
    await context.close();
  }
}

mkdirSync(folder, { recursive: true });
const found = await world();
for (const size of SIZES)
  for (const scheme of ['light', 'dark'])
    for (const [name, scene] of Object.entries(scenes))
      if (wants(name, size[0], scheme)) await take(scene, name, size, scheme, found);
for (const end of ends) await end();
await (await browser()).close();

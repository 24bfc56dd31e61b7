// shots.mjs - pictures of every page for people: node shots.mjs FOLDER [names...]
//
// 1440, 768 and 390 pixels wide, light and dark. README shows some of them from static/shots.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { drag, newStage } from './lib/stage.mjs';

const [folder = 'shots', ...only] = process.argv.slice(2);
const SIZES = [
  [1440, 900],
  [768, 1024],
  [390, 844],
];

/** What a test would give: here the end is at the end. */
const ends = [];
const run = { after: (fn) => ends.push(fn) };

const scenes = {
  boards: async () => undefined,
  board: async (person) => person.openBoard(),
  card: async (person) => {
    await person.openBoard();
    await person.card('Water plan for the dry weeks').locator('a').click();
    await person.page.locator('.markdown').waitFor();
  },
  editor: async (person) => {
    await person.openBoard();
    await person.card('Sow tomatoes under glass').locator('a').click();
    await person.page.getByRole('button', { name: 'Edit' }).click();
    await person.page.locator('.cm-content').waitFor();
  },
  labels: async (person) => {
    await person.openBoard();
    await person.card('Rain barrel with a pump').locator('a').focus();
    await person.page.keyboard.press('l');
    await person.page.locator('dialog.picker').waitFor();
  },
  label: async (person) => {
    await scenes.labels(person);
    await person.page.getByRole('button', { name: 'Edit Tools' }).click();
  },
  drag: async (person) => {
    const page = await person.openBoard();
    const wide = page.viewportSize().width > 700;
    await drag(
      page,
      person.card('A bench in the shade'),
      person.card(wide ? 'Collect this' : 'A bed for wild bees'),
      { drop: false },
    );
    await page.waitForTimeout(250);
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
  archive: async (person) => {
    await person.openBoard();
    await person.card('Keys for the new members').locator('a').focus();
    await person.page.keyboard.press('c');
    await person.page.waitForTimeout(300);
  },
  share: (person) => panel(person, 'Shift+S'),
  invite: async (person) => {
    await panel(person, 'Shift+S');
    const invite = person.page.getByRole('region', { name: 'Invite by link' });
    await invite.getByRole('textbox', { name: 'Name' }).fill('Bea Lindqvist');
    await invite.getByRole('combobox', { name: 'Role' }).selectOption('observer');
    await invite.getByRole('button', { name: 'Make a link' }).click();
    await invite.getByRole('textbox', { name: 'Link for Bea Lindqvist' }).waitFor();
    await person.page.getByText('not here yet').first().waitFor();
  },
  help: (person) => panel(person, '?'),
  menu: (person) => panel(person, 'w'),
  palette: (person) => panel(person, 'Control+k'),
  listmenu: async (person) => {
    await person.openBoard();
    await person.list('Ideas').getByRole('button', { name: 'Actions of the list' }).click();
    await person.page.locator('dialog.picker').waitFor();
  },
  dates: async (person) => {
    await person.openBoard();
    await person.card('Rain barrel with a pump').locator('a').focus();
    await person.page.keyboard.press('d');
    await person.page.locator('dialog.picker').waitFor();
  },
};

async function panel(person, key) {
  await person.openBoard();
  await person.page.locator('body').press(key);
  await person.page.locator('dialog').waitFor();
}

mkdirSync(folder, { recursive: true });
const stage = await newStage(run);
const admin = await stage.admin();
const storageState = await admin.context.storageState();
const { Person } = await import('./lib/stage.mjs');
for (const [width, height] of SIZES) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, scene] of Object.entries(scenes)) {
      if (
        only.length > 0 &&
        !only.includes(name) &&
        !only.includes(`${name}-${width}-${colorScheme}`)
      )
        continue;
      const context = await stage.browser.newContext({
        viewport: { width, height },
        colorScheme,
        storageState,
        locale: 'en-GB',
        deviceScaleFactor: 1,
      });
      const person = new Person(stage, context, await context.newPage());
      await person.page.goto(`${stage.server.origin}/`);
      await person.page.locator('.tile').first().waitFor();
      await scene(person);
      await person.page.waitForTimeout(250);
      await person.page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
      if (person.wrong.length > 0) console.log(name, person.wrong);
      await context.close();
    }
  }
}
for (const end of ends) await end();

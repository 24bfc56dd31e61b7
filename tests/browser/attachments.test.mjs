// Attachments of an open card: chosen, dropped and pasted, shown to others, made a cover, renamed,
// deleted and brought back.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newStage } from './lib/stage.mjs';

/** A red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

async function openCard(person) {
  const page = await person.openBoard();
  await person.card('A bench in the shade').click();
  await page.locator('.card-modal').waitFor();
  return page;
}

const names = (page) => () => page.locator('.attachment .grow > a').allTextContents();
const undo = (page) => page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();

/** Files as a drop or a paste brings them. */
async function give(page, what, name, type, bytes) {
  await page.evaluate(
    ([event, fileName, mime, base64]) => {
      const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([content], fileName, { type: mime }));
      const more = { bubbles: true, cancelable: true, composed: true };
      document.activeElement.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { ...more, dataTransfer: data })
          : new ClipboardEvent('paste', { ...more, clipboardData: data }),
      );
    },
    [what, name, type, bytes.toString('base64')],
  );
}

test('files are chosen, dropped, pasted, shown, renamed, deleted, brought back', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Attachment', exact: true }).click();
  await page.locator('.attachment-adder input[type=file]').setInputFiles([
    { name: 'plan ä.png', mimeType: 'image/png', buffer: PNG },
    { name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.alloc(1_500_000, 'a') },
  ]);
  await ada.sees(names(page), ['plan ä.png', 'list.csv']);
  await page.getByText('1.5 MB').waitFor();
  const thumb = page.locator('.thumb img');
  await thumb.evaluate((image) => image.decode());
  assert.equal(await thumb.evaluate((image) => image.naturalWidth), 1);
  await give(page, 'drop', 'dropped.txt', 'text/plain', Buffer.from('x'));
  await ada.sees(names(page), ['plan ä.png', 'list.csv', 'dropped.txt']);
  await give(page, 'paste', 'image.png', 'image/png', PNG);
  await ada.sees(names(page), ['plan ä.png', 'list.csv', 'dropped.txt', 'image.png']);

  await page.getByRole('button', { name: 'Rename list.csv' }).click();
  await page.keyboard.insertText('Shopping');
  await page.keyboard.press('Enter');
  await ada.sees(names(page), ['plan ä.png', 'Shopping', 'dropped.txt', 'image.png']);
  await page.getByRole('button', { name: 'Delete dropped.txt' }).click();
  await ada.sees(names(page), ['plan ä.png', 'Shopping', 'image.png']);
  await undo(page);
  await ada.sees(names(page), ['plan ä.png', 'Shopping', 'dropped.txt', 'image.png']);
  const download = await page.evaluate(async () => {
    const link = document.querySelectorAll('.attachment .grow > a')[2];
    const answer = await fetch(link.href);
    return [await answer.text(), answer.headers.get('content-disposition')];
  });
  assert.deepEqual(download, ['x', "attachment; filename*=UTF-8''dropped.txt"]);

  await page.getByRole('button', { name: 'Cover: plan ä.png' }).click();
  await ada.hasPicture(page.locator('.card-cover img'));
  await ada.isAccessible('a card with attachments');
  await ada.live();
  await page.getByRole('button', { name: 'Close the card' }).click();
  const face = ada.card('A bench in the shade');
  await face.locator('[title="4 attachments"]').waitFor();
  await ada.hasPicture(face.locator('img.cover'));
});

test('a picture is chosen as cover, over the whole card, its words readable', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await openCard(ada);
  const picker = page.locator('dialog.picker');
  const openPicker = () => page.getByRole('button', { name: 'Cover', exact: true }).click();
  await openPicker();
  await picker.getByText('Colour', { exact: true }).waitFor();
  assert.equal(await picker.getByText('Picture', { exact: true }).count(), 0);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Attachment', exact: true }).click();
  await page.locator('.attachment-adder input[type=file]').setInputFiles([
    { name: 'red.png', mimeType: 'image/png', buffer: PNG },
    { name: 'words.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
  ]);
  await ada.sees(names(page), ['red.png', 'words.txt']);
  await openPicker();
  assert.equal(await picker.locator('.pictures label').count(), 1);
  await picker.getByLabel('red.png').check({ force: true });
  await ada.hasPicture(page.locator('.card-cover img'));
  await picker.getByLabel('Picture on the whole card').check();
  await ada.isAccessible('a cover that is a picture');
  await page.keyboard.press('Escape');
  await ada.live();
  await page.getByRole('button', { name: 'Close the card' }).click();
  const face = ada.card('A bench in the shade');
  const look = () => face.evaluate((card) => card.querySelector('a.face, .face').className.trim());
  await ada.sees(look, 'face full dark');
  await ada.hasPicture(face.locator('img.cover'));

  await face.click();
  await openPicker();
  await picker.getByLabel('Dark words, on a light picture').check();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close the card' }).click();
  await ada.sees(look, 'face full light');
  await page.keyboard.press('Control+z');
  await ada.sees(look, 'face full dark');

  await face.click();
  await openPicker();
  await picker.getByLabel('No cover').check({ force: true });
  await page.locator('.card-cover').waitFor({ state: 'detached' });
});

test('a link is attached, one that is none is not, and deleting it is undone', async (t) => {
  const stage = await newStage(t);
  const ada = await stage.admin();
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Attachment', exact: true }).click();
  const link = page.getByLabel('Address of a link');
  await link.fill('javascript:alert(1)');
  await page.keyboard.press('Enter');
  assert.ok(await link.isVisible());
  await link.fill('https://example.org/benches');
  await page.keyboard.press('Enter');
  await ada.sees(names(page), ['https://example.org/benches']);
  await page.getByText('example.org ·').waitFor();
  await page.getByRole('button', { name: 'Delete https://example.org/benches' }).click();
  await ada.sees(names(page), []);
  await undo(page);
  await ada.sees(names(page), ['https://example.org/benches']);
});

test('a file that is too large says so, and leaves the others alone', async (t) => {
  const stage = await newStage(t, { args: ['--attachment-max', '1'] });
  const ada = await stage.admin();
  ada.offlineIsFine = true; // the answer may come before all of it is sent
  const page = await openCard(ada);
  await page.getByRole('button', { name: 'Attachment', exact: true }).click();
  await page.locator('.attachment-adder input[type=file]').setInputFiles([
    { name: 'huge.bin', mimeType: 'application/x-huge', buffer: Buffer.alloc(3_000_000) },
    { name: 'small.bin', mimeType: 'application/x-small', buffer: Buffer.alloc(3) },
  ]);
  await page.getByText('Not attached: “huge.bin”').waitFor();
  await ada.sees(names(page), ['small.bin']);
  ada.wrong = ada.wrong.filter((text) => !text.includes('413'));
});

// test-files.js - files on cards: what is uploaded comes back, to whom it may, and nothing that a
// browser would run; what breaks off leaves nothing.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Clock, hasClock } from './lib/clock.js';
import { Client, RawConnection, request, requestBytes } from './lib/http.js';
import { newFolder, serve, tavla } from './lib/server.js';
import { newBoard } from './lib/trello.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const DAY_MS = 86_400_000;
const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A form's bytes: [name, content, filename?, type?] for each part. */
function form(parts, boundary = 'tavla-test') {
  const bytes = parts.flatMap(([name, content, filename, type]) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
        (filename === undefined ? '' : `; filename="${filename}"`) +
        (type === undefined ? '' : `\r\nContent-Type: ${type}`) +
        '\r\n\r\n',
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...bytes, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
  };
}

async function stage(t, options) {
  const server = await serve(t, options);
  const { token, idMember } = await server.signIn();
  const client = new Client(server, token);
  const board = await newBoard(client, { lists: ['L'], cards: 1 });
  const [[list], [card]] = [board.lists, board.cards];
  const path = `/1/cards/${card.id}/attachments`;
  const upload = (parts, more = {}) =>
    request(server, { method: 'POST', path, token, ...form(parts), ...more });
  /** Every file under files/, by its path there. */
  const stored = () =>
    readdirSync(join(server.data, 'files'), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => one.name)
      .sort();
  return { server, token, idMember, client, board, list, card, path, upload, stored };
}

/** The path of a download, out of the full address that an attachment has. */
const pathOf = (attachment) => new URL(attachment.url).pathname;

test('a file comes back as it went up, byte for byte', async (t) => {
  const { client, upload, idMember, card, server, token } = await stage(t);
  for (const size of [0, 1, 8191, 262_144, 3_000_001]) {
    const bytes = randomBytes(size);
    const answer = await upload([['file', bytes, `of ${size}.bin`, 'application/x-thing']]);
    assert.equal(answer.status, 200, answer.text);
    const made = answer.json;
    assert.deepEqual(
      [made.name, made.fileName, made.bytes, made.isUpload, made.mimeType, made.idMember],
      [`of ${size}.bin`, `of ${size}.bin`, size, true, 'application/x-thing', idMember],
    );
    assert.ok(made.url.endsWith(`/${made.id}/download/of%20${size}.bin`), made.url);
    const got = await request(server, { path: pathOf(made), token });
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-length'], String(size));
    assert.ok(got.body.equals(bytes));
    assert.equal(got.headers.etag, `"${hashOf(bytes)}"`);
  }
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.attachments, 5);
});

test('fields of the form count: a name, a place, a link instead of a file', async (t) => {
  const { client, upload, path } = await stage(t);
  await upload([['file', 'one', 'one.txt', 'text/plain']]);
  const second = (
    await upload([
      ['name', 'Zwei ä'],
      ['pos', 'top'],
      ['mimeType', 'text/x-two; charset=utf-8'],
      ['file', 'two', '../../etc/C:\\two.txt'],
    ])
  ).json;
  assert.deepEqual(
    [second.name, second.fileName, second.mimeType],
    ['Zwei ä', 'two.txt', 'text/x-two'],
  );
  const link = (await upload([['url', 'https://example.org/'], ['name', 'Link']])).json;
  assert.deepEqual([link.isUpload, link.url], [false, 'https://example.org/']);
  const names = (await client.get(path)).map((one) => one.name);
  assert.deepEqual(names, ['Zwei ä', 'one.txt', 'Link']);
});

test('forms that are none are refused, and leave nothing', async (t) => {
  const { upload, stored, client, path, server, token } = await stage(t);
  const refused = [
    [[['name', 'nothing']], 400],
    [[['file', 'a', 'a'], ['file', 'b', 'b']], 400],
    [[['other', 'a', 'a.txt']], 400],
    [[['file', 'a', 'a'], ['what', 'x']], 400],
    [[['name', Buffer.from([0xff, 0xfe])], ['file', 'a', 'a']], 400],
    [[['name', 'x'.repeat(70_000)], ['file', 'a', 'a']], 413],
    [[['file', 'a', 'a'], ['pos', 'sideways']], 400],
  ];
  for (const [parts, status] of refused) {
    const answer = await upload(parts);
    assert.equal(answer.status, status, `${JSON.stringify(parts[0])}: ${answer.text}`);
  }
  const { body, headers } = form([['file', randomBytes(400_000), 'a']]);
  const cut = await request(server, {
    method: 'POST',
    path,
    token,
    headers,
    body: body.subarray(0, body.length - 10),
  });
  assert.equal(cut.status, 400, cut.text);
  const none = { 'Content-Type': 'multipart/form-data' };
  const bare = await request(server, { method: 'POST', path, token, headers: none, body });
  assert.equal(bare.status, 415);
  assert.deepEqual(await client.get(path), []);
  // drafts go; the one with a place that is none was whole, and is nobody's now
  await until(() => stored().every((name) => name.length === 64));
});

test('only a few images are shown by themselves, whatever is said of a file', async (t) => {
  const { server, token, upload } = await stage(t);
  const shown = [
    ['png', PNG],
    ['jpeg', Buffer.from('ffd8ffe000104a46', 'hex')],
    ['gif', 'GIF89a..........'],
    ['webp', 'RIFF....WEBPVP8 '],
    ['avif', Buffer.from('0000001c6674797061766966', 'hex')],
  ];
  for (const [type, bytes] of shown) {
    const made = (await upload([['file', bytes, `x.${type}`, 'text/html']])).json;
    assert.equal(made.mimeType, `image/${type}`);
    const got = await request(server, { path: pathOf(made), token });
    assert.equal(got.headers['content-type'], `image/${type}`);
    assert.match(got.headers['content-disposition'], /^inline; filename\*=UTF-8''x\./);
    assert.equal(got.headers['content-security-policy'], "sandbox; default-src 'none'");
  }
  const never = [
    ['<!doctype html><script>alert(1)</script>', 'image/png'],
    ['<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', 'image/svg+xml'],
    ['<?xml version="1.0"?>', 'application/xml'],
    ['%PDF-1.7', 'application/pdf'],
    ['GIF8', 'image/gif'],
    ['RIFF....AVI ', 'image/webp'],
    ['text', 'text/html'],
    ['', 'image/png'],
  ];
  for (const [bytes, type] of never) {
    const made = (await upload([['file', bytes, 'ü"\r\nX: y.html', type]])).json;
    assert.notEqual(made.mimeType, 'image/png');
    const got = await request(server, { path: pathOf(made), token });
    assert.equal(got.headers['content-type'], 'application/octet-stream', bytes);
    assert.match(got.headers['content-disposition'], /^attachment; filename\*=UTF-8''[-\w.%]+$/);
    assert.equal(got.headers['x-content-type-options'], 'nosniff');
    assert.equal(got.headers['content-security-policy'], "sandbox; default-src 'none'");
    assert.ok(!('x' in got.headers));
  }
});

test('a picture becomes the cover where that is asked for', async (t) => {
  const { client, card, upload, path } = await stage(t);
  const cover = async () => (await client.get(`/1/cards/${card.id}`)).cover?.idAttachment ?? null;
  await upload([['file', 'no picture', 'a.png'], ['setCover', 'true']]);
  await upload([['file', PNG, 'a.png'], ['setCover', 'false']]);
  assert.equal(await cover(), null);
  const shown = (await upload([['setCover', 'true'], ['file', PNG, 'b.png']])).json;
  assert.equal(await cover(), shown.id);
  await client.delete(`${path}/${shown.id}`);
  assert.equal(await cover(), null);
  assert.equal((await upload([['setCover', 'perhaps'], ['file', PNG, 'c.png']])).status, 400);
});

test('ranges, tags and heads are answered', async (t) => {
  const { server, token, upload } = await stage(t);
  const bytes = randomBytes(500_000);
  const path = pathOf((await upload([['file', bytes, 'a']])).json);
  const get = (headers, more = {}) => request(server, { path, token, headers, ...more });
  const ranges = [
    ['bytes=0-0', 0, 1],
    ['bytes=10-300009', 10, 300_010],
    ['bytes=499999-', 499_999, 500_000],
    ['bytes=-7', 499_993, 500_000],
    ['bytes=-900000', 0, 500_000],
    ['bytes=5-900000', 5, 500_000],
  ];
  for (const [range, from, end] of ranges) {
    const got = await get({ Range: range });
    assert.equal(got.status, 206, range);
    assert.equal(got.headers['content-range'], `bytes ${from}-${end - 1}/500000`);
    assert.equal(got.headers['content-length'], String(end - from));
    assert.ok(got.body.equals(bytes.subarray(from, end)), range);
  }
  for (const range of ['bytes=500000-', 'bytes=-0']) {
    const got = await get({ Range: range });
    assert.deepEqual([got.status, got.headers['content-range']], [416, 'bytes */500000']);
  }
  for (const range of ['bytes=0-1,5-6', 'bytes=9-3', 'bytes=', 'lines=1-2', 'bytes=x-y'])
    assert.equal((await get({ Range: range })).status, 200, range);
  const tag = `"${hashOf(bytes)}"`;
  assert.equal((await get({ Range: 'bytes=0-4', 'If-Range': tag })).status, 206);
  assert.equal((await get({ Range: 'bytes=0-4', 'If-Range': '"other"' })).status, 200);
  const same = await get({ 'If-None-Match': `"x", W/${tag}` });
  assert.deepEqual([same.status, same.headers.etag, same.body.length], [304, tag, 0]);
  const head = await get({}, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length']], [200, '500000']);
});

test('whoever may not see the board gets neither in nor out', async (t) => {
  const { server, client, board, list, upload, path, stored } = await stage(t);
  const other = await client.post('/1/boards', { name: 'Other' });
  const stranger = await server.newMember('stranger', other.id);
  const observer = await server.newMember('observer', board.id, 'observer');
  const normal = await server.newMember('normal', board.id);
  const made = (await upload([['file', PNG, 'a.png']])).json;
  const download = pathOf(made);
  const status = async (token, options) => (await request(server, { token, ...options })).status;
  const send = { method: 'POST', path, ...form([['file', 'secret', 'b']]) };
  const before = stored();
  assert.deepEqual(
    [
      await status(undefined, { path: download }),
      await status(stranger.token, { path: download }),
      await status(observer.token, { path: download }),
      await status(normal.token, { path: download }),
    ],
    [401, 404, 200, 200],
  );
  assert.deepEqual(
    [
      await status(undefined, send),
      await status(stranger.token, send),
      await status(observer.token, send),
    ],
    [401, 404, 403],
  );
  assert.deepEqual(stored(), before, 'nothing is written for whoever may not');
  assert.equal(await status(normal.token, send), 200);
  // a cookie comes along by itself: a page of somebody else's cannot use it
  const forged = await request(server, {
    ...send,
    headers: {
      ...send.headers,
      Cookie: `tavla_session=${normal.token}`,
      Origin: 'https://evil.example',
    },
  });
  assert.ok([401, 403].includes(forged.status), String(forged.status));
  await client.delete(`${path}/${made.id}`);
  assert.equal(await status(normal.token, { path: download }), 404);
  // with another card's path, or another board's card, it is not there either
  const elsewhere = await client.post('/1/cards', {
    name: 'E',
    idList: (await client.get(`/1/boards/${other.id}/lists`))[0].id,
  });
  const [left] = await client.get(path);
  const beside = await client.post('/1/cards', { name: 'B', idList: list.id });
  for (const { id } of [elsewhere, beside]) {
    const wrong = `/1/cards/${id}/attachments/${left.id}`;
    assert.equal((await client.call('GET', `${wrong}/download/b`)).status, 404);
    assert.equal((await client.call('GET', wrong)).status, 404);
    assert.equal((await client.call('PUT', wrong, { name: 'x' })).status, 404);
    assert.equal((await client.call('DELETE', wrong)).status, 404);
  }
});

test('a file that is too large is refused, said or not', async (t) => {
  const { server, token, path, stored, client } = await stage(t, {
    args: ['--attachment-max', '1'],
  });
  const fits = form([['file', randomBytes(1 << 20), 'fits']]);
  assert.equal((await request(server, { method: 'POST', path, token, ...fits })).status, 200);
  const { body, headers } = form([['file', randomBytes((1 << 20) + 1), 'one more']]);
  const said = await request(server, { method: 'POST', path, token, body, headers });
  assert.equal(said.status, 413);
  assert.match(said.text, /larger than 1 MiB/);
  const raw = await RawConnection.open(server);
  t.after(() => raw.close());
  const head = requestBytes({ method: 'POST', path, token, headers, body: '' })
    .toString('latin1')
    .replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
  await raw.send(head);
  for (let at = 0; at < body.length && !raw.isClosed; at += 65_536) {
    const piece = body.subarray(at, at + 65_536);
    await raw.send(`${piece.length.toString(16)}\r\n`);
    await raw.send(piece);
    await raw.send('\r\n');
  }
  assert.equal((await raw.response()).status, 413);
  const length = { ...headers, 'Content-Length': String(1 << 30) };
  const huge = await request(server, { method: 'POST', path, token, headers: length, body: 'x' });
  assert.equal(huge.status, 413);
  assert.equal((await client.get(path)).length, 1);
  await until(() => stored().length === 1);
});

/** Waits for a state that comes by itself. */
async function until(ready) {
  for (let tries = 0; !ready(); tries += 1) {
    assert.ok(tries < 3000, 'it never came');
    await new Promise((done) => setTimeout(done, 10));
  }
}

test('the same content is stored once, and comes back with its attachment', async (t) => {
  const { server, token, client, board, upload, stored, path } = await stage(t);
  const bytes = randomBytes(100_000);
  const first = (await upload([['file', bytes, 'a']])).json;
  const second = (await upload([['file', bytes, 'b']])).json;
  assert.deepEqual(stored(), [hashOf(bytes)]);
  await client.delete(`${path}/${first.id}`);
  const [s] = (await client.get(`/v1/boards/${board.id}/state`)).pos;
  await client.delete(`${path}/${second.id}`);
  assert.deepEqual(stored(), [hashOf(bytes)]);
  await client.post(`/v1/boards/${board.id}/revert`, { s });
  const [back] = await client.get(path);
  assert.equal(back.id, first.id);
  const got = await request(server, { path: pathOf(back), token });
  assert.ok(got.body.equals(bytes));
});

test('copies of cards, lists and boards have the file, for whoever may read them', async (t) => {
  const { server, token, client, board, list, card, upload, path } = await stage(t);
  const sent = (await upload([['file', PNG, 'a.png'], ['setCover', 'true']])).json;
  await upload([['file', 'text', 'b.txt', 'text/plain']]);
  const others = await server.newMember('Bea', board.id);
  const cards = { idList: list.id, idCardSource: card.id, keepFromSource: 'attachments' };
  const copied = await client.post('/1/cards', cards);
  const lists = { idBoard: board.id, idListSource: list.id };
  const [inList] = await client.get(`/1/lists/${(await client.post('/1/lists', lists)).id}/cards`);
  const made = await client.post('/1/boards', { idBoardSource: board.id, name: 'Copy' });
  const onBoard = (await client.get(`/1/boards/${made.id}/cards`)).at(0);
  const hers = new Client(server, others.token);
  for (const copy of [copied, inList, onBoard]) {
    assert.notEqual(copy.id, card.id);
    const files = await client.get(`/1/cards/${copy.id}/attachments`);
    assert.deepEqual(
      files.map((one) => [one.name, one.isUpload, one.file]),
      [
        ['a.png', true, undefined],
        ['b.txt', true, undefined],
      ],
    );
    assert.equal(copy.cover.idAttachment, files[0].id);
    assert.notEqual(files[0].id, sent.id);
    assert.equal(copy.badges.attachments, 2);
    const [picture, words] = await Promise.all(
      files.map((one) => request(server, { path: pathOf(one), token })),
    );
    assert.ok(picture.body.equals(PNG));
    assert.equal(words.text, 'text');
    const there = copy === onBoard ? 404 : 200;
    const got = await request(server, { path: pathOf(files[1]), token: others.token });
    assert.equal(got.status, there, 'as the board of the copy says');
  }
  assert.equal((await hers.call('GET', `${path}/${sent.id}`)).status, 200);
  await client.delete(`/1/cards/${card.id}`);
  const [first] = await client.get(`/1/cards/${onBoard.id}/attachments`);
  assert.equal((await request(server, { path: pathOf(first), token })).status, 200);
});

test('a repeated request with its key attaches once', async (t) => {
  const { upload, client, path } = await stage(t);
  const { headers } = form([]);
  const key = { headers: { ...headers, 'Idempotency-Key': 'once' } };
  const first = (await upload([['file', 'a', 'a']], { headers: key.headers })).json;
  const again = (await upload([['file', 'a', 'a']], { headers: key.headers })).json;
  assert.equal(again.id, first.id);
  const other = await upload([['file', 'b', 'a']], { headers: key.headers });
  assert.equal(other.status, 422, 'another file is another request');
  assert.equal((await client.get(path)).length, 1);
});

test('what breaks off leaves nothing, nor does a server that is killed', async (t) => {
  const { server, token, client, path, stored } = await stage(t);
  const { body, headers } = form([['file', randomBytes(2_000_000), 'a']]);
  const bytes = requestBytes({ method: 'POST', path, token, headers, body });
  const half = bytes.subarray(0, 1_500_000);
  const raw = await RawConnection.open(server);
  await raw.send(half);
  await until(() => stored().length === 1); // a draft
  raw.reset();
  await until(() => stored().length === 0);
  assert.deepEqual(await client.get(path), []);
  const again = await RawConnection.open(server);
  await again.send(half);
  await until(() => stored().length === 1);
  await server.kill();
  again.close();
  await server.start();
  assert.deepEqual(stored(), []);
  const { headers: type, body: whole } = form([['file', 'small', 'a']]);
  const sent = await request(server, { method: 'POST', path, token, headers: type, body: whole });
  assert.equal(sent.status, 200);
  await server.kill();
  await server.start();
  const [kept] = await new Client(server, token).get(path);
  const got = await request(server, { path: pathOf({ url: kept.url }), token });
  assert.equal(got.text, 'small');
});

async function filesLeave(t) {
  const clock = new Clock(t);
  const args = ['--keep-events', '1', '--keep-days', '36500'];
  const { server, client, card, path, upload, stored, token } = await stage(t, {
    args,
    env: clock.env,
  });
  const [gone, twice, stays] = ['gone', 'twice', 'stays'].map((text) => Buffer.from(text));
  const made = [];
  for (const bytes of [gone, twice, twice, stays])
    made.push((await upload([['file', bytes, 'f']])).json);
  await client.delete(`${path}/${made[0].id}`);
  await client.delete(`${path}/${made[1].id}`);
  await client.put(`/1/cards/${card.id}`, { name: 'the deletions are not the newest events' });
  const nameless = 'a'.repeat(64);
  /** Nothing names this file: when it is gone, a round has ended that began with it. */
  const round = async () => {
    mkdirSync(join(server.data, 'files/aa'), { recursive: true });
    writeFileSync(join(server.data, 'files/aa', nameless), 'x');
    await clock.until(() => !stored().includes(nameless));
  };
  const all = [gone, twice, stays].map(hashOf).sort();
  await round();
  assert.deepEqual(stored(), all); // the history could bring it back
  await server.stop();
  server.args = ['--keep-events', '1', '--keep-days', '1'];
  await server.start();
  clock.forward(2 * DAY_MS);
  await round(); // may have begun before the history was cut
  await round();
  assert.deepEqual(
    stored(),
    all.filter((hash) => hash !== hashOf(gone)),
  );
  for (const one of made.slice(2)) {
    const got = await request(server, { path: pathOf(one), token });
    assert.equal(hashOf(got.body), one === made[3] ? hashOf(stays) : hashOf(twice));
  }
}

if (hasClock())
  test('a file goes when neither a card nor the kept history names it', filesLeave);

test('a slow reader gets all of a large file, and memory stays small', async (t) => {
  const { server, token, upload } = await stage(t);
  const bytes = randomBytes(40_000_000);
  const made = (await upload([['file', bytes, 'a']], { ms: 60_000 })).json;
  const before = server.rssAnon();
  const raws = await Promise.all([1, 2, 3, 4].map(() => RawConnection.open(server)));
  for (const raw of raws) {
    raw.pause();
    await raw.send(requestBytes({ path: pathOf(made), token }));
  }
  await new Promise((done) => setTimeout(done, 300));
  assert.ok(server.rssAnon() - before < 24 << 20, `${server.rssAnon() - before} bytes more`);
  raws[0].resume();
  const got = await raws[0].response({ ms: 60_000 });
  assert.ok(got.body.equals(bytes));
  for (const raw of raws) raw.close();
});

test('verify says which files are missing, damaged or unused', async (t) => {
  const data = newFolder();
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const { server, upload, client, path } = await stage(t, { data });
  const sums = [];
  for (const text of ['one', 'two', 'three']) {
    await upload([['file', text, text]]);
    sums.push(hashOf(text));
  }
  const [first] = await client.get(path);
  await client.delete(`${path}/${first.id}`);
  await server.stop();
  const whole = tavla(['verify', '--data', data]);
  assert.equal(whole.status, 0, whole.stdout + whole.stderr);
  assert.match(whole.stdout, /3 files \(1 of no attachment, 0 of no record either\), 0 findings/);
  const place = (sum) => join(data, 'files', sum.slice(0, 2), sum);
  mkdirSync(join(data, 'files', hashOf('nobody').slice(0, 2)), { recursive: true });
  writeFileSync(place(hashOf('nobody')), 'nobody');
  const more = tavla(['verify', '--data', data]);
  assert.match(more.stdout, /4 files \(2 of no attachment, 1 of no record either\), 0 findings/);
  writeFileSync(place(sums[1]), 'tw0');
  rmSync(place(sums[2]));
  const bad = tavla(['verify', '--data', data]);
  assert.equal(bad.status, 1);
  assert.ok(bad.stdout.includes(`files ${sums[1]}: has another content`), bad.stdout);
  assert.ok(bad.stdout.includes(`its file ${sums[2]} is missing`), bad.stdout);
  await server.start();
  const { token } = client;
  const missing = (await client.get(path)).find((one) => one.name === 'three');
  const answer = await request(server, { path: pathOf(missing), token });
  assert.equal(answer.status, 503);
  assert.ok(existsSync(place(sums[1])));
});

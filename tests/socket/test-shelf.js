// test-shelf.js - what people keep of boards for themselves: stars, and what they watch.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/http.js';
import { newBoard, newStranger, newWorld } from './lib/world.js';

const STARS = '/1/members/me/boardStars';

async function newHost(t) {
  const world = await newWorld(t);
  const ada = new Client(world.server, world.admin.token);
  const bea = await world.server.newMember('Bea', world.board);
  return { ...world, ada, bea: new Client(world.server, bea.token), idBea: bea.idMember };
}

const boardsOf = async (client) => (await client.get(STARS)).map((star) => star.idBoard);

test('a star is its member’s own, and has a place among the others', async (t) => {
  const host = await newHost(t);
  const [second, third] = [
    await newBoard(host.server, host.admin, 'Second'),
    await newBoard(host.server, host.admin, 'Third'),
  ];
  const first = await host.ada.post(STARS, { idBoard: host.board });
  assert.deepEqual(Object.keys(first).sort(), ['id', 'idBoard', 'pos']);
  await host.ada.post(STARS, { idBoard: second, pos: 'bottom' });
  const { shortLink } = await host.ada.get(`/1/boards/${third}`);
  const top = await host.ada.post(STARS, { idBoard: shortLink, pos: 'top' });
  assert.equal(top.idBoard, third);
  assert.deepEqual(await boardsOf(host.ada), [third, host.board, second]);
  assert.deepEqual(await boardsOf(host.bea), []);

  const again = await host.ada.post(STARS, { idBoard: host.board });
  assert.deepEqual(again, first, 'starred twice, it stays where it is');
  await host.ada.put(`${STARS}/${top.id}`, { pos: 'bottom' });
  assert.deepEqual(await boardsOf(host.ada), [host.board, second, third]);
  const moved = await host.ada.put(`${STARS}/${top.id}`, { pos: 7.5 });
  assert.equal(moved.pos, 7.5);
  assert.deepEqual(await host.ada.get(`${STARS}/${top.id}`), moved);

  await host.ada.delete(`${STARS}/${first.id}`);
  assert.deepEqual(await boardsOf(host.ada), [third, second]);
  assert.equal((await host.ada.call('DELETE', `${STARS}/${first.id}`)).status, 404);
  const back = await host.ada.post(STARS, { idBoard: host.board });
  assert.equal(back.id, first.id);
});

test('a board says whether whoever asks has starred it', async (t) => {
  const host = await newHost(t);
  const path = `/1/boards/${host.board}`;
  assert.equal((await host.ada.get(path)).starred, false);
  await host.ada.post(STARS, { idBoard: host.board });
  assert.equal((await host.ada.get(path)).starred, true);
  assert.equal((await host.bea.get(path)).starred, false);
  assert.deepEqual(await host.ada.get(`${path}/boardStars`), await host.ada.get(STARS));
  assert.deepEqual(await host.bea.get(`${path}/boardStars`), []);
  const mine = await host.ada.get('/1/members/me/boards?filter=starred&fields=name');
  assert.deepEqual(mine, [{ id: host.board, name: 'Board' }]);
  assert.deepEqual(await host.bea.get('/1/members/me/boards?filter=starred'), []);
  const me = await host.ada.get('/1/members/me?boardStars=true&fields=username');
  assert.deepEqual(me.boardStars, await host.ada.get(STARS));
  const list = await host.ada.post('/1/lists', { name: 'L', idBoard: host.board });
  const card = await host.ada.post('/1/cards', { name: 'Bread', idList: list.id });
  const found = async (client) =>
    (await client.get('/1/search?query=bread%20is:starred')).cards.map((one) => one.id);
  assert.deepEqual(await found(host.ada), [card.id]);
  assert.deepEqual(await found(host.bea), []);
  const boards = await host.ada.get('/1/search?query=is:starred&modelTypes=boards');
  assert.deepEqual(boards.boards.map((one) => one.id), [host.board]);
});

test('stars are given to boards that one sees, and are shown to nobody else', async (t) => {
  const host = await newHost(t);
  const stranger = new Client(host.server, (await newStranger(host, 'Sam')).token);
  const refused = await stranger.call('POST', STARS, { idBoard: host.board });
  assert.equal(refused.status, 404);
  const star = await host.bea.post(STARS, { idBoard: host.board });
  const theirs = `/1/members/${host.idBea}/boardStars`;
  assert.deepEqual(await host.bea.get(theirs), [star]);
  assert.equal((await host.ada.call('GET', theirs)).status, 404);
  assert.equal((await host.ada.call('POST', theirs, { idBoard: host.board })).status, 404);
  assert.equal((await host.ada.call('DELETE', `${STARS}/${star.id}`)).status, 404);

  await host.ada.delete(`/1/boards/${host.board}/members/${host.idBea}`);
  assert.deepEqual(await host.bea.get(STARS), [], 'a board one has left');
  await host.ada.put(`/1/boards/${host.board}/members/${host.idBea}`, { type: 'normal' });
  assert.deepEqual(await host.bea.get(STARS), [star], 'and came back to');
});

test('cards, lists and boards are watched by each for themself', async (t) => {
  const host = await newHost(t);
  const list = await host.ada.post('/1/lists', { name: 'L', idBoard: host.board });
  const card = await host.ada.post('/1/cards', { name: 'C', idList: list.id });
  const head = await host.ada.get(`/1/boards/${host.board}?fields=ixUpdate`);
  const things = [`/1/cards/${card.id}`, `/1/lists/${list.id}`, `/1/boards/${host.board}`];
  for (const path of things) {
    const answer = await host.ada.put(`${path}/subscribed`, { value: true });
    assert.equal(answer.subscribed, true, path);
    assert.equal((await host.ada.get(path)).subscribed, true, path);
    assert.deepEqual(await host.ada.get(`${path}/subscribed`), { _value: true });
    assert.equal((await host.bea.get(path)).subscribed, false, path);
  }
  assert.equal((await host.ada.get(things[0])).badges.subscribed, true);
  assert.equal((await host.bea.get(things[0])).badges.subscribed, false);
  assert.deepEqual(
    await host.ada.get(`/1/boards/${host.board}?fields=ixUpdate`),
    head,
    'nothing of it is in the board’s own stream',
  );
  const shelf = await host.ada.get(`/v1/boards/${host.board}/shelf`);
  assert.equal(shelf.starred, false);
  assert.deepEqual(shelf.subscribed, [card.id, list.id, host.board]);
  const answer = await host.ada.put(`${things[0]}/subscribed`, { value: false });
  assert.equal(answer.subscribed, false);
  assert.equal(answer.badges.subscribed, false);
  const odd = await host.ada.call('PUT', `${things[0]}/subscribed`, { value: 'maybe' });
  assert.equal(odd.status, 400);
});

test('a watch is asked for with other fields, too', async (t) => {
  const host = await newHost(t);
  const list = await host.ada.post('/1/lists', { name: 'L', idBoard: host.board });
  const card = await host.ada.post('/1/cards', { name: 'C', idList: list.id });
  for (const path of [`/1/cards/${card.id}`, `/1/lists/${list.id}`, `/1/boards/${host.board}`]) {
    const both = await host.ada.put(path, { name: 'Both', subscribed: true });
    assert.deepEqual([both.name, both.subscribed], ['Both', true], path);
    assert.equal((await host.bea.get(path)).subscribed, false);
    assert.equal((await host.ada.put(`${path}?subscribed=false`)).subscribed, false);
    const odd = await host.ada.call('PUT', path, { name: 'Odd', subscribed: 'maybe' });
    assert.equal(odd.status, 400);
    assert.equal((await host.ada.get(path)).name, 'Both', 'nothing of it');
  }
});

test('what was deleted makes room for other watches', async (t) => {
  const host = await newHost(t);
  const list = await host.ada.post('/1/lists', { name: 'L', idBoard: host.board });
  const watch = async (name) => {
    const { id } = await host.ada.post('/1/cards', { name, idList: list.id });
    const answer = await host.ada.call('PUT', `/1/cards/${id}/subscribed`, { value: true });
    return { id, status: answer.status, text: answer.text };
  };
  let last;
  for (let i = 0; i < 200; i += 1) last = await watch(`${i}`);
  assert.equal(last.status, 200);
  const full = await watch('one more');
  assert.notEqual(full.status, 200);
  assert.match(full.text, /200 things/);
  await host.ada.delete(`/1/cards/${last.id}`);
  assert.equal((await watch('instead')).status, 200);
});

test('stars and watches are there after a restart', async (t) => {
  const host = await newHost(t);
  const star = await host.bea.post(STARS, { idBoard: host.board });
  await host.bea.put(`/1/boards/${host.board}/subscribed`, { value: true });
  await host.server.stop();
  await host.server.start();
  assert.deepEqual(await host.bea.get(STARS), [star]);
  assert.equal((await host.bea.get(`/1/boards/${host.board}`)).subscribed, true);
});

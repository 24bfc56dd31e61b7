// test-cards.js - what a card can do beside being written: votes, covers, copies, templates.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/http.js';
import { newBoard } from './lib/trello.js';
import { newWorld } from './lib/world.js';

async function newCard(t) {
  const world = await newWorld(t);
  const api = new Client(world.server, world.admin.token);
  const board = await newBoard(api, { lists: ['A', 'B'], cards: 1 });
  return { world, api, board, card: board.cards[0], path: `/1/cards/${board.cards[0].id}` };
}

test('members vote for cards where the board lets them', async (t) => {
  const { world, api, board, path } = await newCard(t);
  const me = world.admin.idMember;
  const bob = await world.server.newMember('Bob Baker', board.id);
  const his = new Client(world.server, bob.token);
  assert.equal((await api.call('POST', `${path}/membersVoted`, { value: me })).status, 403);
  await api.put(`/1/boards/${board.id}/prefs/voting?value=members`);
  const names = (people) => people.map((one) => one.fullName);
  const voted = await api.post(`${path}/membersVoted`, { value: me });
  assert.equal(voted.length, 1);
  assert.deepEqual(names(await his.post(`${path}/membersVoted`, { value: 'me' })).slice(1), [
    'Bob Baker',
  ]);
  const other = await api.call('POST', `${path}/membersVoted`, { value: bob.idMember });
  assert.equal(other.status, 403);
  assert.equal((await api.get(`${path}/membersVoted`)).length, 2);
  const seen = await his.get(`${path}?membersVoted=true`);
  assert.deepEqual(seen.idMembersVoted, [me, bob.idMember]);
  assert.equal(seen.badges.votes, 2);
  assert.equal(seen.badges.viewingMemberVoted, true);
  assert.deepEqual(names(seen.membersVoted).slice(1), ['Bob Baker']);
  assert.deepEqual(await his.delete(`${path}/membersVoted/${bob.idMember}`), { _value: null });
  const after = await his.get(path);
  assert.deepEqual([after.badges.votes, after.badges.viewingMemberVoted], [1, false]);
  const actions = await api.get(`${path}/actions?filter=voteOnCard`);
  assert.deepEqual(
    actions.map((action) => [action.idMemberCreator, action.data.voted]),
    [
      [bob.idMember, false],
      [bob.idMember, true],
      [me, true],
    ],
  );
});

test('a place is said as Trello says it, as a pair or as an object', async (t) => {
  const { api, path } = await newCard(t);
  const place = { latitude: 59.3, longitude: -18.25 };
  const put = async (value) => (await api.put(path, { coordinates: value })).coordinates;
  const badge = async () => (await api.get(path)).badges.location;
  assert.equal(await badge(), false);
  assert.deepEqual(await put('59.3, -18.25'), place);
  assert.equal(await badge(), true);
  assert.equal(await put(null), null);
  assert.equal(await badge(), false);
  await api.put(path, { locationName: 'Hall' });
  assert.equal(await badge(), true);
  assert.deepEqual(await put(place), place);
  const moved = await api.put(`${path}?coordinates=1.5,2&address=Street`);
  assert.deepEqual(moved.coordinates, { latitude: 1.5, longitude: 2 });
  const refused = await api.call('PUT', path, { coordinates: 'here,there' });
  assert.equal(refused.status, 400);
});

test('a cover is a colour or one of the attachments of its card', async (t) => {
  const { api, path } = await newCard(t);
  const none = (await api.get(path)).cover;
  assert.equal(none.color, null);
  const { cover } = await api.put(path, { cover: { color: 'sky', size: 'full' } });
  assert.deepEqual(cover, { ...none, color: 'sky', size: 'full' });
  const one = await api.put(`${path}/cover`, { value: { color: 'lime', brightness: 'light' } });
  assert.deepEqual(one.cover, { ...none, color: 'lime', brightness: 'light' });
  const refused = await api.call('PUT', path, { cover: { url: 'https://example.org/a.png' } });
  assert.equal(refused.status, 400);
  const link = await api.post(`${path}/attachments`, { url: 'https://example.org/a.png' });
  const shown = await api.put(path, { idAttachmentCover: link.id });
  assert.deepEqual([shown.idAttachmentCover, shown.manualCoverAttachment], [link.id, true]);
  assert.deepEqual(shown.cover, { ...none, idAttachment: link.id });
  await api.delete(`${path}/attachments/${link.id}`);
  assert.deepEqual((await api.get(path)).cover, none);
});

test('a card is copied with as much of it as is asked for', async (t) => {
  const { api, board, card, path } = await newCard(t);
  await api.put(path, { desc: 'long', due: '2026-12-01T10:00:00.000Z', cover: { color: 'sky' } });
  const label = await api.post('/1/labels', { name: 'L', color: 'red', idBoard: board.id });
  await api.post(`${path}/idLabels`, { value: label.id });
  const checklist = await api.post('/1/checklists', { name: 'K', idCard: card.id });
  await api.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'I' });
  await api.post(`${path}/actions/comments`, { text: 'said' });
  const idList = board.lists[1].id;
  const all = await api.post('/1/cards', { idCardSource: card.id, idList });
  assert.deepEqual(
    [all.name, all.desc, all.due, all.idList, all.cover.color, all.idLabels],
    [card.name, 'long', '2026-12-01T10:00:00.000Z', idList, 'sky', [label.id]],
  );
  assert.deepEqual([all.badges.checkItems, all.badges.comments], [1, 1]);
  const [copied] = await api.get(`/1/cards/${all.id}/checklists`);
  assert.deepEqual([copied.name, copied.checkItems[0].name], ['K', 'I']);
  assert.notEqual(copied.id, checklist.id);
  const few = await api.post('/1/cards', {
    idCardSource: card.id,
    idList,
    name: 'Few',
    keepFromSource: 'checklists,due',
    pos: 'top',
  });
  assert.deepEqual([few.name, few.idLabels, few.badges.comments], ['Few', [], 0]);
  assert.deepEqual([few.due, few.badges.checkItems], ['2026-12-01T10:00:00.000Z', 1]);
  const none = { idCardSource: card.id, idList, keepFromSource: 'colours' };
  assert.equal((await api.call('POST', '/1/cards', none)).status, 400);
  await api.put(`${path}/isTemplate`, { value: true });
  const made = await api.post('/1/cards', { idCardSource: card.id, idList, name: 'Made' });
  assert.deepEqual([made.isTemplate, made.badges.checkItems], [false, 1]);
  const elsewhere = await newBoard(api, { lists: ['X'], cards: 0 });
  const away = { idCardSource: card.id, idList: elsewhere.lists[0].id };
  assert.equal((await api.call('POST', '/1/cards', away)).status, 404);
});

test('a date is answered as the moment that it is, however it was written', async (t) => {
  const { api, path } = await newCard(t);
  const answer = await api.put(path, { due: '2030-01-01', start: '2029-12-31T12:00:00+02:00' });
  assert.equal(answer.due, '2030-01-01T00:00:00.000Z');
  assert.equal(answer.start, '2029-12-31T10:00:00.000Z');
  assert.equal((await api.put(`${path}/due?value=2030-02-01`)).due, '2030-02-01T00:00:00.000Z');
  assert.equal((await api.put(`${path}/due?value=null`)).due, null);
});

test('a card and a board have no stickers and no data of power-ups', async (t) => {
  const { api, board, path } = await newCard(t);
  assert.deepEqual(await api.get(`${path}/stickers`), []);
  assert.deepEqual(await api.get(`${path}/pluginData`), []);
  assert.deepEqual(await api.get(`/1/boards/${board.id}/pluginData`), []);
});

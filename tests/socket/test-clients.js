// test-clients.js - a client that was written for Trello, aimed at us: npm's `trello` 0.11.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Trello from 'trello';
import { newWorld } from './lib/world.js';

test("npm's trello makes, reads, moves and deletes", async (t) => {
  const world = await newWorld(t);
  const trello = new Trello('any key', world.admin.token);
  trello.uri = world.server.origin;
  const board = await trello.addBoard('Client', 'described');
  assert.equal(board.name, 'Client');
  assert.equal(board.desc, 'described');
  const list = await trello.addListToBoard(board.id, 'First');
  const second = await trello.addListToBoard(board.id, 'Second');
  assert.equal(list.name, 'First');
  const card = await trello.addCard('A card', 'with words', list.id);
  const due = await trello.addCardWithExtraParams(
    'Due',
    { due: '2026-12-24T12:00:00.000Z' },
    list.id,
  );
  assert.equal(due.due, '2026-12-24T12:00:00.000Z');
  assert.equal((await trello.updateCardName(card.id, 'Renamed')).name, 'Renamed');
  assert.equal((await trello.updateCardDescription(card.id, 'other')).desc, 'other');
  assert.equal((await trello.updateCardList(card.id, second.id)).idList, second.id);
  assert.equal((await trello.renameList(list.id, 'Other')).name, 'Other');
  const label = await trello.addLabelOnBoard(board.id, 'Hot', 'red');
  assert.deepEqual(await trello.addLabelToCard(card.id, label.id), [label.id]);
  await trello.deleteLabelFromCard(card.id, label.id);
  await trello.updateLabelName(label.id, 'Warm');
  assert.ok((await trello.getLabelsForBoard(board.id)).some((one) => one.name === 'Warm'));
  await trello.addMemberToCard(card.id, world.admin.idMember);
  assert.deepEqual((await trello.getCard(board.id, card.id)).idMembers, [world.admin.idMember]);
  assert.equal((await trello.getCardsOnBoard(board.id)).length, 2);
  assert.equal((await trello.getCardsOnList(second.id))[0].name, 'Renamed');
  const lists = await trello.getListsOnBoard(board.id);
  assert.ok(lists.some((one) => one.id === list.id));
  assert.ok((await trello.getBoards('me')).some((one) => one.id === board.id));
  assert.equal((await trello.getBoardMembers(board.id)).length, 1);
  const [moved] = await trello.getActionsOnCard(card.id);
  assert.equal(moved.data.listAfter.id, second.id);
  const all = await trello.getActionsOnBoard(board.id);
  assert.ok(all.some((action) => action.type === 'addMemberToCard'));
  assert.equal(all.at(-1).type, 'createBoard');
  await trello.deleteCard(due.id);
  await assert.rejects(trello.getCard(board.id, due.id), /not found/);
});

test("npm's trello sets fields, people and preferences", async (t) => {
  const world = await newWorld(t);
  const trello = new Trello('any key', world.admin.token);
  trello.uri = world.server.origin;
  const board = await trello.addBoard('Client', '');
  const list = await trello.addListToBoard(board.id, 'First');
  const card = await trello.addCard('A card', '', list.id);
  const due = await trello.addDueDateToCard(card.id, '2027-01-01T00:00:00.000Z');
  assert.equal(due.due, '2027-01-01T00:00:00.000Z');
  assert.equal((await trello.updateCardPos(card.id, 4096)).pos, 4096);
  assert.equal((await trello.updateCard(card.id, 'closed', true)).closed, true);
  const pref = await trello.updateBoardPref(board.id, 'background', 'green');
  assert.equal(pref.prefs.background, 'green');
  const me = world.admin.idMember;
  await trello.addMemberToCard(card.id, me);
  assert.equal((await trello.getMember('me')).id, me);
  assert.deepEqual(await trello.delMemberFromCard(card.id, me), []);
  assert.deepEqual(await trello.getMemberCards(me), []);
  const bob = await world.server.newMember('Bob', world.board);
  await trello.addMemberToBoard(board.id, bob.idMember, 'observer');
  assert.equal((await trello.getBoardMembers(board.id)).length, 2);
  const label = await trello.addLabelOnBoard(board.id, 'Hot', 'red');
  assert.equal((await trello.updateLabelColor(label.id, 'blue')).color, 'blue');
  await trello.deleteLabel(label.id);
  assert.equal((await trello.getListsOnBoardByFilter(board.id, 'open')).length, 4);
});

// test-comments.js - comments over REST, as Trello's actions; reactions; a board taken away and
// brought back with them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client } from './lib/http.js';
import { Live } from './lib/live.js';
import { serve } from './lib/server.js';

async function stage(t) {
  const server = await serve(t);
  const { token, idMember } = await server.signIn();
  const client = new Client(server, token);
  const board = await client.post('/1/boards', { name: 'B', defaultLists: false });
  const list = await client.post('/1/lists', { name: 'L', idBoard: board.id });
  const card = await client.post('/1/cards', { name: 'C', idList: list.id });
  const { token: other } = await server.newMember('normal', board.id);
  return { server, token, idMember, client, board, list, card, other: new Client(server, other) };
}

test('a comment is written, read, changed and deleted', async (t) => {
  const { client, board, list, card, idMember } = await stage(t);
  const comments = `/1/cards/${card.id}/actions/comments`;
  const made = await client.post(comments, { text: 'First *words*' });
  assert.equal(made.type, 'commentCard');
  assert.equal(made.idMemberCreator, idMember);
  assert.equal(made.memberCreator.id, idMember);
  assert.equal(made.data.text, 'First *words*');
  assert.deepEqual(made.data.card.id, card.id);
  assert.equal(made.data.list.id, list.id);
  assert.equal(made.data.board.id, board.id);
  await client.post(`${comments}?text=Second`);
  const listed = await client.get(`/1/cards/${card.id}/actions?filter=commentCard`);
  assert.deepEqual(
    listed.map((action) => action.data.text),
    ['Second', 'First *words*'],
  );
  assert.deepEqual(await client.get(`/1/cards/${card.id}/actions?filter=commentCard&limit=1`), [
    listed[0],
  ]);
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.comments, 2);
  const changed = await client.put(`/1/actions/${made.id}`, { text: 'Changed' });
  assert.equal(changed.data.text, 'Changed');
  assert.ok(changed.data.dateLastEdited);
  assert.equal(
    (await client.put(`/1/actions/${made.id}/text`, { value: 'Again' })).data.text,
    'Again',
  );
  const own = `/1/cards/${card.id}/actions/${made.id}/comments`;
  assert.equal((await client.put(own, { text: 'By its card' })).data.text, 'By its card');
  assert.equal((await client.get(`/1/actions/${made.id}`)).data.text, 'By its card');
  assert.equal((await client.get(`/1/actions/${made.id}/card`)).id, card.id);
  assert.equal((await client.get(`/1/actions/${made.id}/list`)).id, list.id);
  assert.equal((await client.get(`/1/actions/${made.id}/board`)).id, board.id);
  assert.equal((await client.get(`/1/actions/${made.id}/type`))._value, 'commentCard');
  assert.deepEqual(await client.delete(own), { _value: null });
  assert.deepEqual(await client.delete(`/1/actions/${listed[0].id}`), { _value: null });
  assert.equal((await client.call('GET', `/1/actions/${made.id}`)).status, 404);
  assert.equal((await client.get(`/1/cards/${card.id}`)).badges.comments, 0);
});

test('who may comment is the board’s to say', async (t) => {
  const { client, board, card, other } = await stage(t);
  const comments = `/1/cards/${card.id}/actions/comments`;
  const let_ = (value) => client.put(`/1/boards/${board.id}/prefs/comments`, { value });
  const says = async (who) => (await who.call('POST', comments, { text: 'x' })).status;
  const me = await other.get('/1/members/me');
  await client.put(`/1/boards/${board.id}/members/${me.id}`, { type: 'observer' });
  assert.equal(await says(other), 403);
  await let_('observers');
  assert.equal(await says(other), 200);
  await let_('disabled');
  const refused = await client.call('POST', comments, { text: 'x' });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /prefs\.comments says is for nobody/);
});

test('a comment is its author’s; an admin may take it away', async (t) => {
  const { client, card, other } = await stage(t);
  const comments = `/1/cards/${card.id}/actions/comments`;
  const theirs = await other.post(comments, { text: 'Theirs' });
  const mine = await client.post(comments, { text: 'Mine' });
  const put = (who, id) => who.call('PUT', `/1/actions/${id}`, { text: 'x' });
  assert.equal((await put(client, theirs.id)).status, 403);
  assert.equal((await put(other, mine.id)).status, 403);
  assert.equal((await other.call('DELETE', `/1/actions/${mine.id}`)).status, 403);
  assert.equal((await client.call('DELETE', `/1/actions/${theirs.id}`)).status, 200);
  assert.equal((await client.call('POST', comments, { text: '' })).status, 400);
  const long = 'x'.repeat(16384);
  assert.equal((await client.post(comments, { text: long })).data.text, long);
  assert.equal((await client.call('POST', comments, { text: `${long}x` })).status, 400);
});

test('reactions are counted once a person and emoji', async (t) => {
  const { client, card, other, idMember } = await stage(t);
  const made = await client.post(`/1/cards/${card.id}/actions/comments`, { text: 'Well?' });
  const reactions = `/1/actions/${made.id}/reactions`;
  await client.post(reactions, { native: '👍' });
  await client.post(reactions, { native: '👍' });
  await other.post(reactions, { native: '👍' });
  const two = await client.get(reactions);
  assert.deepEqual(
    two.map((reaction) => [reaction.emoji.native, reaction.idMember === idMember]),
    [
      ['👍', true],
      ['👍', false],
    ],
  );
  assert.equal(two[0].member.id, idMember);
  assert.deepEqual(await client.get(`${reactions}/${two[1].id}`), two[1]);
  assert.equal((await client.call('DELETE', `${reactions}/${two[1].id}`)).status, 404);
  await client.delete(`${reactions}/${two[0].id}`);
  assert.equal((await client.get(reactions)).length, 1);
});

test('a comment comes with the open card, live and in an export that comes back', async (t) => {
  const { server, token, client, board, card } = await stage(t);
  const live = await Live.open(server, board.id, { token });
  const made = await client.post(`/1/cards/${card.id}/actions/comments`, { text: 'Said' });
  const { parts } = await live.get(card.id);
  assert.deepEqual(
    parts.map(([kind, part]) => [kind, part.id, part.text]),
    [['comment', made.id, 'Said']],
  );
  await live.close();
  const exported = await client.get(`/1/boards/${board.id}/export`);
  const said = ({ actions }) => actions.filter(({ type }) => type === 'commentCard');
  assert.deepEqual(
    said(exported).map(({ id, data }) => [id, data.text]),
    [[made.id, 'Said']],
  );
  const sent = await client.call('POST', '/1/boards/import', exported);
  assert.equal(sent.status, 202);
  let status;
  do status = await client.get(sent.json.status);
  while (status.state !== 'done' && status.state !== 'failed');
  assert.equal(status.report.imported.comments, 1);
  const again = await client.get(`/1/boards/${status.idBoard}/export`);
  const [comment] = said(again);
  assert.equal(comment.data.text, 'Said');
  assert.equal(comment.memberCreator.fullName, made.memberCreator.fullName);
  assert.equal(comment.idMemberCreator, made.idMemberCreator);
  await client.put(`/1/actions/${comment.id}`, { text: 'Said better' });
  assert.equal(again.cards[0].badges.comments, 1);
});

test('what hangs on a card comes back with it; comments only by their authors', async (t) => {
  const { client, board, card, other } = await stage(t);
  const revert = (who, json) => who.call('POST', `/v1/boards/${board.id}/revert`, json);
  const newest = async () => (await client.get(`/v1/boards/${board.id}/state`)).pos[0];
  const checklist = await client.post(`/1/cards/${card.id}/checklists`, { name: 'K' });
  const item = await client.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'I' });
  const made = await client.post(`/1/cards/${card.id}/actions/comments`, { text: 'Mine' });
  const field = { idModel: board.id, modelType: 'board', name: 'N', type: 'number' };
  const { id: number } = await client.post('/1/customFields', field);
  const value = { value: { number: '1' } };
  await client.put(`/1/cards/${card.id}/customField/${number}/item`, value);
  assert.equal((await revert(other, { s: (await newest()) - 2 })).status, 403);
  await client.delete(`/1/cards/${card.id}`);
  assert.equal((await revert(client, { s: await newest() })).status, 200);
  const back = await client.get(`/1/cards/${card.id}?checklists=all&customFieldItems=true`);
  assert.equal(back.checklists[0].checkItems[0].id, item.id);
  assert.deepEqual(back.customFieldItems[0].value, value.value);
  assert.equal(back.badges.checkItems, 1);
  assert.equal(back.badges.comments, 1);
  assert.equal((await client.get(`/1/actions/${made.id}`)).data.text, 'Mine');
  await client.put(`/1/cards/${card.id}/checkItem/${item.id}`, { state: 'complete' });
  const ticked = await newest();
  await other.post(`/1/cards/${card.id}/actions/comments`, { text: 'Theirs' });
  assert.equal((await revert(client, { s: ticked })).status, 200);
  const { badges } = await client.get(`/1/cards/${card.id}`);
  assert.deepEqual([badges.checkItems, badges.checkItemsChecked, badges.comments], [1, 0, 2]);
  await client.delete(`/1/customFields/${number}`);
  assert.equal((await revert(client, { s: await newest() })).status, 200);
  assert.equal((await client.get(`/1/cards/${card.id}/customFieldItems`)).length, 1);
  const actions = await client.get(`/1/cards/${card.id}/actions?filter=all`);
  const types = actions.map(({ type }) => type);
  for (const type of ['commentCard', 'addChecklistToCard', 'updateCheckItemStateOnCard'])
    assert.ok(types.includes(type), `${type} among ${types}`);
});

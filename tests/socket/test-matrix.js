// test-matrix.js - who may do what: every row of the server's own two tables, for everyone, on
// every kind of board.
//
// The tables come from `tavla routes --json` and `tavla ops --json`. A row without an expectation
// here fails, so that nobody adds an address or an op without saying who may use it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { Live, newId } from './lib/live.js';
import { serve, tavla } from './lib/server.js';

const ACTORS = ['anonymous', 'stranger', 'observer', 'normal', 'admin', 'removed'];
const BOARDS = ['own', 'foreign', 'deleted', 'archived'];
const ALLOWED = {
  read: ['observer', 'normal', 'admin'],
  edit: ['normal', 'admin'],
  admin: ['admin'],
};

/** What a board has, in ids. */
async function newPlace(client, name) {
  const board = await client.post('/1/boards', { name, defaultLists: false });
  await client.put(`/1/boards/${board.id}/prefs/voting`, { value: 'observers' });
  await client.put(`/1/boards/${board.id}/prefs/comments`, { value: 'observers' });
  const list = await client.post('/1/lists', { name: 'L', idBoard: board.id });
  const other = await client.post('/1/lists', { name: 'M', idBoard: board.id });
  const card = await client.post('/1/cards', { name: 'C', idList: list.id });
  const [label] = await client.get(`/1/boards/${board.id}/labels`);
  const checklist = await client.post('/1/checklists', { name: 'K', idCard: card.id });
  const item = await client.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'I' });
  const link = { url: 'https://example.org/a' };
  const attachment = await client.post(`/1/cards/${card.id}/attachments`, link);
  const said = { text: 'S' };
  const comment = await client.post(`/1/cards/${card.id}/actions/comments`, said);
  const named = { idModel: board.id, modelType: 'board', name: 'N', type: 'list' };
  const field = await client.post('/1/customFields', named);
  const text = { value: { text: 'O' } };
  const option = await client.post(`/1/customFields/${field.id}/options`, text);
  const [action] = await client.get(`/1/boards/${board.id}/actions?limit=1`);
  return {
    client,
    action: action.id,
    checklist: checklist.id,
    item: item.id,
    attachment: attachment.id,
    comment: comment.id,
    field: field.id,
    option: option.id,
    board: board.id,
    list: list.id,
    other: other.id,
    card: card.id,
    label: label.id,
  };
}

async function newStage(t) {
  const server = await serve(t);
  const sessions = { admin: await server.signIn() };
  const admin = new Client(server, sessions.admin.token);
  const elsewhere = await newPlace(admin, 'Elsewhere');
  for (const name of ['observer', 'normal', 'removed', 'victim', 'owner'])
    sessions[name] = await server.newMember(name, elsewhere.board);
  const hall = await newPlace(new Client(server, sessions.owner.token), 'Hall');
  sessions.stranger = await server.newMember('stranger', hall.board);
  const places = {};
  for (const kind of ['own', 'deleted', 'archived']) {
    const place = await newPlace(admin, kind);
    const members = `/1/boards/${place.board}/members`;
    for (const name of ['observer', 'normal', 'removed'])
      await admin.put(`${members}/${sessions[name].idMember}`, {
        type: name === 'observer' ? 'observer' : 'normal',
      });
    await admin.delete(`${members}/${sessions.removed.idMember}`);
    places[kind] = place;
  }
  places.foreign = await newPlace(new Client(server, sessions.owner.token), 'foreign');
  await admin.delete(`/1/boards/${places.deleted.board}`);
  await admin.put(`/1/boards/${places.archived.board}/closed`, { value: true });
  const victim = sessions.victim.idMember;
  return { server, sessions, places, admin, victim, elsewhere };
}

/** Makes what a successful call may use up. */
const fresh = {
  card: async (p) => (await p.client.post('/1/cards', { name: 'F', idList: p.list })).id,
  closedCard: async (p) => {
    const { id } = await p.client.post('/1/cards', { name: 'F', idList: p.list });
    await p.client.put(`/1/cards/${id}`, { closed: true });
    return id;
  },
  deletedCard: async (p) => {
    const { id } = await p.client.post('/1/cards', { name: 'F', idList: p.list });
    await p.client.delete(`/1/cards/${id}`);
    return id;
  },
  checklist: async (p) => (await p.client.post('/1/checklists', { name: 'F', idCard: p.card })).id,
  item: async (p) =>
    (await p.client.post(`/1/checklists/${p.checklist}/checkItems`, { name: 'F' })).id,
  attachment: async (p) =>
    (await p.client.post(`/1/cards/${p.card}/attachments`, { url: 'https://example.org/f' })).id,
  field: async (p) =>
    (await p.client.post('/1/customFields', { idModel: p.board, name: 'F', type: 'text' })).id,
  option: async (p) =>
    (await p.client.post(`/1/customFields/${p.field}/options`, { value: { text: 'F' } })).id,
  comment: async (p) =>
    (await p.client.post(`/1/cards/${p.card}/actions/comments`, { text: 'F' })).id,
  label: async (p) =>
    (await p.client.post('/1/labels', { name: 'F', color: 'red', idBoard: p.board })).id,
  list: async (p) => (await p.client.post('/1/lists', { name: 'F', idBoard: p.board })).id,
  board: async (p) => (await p.client.post('/1/boards', { name: 'F' })).id,
  member: async (p, stage) => {
    await p.client.put(`/1/boards/${p.board}/members/${stage.victim}`, { type: 'normal' });
    return stage.victim;
  },
  link: async (p) => {
    const asked = { name: 'Guest', role: 'normal' };
    return (await p.client.post(`/v1/boards/${p.board}/links`, asked)).idMember;
  },
  noMember: async (p, stage) => {
    await p.client.call('DELETE', `/1/boards/${p.board}/members/${stage.victim}`);
    return stage.victim;
  },
};

/**
 * A call of a route: its path, its body, what it uses up. `f` is what `uses` made, or, where
 * nothing may succeed, the place's own thing of that kind.
 */
const R = (path, json, more = {}) => ({ path, json, ok: 200, ...more });
const ROUTES = {
  'GET /': { everyone: 200 },
  'GET /link/{token}': { everyone: 200 },
  'POST /link/{token}': { everyone: 401 },
  'GET /healthz': { everyone: 200 },
  'GET /metrics': { everyone: 200 }, // asked from this machine; its own test is below
  'POST /v1/link': { everyone: 401, json: { token: 'x' } },
  'DELETE /v1/session': { signedIn: null }, // would end the matrix; see below
  'GET /v1/boards/{id}/live': { live: true },
  'GET /v1/me/live': { live: true },
  'GET /v1/boards/{id}/state': R((p) => `/v1/boards/${p.board}/state`),
  'GET /v1/boards/{id}/activity': R((p) => `/v1/boards/${p.board}/activity`),
  // Whose boards are copied is in test-copies.js.
  'POST /v1/boards/{id}/copy': { signedIn: 404, path: `/v1/boards/${newId()}/copy`, json: {} },
  'GET /v1/boards/{id}/shelf': R((p) => `/v1/boards/${p.board}/shelf`),
  'GET /v1/boards/{id}/export': R((p) => `/v1/boards/${p.board}/export`),
  'GET /v1/boards/{id}/ops': R(
    (p) => `/v1/boards/${p.board}/ops?since=0,0000000000000000`,
    undefined,
    { ok: [200, 410] },
  ),
  'POST /v1/boards/{id}/ops': R(
    (p) => `/v1/boards/${p.board}/ops`,
    () => ({ ops: [{ op: 'nothing' }] }),
    { ok: 400 },
  ),
  'POST /v1/boards/{id}/revert': R(
    (p) => `/v1/boards/${p.board}/revert`,
    (p, f) => ({ id: f }),
    { uses: 'deletedCard' },
  ),
  'POST /v1/boards/{id}/links': R(
    (p) => `/v1/boards/${p.board}/links`,
    () => ({ name: 'Guest', role: 'normal' }),
  ),
  'GET /v1/boards/{id}/links': R((p) => `/v1/boards/${p.board}/links`),
  'DELETE /v1/boards/{id}/links/{idMember}': R(
    (p, f) => `/v1/boards/${p.board}/links/${f}`,
    undefined,
    { uses: 'link' },
  ),
  'POST /v1/admin/link': { everyone: 404, json: { name: 'Eve' } },
  'POST /1/boards/import': { signedIn: 415, body: 'x' },
  'GET /1/boards/import/{job}': { signedIn: 404 },
  'POST /1/boards': { signedIn: 200, json: { name: 'x' } },
  'GET /1/boards/{id}': R((p) => `/1/boards/${p.board}`),
  'PUT /1/boards/{id}': R(
    (p) => `/1/boards/${p.board}`,
    () => ({ name: 'x' }),
  ),
  'DELETE /1/boards/{id}': R((p, f) => `/1/boards/${f}`, undefined, { uses: 'board' }),
  'GET /1/boards/{id}/export': R((p) => `/1/boards/${p.board}/export`),
  'GET /1/boards/{id}/lists': R((p) => `/1/boards/${p.board}/lists`),
  'POST /1/boards/{id}/lists': R(
    (p) => `/1/boards/${p.board}/lists`,
    () => ({ name: 'x' }),
  ),
  'GET /1/boards/{id}/lists/{filter}': R((p) => `/1/boards/${p.board}/lists/all`),
  'GET /1/boards/{id}/cards': R((p) => `/1/boards/${p.board}/cards`),
  'GET /1/boards/{id}/cards/{filterOrIdCard}': R((p) => `/1/boards/${p.board}/cards/${p.card}`),
  'GET /1/boards/{id}/labels': R((p) => `/1/boards/${p.board}/labels`),
  'POST /1/boards/{id}/labels': R(
    (p) => `/1/boards/${p.board}/labels`,
    () => ({ name: 'x', color: 'red' }),
  ),
  'GET /1/boards/{id}/labels/{idLabel}': R((p) => `/1/boards/${p.board}/labels/${p.label}`),
  'GET /1/boards/{id}/checklists': R((p) => `/1/boards/${p.board}/checklists`),
  'GET /1/boards/{id}/customFields': R((p) => `/1/boards/${p.board}/customFields`),
  'GET /1/boards/{id}/memberships': R((p) => `/1/boards/${p.board}/memberships`),
  'GET /1/boards/{id}/members': R((p) => `/1/boards/${p.board}/members`),
  'GET /1/boards/{id}/members/{filter}': R((p) => `/1/boards/${p.board}/members/all`),
  // Who reads by way of a workspace may join by themself; others are put there by an admin only.
  'PUT /1/boards/{id}/members/{idMember}': R(
    (p, f, s) => `/1/boards/${p.board}/members/${s.victim}`,
    () => ({ type: 'normal' }),
    { uses: 'noMember', access: 'admin' },
  ),
  // Members may leave; someone else is taken off by an admin only.
  'DELETE /1/boards/{id}/members/{idMember}': R(
    (p, f, s) => `/1/boards/${p.board}/members/${s.victim}`,
    undefined,
    { uses: 'member', access: 'admin' },
  ),
  'GET /1/boards/{id}/actions': R((p) => `/1/boards/${p.board}/actions`),
  'PUT /1/boards/{id}/prefs/{name}': R(
    (p) => `/1/boards/${p.board}/prefs/background`,
    () => ({ value: 'blue' }),
  ),
  'GET /1/boards/{id}/organization': R((p) => `/1/boards/${p.board}/organization`, undefined, {
    ok: 404, // it is in none; those that are, in test-organizations.js
  }),
  'GET /1/boards/{id}/boardStars': R((p) => `/1/boards/${p.board}/boardStars`),
  'PUT /1/boards/{id}/subscribed': R(
    (p) => `/1/boards/${p.board}/subscribed`,
    () => ({ value: true }),
  ),
  'GET /1/boards/{id}/{field}': R((p) => `/1/boards/${p.board}/name`),
  'PUT /1/boards/{id}/{field}': R(
    (p) => `/1/boards/${p.board}/name`,
    () => ({ value: 'y' }),
  ),
  'POST /1/lists': R(
    () => '/1/lists',
    (p) => ({ name: 'x', idBoard: p.board }),
  ),
  'GET /1/lists/{id}': R((p) => `/1/lists/${p.list}`),
  'PUT /1/lists/{id}': R(
    (p) => `/1/lists/${p.list}`,
    () => ({ name: 'x' }),
  ),
  'GET /1/lists/{id}/board': R((p) => `/1/lists/${p.list}/board`),
  'GET /1/lists/{id}/cards': R((p) => `/1/lists/${p.list}/cards`),
  'GET /1/lists/{id}/cards/{filter}': R((p) => `/1/lists/${p.list}/cards/all`),
  'POST /1/lists/{id}/archiveAllCards': R(
    (p) => `/1/lists/${p.other}/archiveAllCards`,
    () => ({}),
  ),
  'POST /1/lists/{id}/moveAllCards': R(
    (p) => `/1/lists/${p.other}/moveAllCards`,
    (p) => ({ idList: p.list }),
  ),
  'GET /1/lists/{id}/actions': R((p) => `/1/lists/${p.list}/actions`),
  'PUT /1/lists/{id}/subscribed': R(
    (p) => `/1/lists/${p.list}/subscribed`,
    () => ({ value: true }),
  ),
  'GET /1/lists/{id}/{field}': R((p) => `/1/lists/${p.list}/name`),
  'PUT /1/lists/{id}/{field}': R(
    (p) => `/1/lists/${p.list}/pos`,
    () => ({ value: 'top' }),
  ),
  'POST /1/cards': R(
    () => '/1/cards',
    (p) => ({ name: 'x', idList: p.list }),
  ),
  'GET /1/cards/{id}': R((p) => `/1/cards/${p.card}`),
  'PUT /1/cards/{id}': R(
    (p) => `/1/cards/${p.card}`,
    () => ({ name: 'x', desc: 'y' }),
  ),
  'DELETE /1/cards/{id}': R((p, f) => `/1/cards/${f}`, undefined, { uses: 'card' }),
  'GET /1/cards/{id}/board': R((p) => `/1/cards/${p.card}/board`),
  'GET /1/cards/{id}/list': R((p) => `/1/cards/${p.card}/list`),
  'GET /1/cards/{id}/members': R((p) => `/1/cards/${p.card}/members`),
  // One's own vote only.
  'GET /1/cards/{id}/membersVoted': R((p) => `/1/cards/${p.card}/membersVoted`),
  'POST /1/cards/{id}/membersVoted': R(
    (p) => `/1/cards/${p.card}/membersVoted`,
    () => ({ value: 'me' }),
  ),
  'DELETE /1/cards/{id}/membersVoted/{idMember}': R((p) => `/1/cards/${p.card}/membersVoted/me`),
  'POST /1/cards/{id}/labels': R(
    (p) => `/1/cards/${p.card}/labels`,
    () => ({ name: 'x', color: 'red' }),
  ),
  'POST /1/cards/{id}/idLabels': R(
    (p) => `/1/cards/${p.card}/idLabels`,
    (p) => ({ value: p.label }),
  ),
  'DELETE /1/cards/{id}/idLabels/{idLabel}': R((p) => `/1/cards/${p.card}/idLabels/${p.label}`),
  'POST /1/cards/{id}/idMembers': R(
    (p) => `/1/cards/${p.card}/idMembers`,
    (p, f, s) => ({ value: s.sessions.admin.idMember }),
  ),
  'POST /1/cards/{id}/members': R(
    (p) => `/1/cards/${p.card}/members`,
    (p, f, s) => ({ value: s.sessions.admin.idMember }),
  ),
  'DELETE /1/cards/{id}/idMembers/{idMember}': R(
    (p, f, s) => `/1/cards/${p.card}/idMembers/${s.sessions.admin.idMember}`,
  ),
  'DELETE /1/cards/{id}/members/{idMember}': R(
    (p, f, s) => `/1/cards/${p.card}/members/${s.sessions.admin.idMember}`,
  ),
  'GET /1/cards/{id}/actions': R((p) => `/1/cards/${p.card}/actions`),
  // Comments are their author's, who is the admin here.
  'POST /1/cards/{id}/actions/comments': R(
    (p) => `/1/cards/${p.card}/actions/comments`,
    () => ({ text: 'x' }),
  ),
  'PUT /1/cards/{id}/actions/{idAction}/comments': R(
    (p) => `/1/cards/${p.card}/actions/${p.comment}/comments`,
    () => ({ text: 'y' }),
    { access: 'admin' },
  ),
  'DELETE /1/cards/{id}/actions/{idAction}/comments': R(
    (p, f) => `/1/cards/${p.card}/actions/${f}/comments`,
    undefined,
    { uses: 'comment', access: 'admin' },
  ),
  'PUT /1/actions/{id}': R(
    (p) => `/1/actions/${p.comment}`,
    () => ({ text: 'y' }),
    { access: 'admin' },
  ),
  'DELETE /1/actions/{id}': R((p, f) => `/1/actions/${f}`, undefined, {
    uses: 'comment',
    access: 'admin',
  }),
  'GET /1/actions/{id}/reactions': R((p) => `/1/actions/${p.comment}/reactions`),
  'POST /1/actions/{id}/reactions': R(
    (p) => `/1/actions/${p.comment}/reactions`,
    () => ({ native: '+' }),
  ),
  'GET /1/actions/{id}/reactions/{idReaction}': R(
    (p) => `/1/actions/${p.comment}/reactions/${newId()}`,
    undefined,
    { ok: 404 },
  ),
  'DELETE /1/actions/{id}/reactions/{idReaction}': R(
    (p) => `/1/actions/${p.comment}/reactions/${newId()}`,
    undefined,
    { ok: 404 },
  ),
  'PUT /1/actions/{id}/{field}': R(
    (p) => `/1/actions/${p.comment}/text`,
    () => ({ value: 'z' }),
    { access: 'admin' },
  ),
  'GET /1/cards/{id}/customFieldItems': R((p) => `/1/cards/${p.card}/customFieldItems`),
  'PUT /1/cards/{id}/customField/{idCustomField}/item': R(
    (p) => `/1/cards/${p.card}/customField/${p.field}/item`,
    (p) => ({ idValue: p.option }),
  ),
  'POST /1/customFields': R(
    () => '/1/customFields',
    (p) => ({ idModel: p.board, modelType: 'board', name: 'x', type: 'text' }),
  ),
  'GET /1/customFields/{id}': R((p) => `/1/customFields/${p.field}`),
  'PUT /1/customFields/{id}': R(
    (p) => `/1/customFields/${p.field}`,
    () => ({ name: 'y' }),
  ),
  'DELETE /1/customFields/{id}': R((p, f) => `/1/customFields/${f}`, undefined, { uses: 'field' }),
  'GET /1/customFields/{id}/options': R((p) => `/1/customFields/${p.field}/options`),
  'POST /1/customFields/{id}/options': R(
    (p) => `/1/customFields/${p.field}/options`,
    () => ({ value: { text: 'x' } }),
  ),
  'GET /1/customFields/{id}/options/{idOption}': R(
    (p) => `/1/customFields/${p.field}/options/${p.option}`,
  ),
  'PUT /1/customFields/{id}/options/{idOption}': R(
    (p) => `/1/customFields/${p.field}/options/${p.option}`,
    () => ({ value: { text: 'y' }, color: 'red' }),
  ),
  'DELETE /1/customFields/{id}/options/{idOption}': R(
    (p, f) => `/1/customFields/${p.field}/options/${f}`,
    undefined,
    { uses: 'option' },
  ),
  'GET /1/cards/{id}/checklists': R((p) => `/1/cards/${p.card}/checklists`),
  'POST /1/cards/{id}/checklists': R(
    (p) => `/1/cards/${p.card}/checklists`,
    () => ({ name: 'x' }),
  ),
  'DELETE /1/cards/{id}/checklists/{idChecklist}': R(
    (p, f) => `/1/cards/${p.card}/checklists/${f}`,
    undefined,
    { uses: 'checklist' },
  ),
  'GET /1/cards/{id}/attachments': R((p) => `/1/cards/${p.card}/attachments`),
  'POST /1/cards/{id}/attachments': R(
    (p) => `/1/cards/${p.card}/attachments`,
    () => ({ url: 'https://example.org/x', name: 'x' }),
  ),
  'GET /1/cards/{id}/attachments/{idAttachment}': R(
    (p) => `/1/cards/${p.card}/attachments/${p.attachment}`,
  ),
  // a link has no bytes here: whoever may see that much hears 404, its own tests have a file
  'GET /1/cards/{id}/attachments/{idAttachment}/download/{fileName}': R(
    (p) => `/1/cards/${p.card}/attachments/${p.attachment}/download/x`,
    undefined,
    { ok: 404 },
  ),
  'PUT /1/cards/{id}/attachments/{idAttachment}': R(
    (p) => `/1/cards/${p.card}/attachments/${p.attachment}`,
    () => ({ name: 'y', pos: 'top' }),
  ),
  'DELETE /1/cards/{id}/attachments/{idAttachment}': R(
    (p, f) => `/1/cards/${p.card}/attachments/${f}`,
    undefined,
    { uses: 'attachment' },
  ),
  'GET /1/cards/{id}/stickers': R((p) => `/1/cards/${p.card}/stickers`),
  'GET /1/cards/{id}/pluginData': R((p) => `/1/cards/${p.card}/pluginData`),
  'GET /1/boards/{id}/pluginData': R((p) => `/1/boards/${p.board}/pluginData`),
  'GET /1/cards/{id}/checkItemStates': R((p) => `/1/cards/${p.card}/checkItemStates`),
  'GET /1/cards/{id}/checkItem/{idCheckItem}': R((p) => `/1/cards/${p.card}/checkItem/${p.item}`),
  'PUT /1/cards/{id}/checkItem/{idCheckItem}': R(
    (p) => `/1/cards/${p.card}/checkItem/${p.item}`,
    () => ({ state: 'complete' }),
  ),
  'DELETE /1/cards/{id}/checkItem/{idCheckItem}': R(
    (p, f) => `/1/cards/${p.card}/checkItem/${f}`,
    undefined,
    { uses: 'item' },
  ),
  'PUT /1/cards/{id}/checklist/{idChecklist}/checkItem/{idCheckItem}': R(
    (p) => `/1/cards/${p.card}/checklist/${p.checklist}/checkItem/${p.item}`,
    () => ({ name: 'y' }),
  ),
  'PUT /1/cards/{id}/checklist/{idChecklist}/checkItem/{idCheckItem}/{field}': R(
    (p) => `/1/cards/${p.card}/checklist/${p.checklist}/checkItem/${p.item}/state`,
    () => ({ value: 'true' }),
  ),
  // To another board, with the rights on both: test-transfer.js.
  'PUT /1/cards/{id}/idBoard': R(
    (p) => `/1/cards/${p.card}/idBoard`,
    (p) => ({ value: p.board, idList: p.list }),
  ),
  'PUT /1/cards/{id}/subscribed': R(
    (p) => `/1/cards/${p.card}/subscribed`,
    () => ({ value: true }),
  ),
  'GET /1/cards/{id}/{field}': R((p) => `/1/cards/${p.card}/name`),
  'PUT /1/cards/{id}/{field}': R(
    (p) => `/1/cards/${p.card}/pos`,
    () => ({ value: 'top' }),
  ),
  'GET /1/actions/{id}': R((p) => `/1/actions/${p.action}`),
  'GET /1/actions/{id}/{field}': R((p) => `/1/actions/${p.action}/type`),
  'POST /1/checklists': R(
    () => '/1/checklists',
    (p) => ({ name: 'x', idCard: p.card }),
  ),
  'GET /1/checklists/{id}': R((p) => `/1/checklists/${p.checklist}`),
  'PUT /1/checklists/{id}': R(
    (p) => `/1/checklists/${p.checklist}`,
    () => ({ name: 'y' }),
  ),
  'DELETE /1/checklists/{id}': R((p, f) => `/1/checklists/${f}`, undefined, {
    uses: 'checklist',
  }),
  'GET /1/checklists/{id}/board': R((p) => `/1/checklists/${p.checklist}/board`),
  'GET /1/checklists/{id}/cards': R((p) => `/1/checklists/${p.checklist}/cards`),
  'GET /1/checklists/{id}/checkItems': R((p) => `/1/checklists/${p.checklist}/checkItems`),
  'POST /1/checklists/{id}/checkItems': R(
    (p) => `/1/checklists/${p.checklist}/checkItems`,
    () => ({ name: 'x' }),
  ),
  'GET /1/checklists/{id}/checkItems/{idCheckItem}': R(
    (p) => `/1/checklists/${p.checklist}/checkItems/${p.item}`,
  ),
  'DELETE /1/checklists/{id}/checkItems/{idCheckItem}': R(
    (p, f) => `/1/checklists/${p.checklist}/checkItems/${f}`,
    undefined,
    { uses: 'item' },
  ),
  'GET /1/checklists/{id}/{field}': R((p) => `/1/checklists/${p.checklist}/name`),
  'PUT /1/checklists/{id}/{field}': R(
    (p) => `/1/checklists/${p.checklist}/pos`,
    () => ({ value: 'top' }),
  ),
  'POST /1/labels': R(
    () => '/1/labels',
    (p) => ({ name: 'x', color: 'red', idBoard: p.board }),
  ),
  'GET /1/labels/{id}': R((p) => `/1/labels/${p.label}`),
  'PUT /1/labels/{id}': R(
    (p) => `/1/labels/${p.label}`,
    () => ({ name: 'x' }),
  ),
  'DELETE /1/labels/{id}': R((p, f) => `/1/labels/${f}`, undefined, { uses: 'label' }),
  'GET /1/labels/{id}/{field}': R((p) => `/1/labels/${p.label}/name`),
  'PUT /1/labels/{id}/{field}': R(
    (p) => `/1/labels/${p.label}/name`,
    () => ({ value: 'z' }),
  ),
  // Who may do what to a workspace is in test-organizations.js.
  'POST /1/organizations': { signedIn: 200, json: { displayName: 'x' } },
  'GET /1/organizations/{id}': { signedIn: 404 },
  'PUT /1/organizations/{id}': { signedIn: 404, json: { desc: 'x' } },
  'DELETE /1/organizations/{id}': { signedIn: 404 },
  'GET /1/organizations/{id}/boards': { signedIn: 404 },
  'GET /1/organizations/{id}/members': { signedIn: 404 },
  'PUT /1/organizations/{id}/members/{idMember}': { signedIn: 404, json: { type: 'normal' } },
  'DELETE /1/organizations/{id}/members/{idMember}': { signedIn: 404 },
  'GET /1/organizations/{id}/memberships': { signedIn: 404 },
  'GET /1/organizations/{id}/{field}': { signedIn: 404, path: `/1/organizations/${newId()}/name` },
  'PUT /1/organizations/{id}/{field}': {
    signedIn: 404,
    path: `/1/organizations/${newId()}/name`,
    json: { value: 'name' },
  },
  'GET /1/members/{id}/organizations': { signedIn: 200, path: '/1/members/me/organizations' },
  'GET /1/members/{id}': { signedIn: 200, path: '/1/members/me' },
  'GET /1/members/{id}/boards': { signedIn: 200, path: '/1/members/me/boards' },
  'GET /1/members/{id}/boards/{filter}': { signedIn: 200, path: '/1/members/me/boards/open' },
  'GET /1/members/{id}/actions': { signedIn: 200, path: '/1/members/me/actions' },
  'GET /1/members/{id}/cards': { signedIn: 200, path: '/1/members/me/cards' },
  // Whose stars, and of which boards, is in test-shelf.js.
  'GET /1/members/{id}/boardStars': { signedIn: 200, path: '/1/members/me/boardStars' },
  'POST /1/members/{id}/boardStars': { signedIn: 404, json: { idBoard: newId() } },
  'GET /1/members/{id}/boardStars/{idStar}': { signedIn: 404 },
  'PUT /1/members/{id}/boardStars/{idStar}': { signedIn: 404, json: { pos: 1 } },
  'DELETE /1/members/{id}/boardStars/{idStar}': { signedIn: 404 },
  // Whose boards are searched is in test-rest-search.js.
  'GET /1/search': { signedIn: 200, path: '/1/search?query=x' },
  'GET /1/search/members': { signedIn: 200, path: '/1/search/members?query=x' },
};

/** The payload of every op; `never`: what nobody may send, whoever it is. */
const O = (payload, more = {}) => ({ payload, ...more });
const OPS = {
  'board.create': O(() => ({ name: 'x' }), { taken: true }),
  'board.set': O(() => ({ name: 'x' })),
  'board.close': O(() => ({})),
  'board.reopen': O(() => ({})),
  'board.delete': O(() => ({ force: true }), { uses: 'board' }),
  'list.create': O(() => ({ id: newId(), name: 'x' })),
  'list.set': O((p) => ({ id: p.list, name: 'y' })),
  'list.move': O((p) => ({ id: p.list, pos: 'top' })),
  'list.close': O((p, f) => ({ id: f }), { uses: 'list' }),
  'list.reopen': O((p) => ({ id: p.list })),
  'list.sort': O((p) => ({ id: p.list, by: 'name' })),
  'list.archiveCards': O((p) => ({ id: p.other })),
  'list.moveCards': O((p) => ({ id: p.other, idList: p.list })),
  'list.copy': O(() => ({ objects: [['list', { id: newId(), name: 'x' }]] }), { never: true }),
  'list.delete': O((p, f) => ({ id: f }), { uses: 'list' }),
  'card.create': O((p) => ({ id: newId(), idList: p.list, name: 'x' })),
  'card.copy': O((p) => ({ id: newId(), idSource: p.card, idList: p.list, keep: ['labels'] })),
  'card.set': O((p) => ({ id: p.card, name: 'y' })),
  'card.move': O((p) => ({ id: p.card, idList: p.list, pos: 'top' })),
  'card.transfer': O((p, f, s) => ({ id: f, idBoard: s.elsewhere.board }), { uses: 'card' }),
  'card.close': O((p, f) => ({ id: f }), { uses: 'card' }),
  'card.reopen': O((p, f) => ({ id: f }), { uses: 'closedCard' }),
  'card.delete': O((p, f) => ({ id: f }), { uses: 'closedCard' }),
  'card.label': O((p) => ({ id: p.card, element: p.label, on: true })),
  'card.member': O((p, f, s) => ({ id: p.card, element: s.sessions.admin.idMember, on: true })),
  'card.vote': O((p) => ({ id: p.card, on: true })),
  'cards.create': O((p) => ({ cards: [{ id: newId(), idList: p.list, name: 'x' }] })),
  'cards.move': O((p) => ({ ids: [p.card], idList: p.list })),
  'cards.set': O((p) => ({ ids: [p.card], fields: { name: 'z' } })),
  'checklist.create': O((p) => ({ id: newId(), idCard: p.card, name: 'x' })),
  'checklist.set': O((p) => ({ id: p.checklist, name: 'y' })),
  'checklist.move': O((p) => ({ id: p.checklist, pos: 'top' })),
  'checklist.delete': O((p, f) => ({ id: f }), { uses: 'checklist' }),
  'checkItem.create': O((p) => ({ id: newId(), idChecklist: p.checklist, name: 'x' })),
  'checkItem.set': O((p) => ({ id: p.item, state: 'complete' })),
  'checkItem.move': O((p) => ({ id: p.item, pos: 'bottom' })),
  'checkItem.delete': O((p, f) => ({ id: f }), { uses: 'item' }),
  'comment.create': O((p) => ({ id: newId(), idCard: p.card, text: 'x' })),
  'comment.set': O((p) => ({ id: p.comment, text: 'y' }), { access: 'admin' }),
  'comment.delete': O((p, f) => ({ id: f }), { uses: 'comment', access: 'admin' }),
  'comment.react': O((p) => ({ id: p.comment, emoji: '+', on: true })),
  'attachment.create': O((p) => ({ id: newId(), idCard: p.card, url: 'https://example.org/x' })),
  'attachment.file': O((p) => ({ id: newId(), idCard: p.card, file: 'a'.repeat(64) }), {
    never: true,
  }),
  'attachment.set': O((p) => ({ id: p.attachment, name: 'y' })),
  'attachment.move': O((p) => ({ id: p.attachment, pos: 'top' })),
  'attachment.delete': O((p, f) => ({ id: f }), { uses: 'attachment' }),
  'customField.create': O(() => ({ id: newId(), name: 'x', type: 'text' })),
  'customField.set': O((p) => ({ id: p.field, name: 'y' })),
  'customField.move': O((p) => ({ id: p.field, pos: 'top' })),
  'customField.delete': O((p, f) => ({ id: f }), { uses: 'field' }),
  'customFieldOption.create': O((p) => ({ id: newId(), idCustomField: p.field, text: 'x' })),
  'customFieldOption.set': O((p) => ({ id: p.option, text: 'y' })),
  'customFieldOption.move': O((p) => ({ id: p.option, pos: 'top' })),
  'customFieldOption.delete': O((p, f) => ({ id: f }), { uses: 'option' }),
  'customFieldItem.set': O((p) => ({
    id: newId(),
    idCard: p.card,
    idCustomField: p.field,
    idValue: p.option,
  })),
  'label.create': O(() => ({ id: newId(), name: 'x', color: 'red' })),
  'label.set': O((p) => ({ id: p.label, name: 'y' })),
  'label.delete': O((p, f) => ({ id: f }), { uses: 'label' }),
  text: O((p, f) => ({ kind: 'card', id: f, field: 'desc', delta: ['x'] }), { uses: 'card' }),
  'text.put': O((p) => ({ kind: 'card', id: p.card, field: 'desc', text: 'x' })),
  'member.add': O((p, f, s) => ({ idMember: s.victim, role: 'normal' }), { uses: 'noMember' }),
  'member.remove': O((p, f, s) => ({ idMember: s.victim }), { uses: 'member' }),
  'member.role': O((p, f, s) => ({ idMember: s.victim, role: 'observer' }), { uses: 'member' }),
  'member.join': O(() => ({}), { taken: true }), // visitors, in test-organizations.js
  'organization.create': O(() => ({ id: newId(), displayName: 'x' }), { never: true }),
  'organization.set': O(() => ({ id: newId(), desc: 'x' }), { never: true }),
  'organization.delete': O(() => ({ id: newId() }), { never: true }),
  'organization.memberAdd': O(() => ({ id: newId(), idMember: newId(), role: 'normal' }), {
    never: true,
  }),
  'organization.memberRole': O(() => ({ id: newId(), idMember: newId(), role: 'normal' }), {
    never: true,
  }),
  'organization.memberRemove': O(() => ({ id: newId(), idMember: newId() }), { never: true }),
  'import.add': O(() => ({ objects: [] }), { never: true }),
  'event.revert': O(() => ({ record: ['', ''] }), { never: true }),
  'cards.badges': O((p) => ({ ids: [p.card] }), { never: true }),
  'dir.member': O(() => ({ id: newId(), fullName: 'x' }), { never: true }),
  'dir.link': O(() => ({ id: newId(), hash: 'x' }), { never: true }),
  'dir.unlink': O(() => ({ id: newId() }), { never: true }),
  'dir.signIn': O(() => ({ id: newId(), hash: 'x', idLink: newId(), linkHash: 'x' }), {
    never: true,
  }),
  'dir.signOut': O(() => ({ id: newId() }), { never: true }),
  'dir.star': O(() => ({ id: newId(), idBoard: newId(), idMember: newId(), star: 1 }), {
    never: true,
  }),
  'dir.watch': O(
    () => ({ id: newId(), idBoard: newId(), idMember: newId(), element: newId(), on: true }),
    { never: true },
  ),
};

function table(name) {
  const done = tavla([name, '--json']);
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout);
}

/** 200-like, or exactly what a refusal must be. */
function expected(access, actor, board) {
  if (actor === 'anonymous') return 401;
  if (board === 'foreign' || board === 'deleted') return 404;
  if (actor === 'stranger' || actor === 'removed') return 404;
  return ALLOWED[access].includes(actor) ? 'ok' : 403;
}

/** The thing a call uses up: new where it may succeed, else the place's own of that kind. */
async function used(uses, place, stage, mayHappen) {
  if (!uses) return undefined;
  if (mayHappen) return await fresh[uses](place, stage);
  return {
    card: place.card,
    closedCard: place.card,
    deletedCard: place.card,
    checklist: place.checklist,
    item: place.item,
    attachment: place.attachment,
    comment: place.comment,
    field: place.field,
    option: place.option,
    label: place.label,
    list: place.list,
    board: place.board,
    link: place.card, // any id
  }[uses];
}

async function position(stage, place) {
  return (await place.client.get(`/v1/boards/${place.board}/state`)).pos.join();
}

test('every address, for everyone, on every board', async (t) => {
  const stage = await newStage(t);
  const { server, sessions, places } = stage;
  const rows = table('routes');
  assert.deepEqual(
    rows.map((row) => `${row.method} ${row.pattern}`).filter((name) => !(name in ROUTES)),
    [],
    'addresses without an expectation',
  );
  let checks = 0;
  for (const row of rows) {
    const name = `${row.method} ${row.pattern}`;
    const want = ROUTES[name];
    for (const actor of ACTORS) {
      const ask = (path, json) =>
        request(server, {
          method: row.method,
          path,
          token: sessions[actor]?.token,
          json,
          body: want.body,
          headers: want.body ? { 'Content-Type': 'text/plain' } : {},
        });
      if (!want.ok) {
        const status = want.everyone ?? (actor === 'anonymous' ? 401 : want.signedIn);
        if (want.live || (status !== 401 && want.signedIn === null)) continue;
        const path = want.path ?? row.pattern.replace(/\{[a-zA-Z]+\}/g, 'aaaaaaaaaaaaaaaaaaaaaaaa');
        assert.equal((await ask(path, want.json)).status, status, `${name} as ${actor}`);
        checks += 1;
        continue;
      }
      for (const board of BOARDS) {
        const place = places[board];
        const right = expected(want.access ?? row.access, actor, board);
        const before = right === 'ok' || board === 'deleted' ? '' : await position(stage, place);
        const thing = await used(want.uses, place, stage, right === 'ok');
        const answer = await ask(want.path(place, thing, stage), want.json?.(place, thing, stage));
        const said = `${answer.status} ${answer.text.slice(0, 200)}`;
        const label = `${name} as ${actor} on ${board}: ${said}`;
        // Only who is on the board hears of the board what is wrong with the member named.
        if (right === 'ok') assert.ok([want.ok].flat().includes(answer.status), label);
        else assert.equal(answer.status, right, label);
        if (before)
          assert.equal(await position(stage, place), before, `${label}: and yet it changed`);
        checks += 1;
      }
    }
  }
  t.diagnostic(`${checks} checks`);
});

test('every op, for everyone, on every board, over HTTP', async (t) => {
  const stage = await newStage(t);
  const { server, sessions, places } = stage;
  const rows = table('ops');
  assert.deepEqual(
    rows.map((row) => row.op).filter((name) => !(name in OPS)),
    [],
    'ops without an expectation',
  );
  for (const row of rows) {
    const want = OPS[row.op];
    for (const actor of ACTORS) {
      for (const board of BOARDS) {
        const place = { ...places[board] };
        let right = expected(
          row.access === 'signed-in' || want.never ? 'read' : (want.access ?? row.access),
          actor,
          board,
        );
        const thing = await used(want.uses, place, stage, right === 'ok');
        if (want.uses === 'board' && right === 'ok') place.board = thing;
        if (right === 'ok' && want.never) right = 400;
        if (right === 'ok' && want.taken) right = 409;
        const answer = await request(server, {
          method: 'POST',
          path: `/v1/boards/${place.board}/ops`,
          token: sessions[actor]?.token,
          json: { ops: [{ op: row.op, ...want.payload(place, thing, stage) }] },
        });
        assert.equal(
          answer.status,
          right === 'ok' ? 200 : right,
          `${row.op} as ${actor} on ${board}: ${answer.text.slice(0, 300)}`,
        );
      }
    }
  }
});

test('every op, for every member, over the live protocol', async (t) => {
  const stage = await newStage(t);
  const { server, sessions, places } = stage;
  for (const actor of ['observer', 'normal', 'admin']) {
    for (const board of ['own', 'archived']) {
      const place = places[board];
      const live = await Live.open(server, place.board, { token: sessions[actor].token });
      for (const row of table('ops')) {
        const want = OPS[row.op];
        if (row.op === 'board.delete') continue; // over HTTP, on a board of its own
        const may =
          !want.never &&
          expected(
            row.access === 'signed-in' ? 'read' : (want.access ?? row.access),
            actor,
            board,
          ) === 'ok';
        const thing = await used(want.uses, place, stage, may);
        const verdict = await live.op({ op: row.op, ...want.payload(place, thing, stage) });
        const why = want.never
          ? 'invalid'
          : !may
            ? 'forbidden'
            : want.taken
              ? 'conflict'
              : undefined;
        assert.equal(
          verdict.why,
          why,
          `${row.op} as ${actor} on ${board}: ${JSON.stringify(verdict)}`,
        );
      }
      await live.close();
    }
  }
  for (const actor of ['stranger', 'removed']) {
    const live = await Live.open(server, places.own.board, {
      token: sessions[actor].token,
      sub: false,
    });
    live.send({ t: 'sub', id: 1 });
    const error = await live.wait((m) => m.t === 'err', 'err').catch((lost) => lost);
    assert.ok(error.code === 'not_found' || error.code === 'forbidden' || error instanceof Error);
  }
});

test('one’s own stream, for every actor: their boards and no other', async (t) => {
  const stage = await newStage(t);
  const { server, sessions, places } = stage;
  for (const actor of ACTORS) {
    const live = new Live(server, null, { path: '/v1/me/live' });
    await live.opened;
    live.send({ t: 'hello', v: 1, cl: live.cl, token: sessions[actor]?.token });
    if (actor === 'anonymous') {
      assert.equal((await live.ended).code, 4009);
      continue;
    }
    await live.wait((m) => m.t === 'hello', 'hello');
    await live.sub();
    const listed = live.snapshot.state.filter(([kind]) => kind === 'board');
    const mine = new Set(listed.map(([, board]) => board.id));
    for (const board of BOARDS) {
      const right = expected('read', actor, board);
      assert.equal(mine.has(places[board].board), right === 'ok', `${board} as ${actor}`);
      const verdict = await live.op({ op: 'dir.star', idBoard: places[board].board, star: 1 });
      assert.equal(verdict.why, right === 'ok' ? undefined : 'not_found', `${board} as ${actor}`);
    }
    await live.close();
  }
});

test('the machine room is open from this machine only, and the session ends once', async (t) => {
  const server = await serve(t);
  const admin = await server.signIn();
  const metrics = (headers) => request(server, { path: '/metrics', headers });
  assert.match((await metrics({})).text, /^# HELP tavla_connections /);
  for (const field of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])
    assert.equal((await metrics({ [field]: '10.0.0.1' })).status, 404, field);
  const leave = () =>
    request(server, { method: 'DELETE', path: '/v1/session', token: admin.token });
  assert.equal((await leave()).status, 200);
  assert.equal((await leave()).status, 401);
});

// test-object-table.js - every kind of object, one row each, through one loop: created, changed,
// listed, removed, undone, exported, imported.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBoard, newApi } from './lib/import.js';
import { newId } from './lib/live.js';
import { newBoard } from './lib/trello.js';

const byId = (list, id) => list.find((one) => one.id === id);
const cardOf = (file) => file.cards.find((card) => card.name === 'Card 1');
const optionsOf = (file) => file.customFields.find((field) => field.name === 'Size').options;
const itemsOf = (file) => cardOf(file).customFieldItems ?? [];
const said = (file) => file.actions.filter((action) => action.type === 'commentCard');

/**
 * make, change, remove: ops. listed: what REST says of it now, or undefined. field: what `change`
 * changes, from and to. file: where it stands in an export, by what it says, because an import may
 * give other ids. travels: it goes along with its card to another board; how it is found there,
 * where it is not listed under the same id.
 */
const ROWS = {
  list: {
    make: (c) => [{ op: 'list.create', id: c.id, name: 'Before' }],
    change: (c) => [{ op: 'list.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'list.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/boards/${c.board}/lists`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => file.lists.find((one) => one.name === text),
  },
  card: {
    make: (c) => [{ op: 'card.create', id: c.id, idList: c.list, name: 'Before', desc: 'Words' }],
    change: (c) => [{ op: 'card.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'card.delete', id: c.id, force: true }],
    listed: async (c) => byId(await c.get(`/1/boards/${c.board}/cards`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => file.cards.find((one) => one.name === text && one.desc === 'Words'),
  },
  label: {
    make: (c) => [{ op: 'label.create', id: c.id, name: 'Before', color: 'red' }],
    change: (c) => [{ op: 'label.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'label.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/boards/${c.board}/labels`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => file.labels.find((one) => one.name === text),
  },
  'a label on a card': {
    travels: async (c) =>
      (await c.get(`/1/cards/${c.card}`)).labels.find((one) => one.name === 'Urgent'),
    make: (c) => [{ op: 'card.label', id: c.card, element: c.label, on: true }],
    remove: (c) => [{ op: 'card.label', id: c.card, element: c.label, on: false }],
    listed: async (c) => byId((await c.get(`/1/cards/${c.card}`)).labels, c.label),
    file: (file) => cardOf(file).labels.find((one) => one.name === 'Urgent'),
  },
  'a member on a card': {
    travels: true,
    make: (c) => [{ op: 'card.member', id: c.card, element: c.me, on: true }],
    remove: (c) => [{ op: 'card.member', id: c.card, element: c.me, on: false }],
    listed: async (c) => byId(await c.get(`/1/cards/${c.card}/members`), c.me),
    file: (file) => cardOf(file).idMembers[0],
  },
  'a vote': {
    travels: true,
    make: (c) => [{ op: 'card.vote', id: c.card, on: true }],
    remove: (c) => [{ op: 'card.vote', id: c.card, on: false }],
    listed: async (c) => byId(await c.get(`/1/cards/${c.card}/membersVoted`), c.me),
    file: (file) => cardOf(file).idMembersVoted[0],
  },
  'a cover': {
    travels: true,
    make: (c) => [{ op: 'card.set', id: c.card, cover: { color: 'red' } }],
    change: (c) => [{ op: 'card.set', id: c.card, cover: { color: 'blue' } }],
    remove: (c) => [{ op: 'card.set', id: c.card, cover: null }],
    listed: async (c) => {
      const { cover } = await c.get(`/1/cards/${c.card}`);
      return cover?.color ? cover : undefined;
    },
    field: ['color', 'red', 'blue'],
    file: (file, text) => (cardOf(file).cover.color === text ? cardOf(file).cover : undefined),
  },
  checklist: {
    travels: true,
    make: (c) => [{ op: 'checklist.create', id: c.id, idCard: c.card, name: 'Before' }],
    change: (c) => [{ op: 'checklist.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'checklist.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/cards/${c.card}/checklists`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => file.checklists.find((one) => one.name === text),
  },
  checkItem: {
    travels: true,
    make: (c) => [
      { op: 'checkItem.create', id: c.id, idChecklist: c.checklist, name: 'Before' },
    ],
    change: (c) => [{ op: 'checkItem.set', id: c.id, name: 'After', state: 'complete' }],
    remove: (c) => [{ op: 'checkItem.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/checklists/${c.checklist}/checkItems`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) =>
      file.checklists.flatMap((one) => one.checkItems).find((item) => item.name === text),
  },
  'a member of a check item': {
    make: (c) => [{ op: 'checkItem.set', id: c.item, idMember: c.me }],
    remove: (c) => [{ op: 'checkItem.set', id: c.item, idMember: null }],
    listed: async (c) => {
      const [item] = await c.get(`/1/checklists/${c.checklist}/checkItems`);
      return item.idMember ?? undefined;
    },
    file: (file) => file.checklists[0].checkItems[0].idMember,
  },
  comment: {
    travels: true,
    make: (c) => [{ op: 'comment.create', id: c.id, idCard: c.card, text: 'Before' }],
    change: (c) => [{ op: 'comment.set', id: c.id, text: 'After' }],
    remove: (c) => [{ op: 'comment.delete', id: c.id }],
    listed: async (c) =>
      byId(await c.get(`/1/cards/${c.card}/actions?filter=commentCard`), c.id)?.data,
    field: ['text', 'Before', 'After'],
    file: (file, text) => said(file).find((action) => action.data.text === text),
  },
  reaction: {
    travels: true,
    make: (c) => [{ op: 'comment.react', id: c.comment, emoji: '👍', on: true }],
    remove: (c) => [{ op: 'comment.react', id: c.comment, emoji: '👍', on: false }],
    listed: async (c) => (await c.get(`/1/actions/${c.comment}/reactions`))[0],
    notInFile: 'Trello exports none',
  },
  attachment: {
    travels: true,
    make: (c) => [
      {
        op: 'attachment.create',
        id: c.id,
        idCard: c.card,
        url: 'https://example.org/',
        name: 'Before',
      },
    ],
    change: (c) => [{ op: 'attachment.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'attachment.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/cards/${c.card}/attachments`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => cardOf(file).attachments.find((one) => one.name === text),
  },
  customField: {
    make: (c) => [{ op: 'customField.create', id: c.id, name: 'Before', type: 'text' }],
    change: (c) => [{ op: 'customField.set', id: c.id, name: 'After' }],
    remove: (c) => [{ op: 'customField.delete', id: c.id }],
    listed: async (c) => byId(await c.get(`/1/boards/${c.board}/customFields`), c.id),
    field: ['name', 'Before', 'After'],
    file: (file, text) => file.customFields.find((one) => one.name === text),
  },
  customFieldOption: {
    make: (c) => [
      { op: 'customFieldOption.create', id: c.id, idCustomField: c.sizes, text: 'Before' },
    ],
    change: (c) => [{ op: 'customFieldOption.set', id: c.id, text: 'After' }],
    remove: (c) => [{ op: 'customFieldOption.delete', id: c.id }],
    listed: async (c) =>
      byId(await c.get(`/1/customFields/${c.sizes}/options`), c.id)?.value,
    field: ['text', 'Before', 'After'],
    file: (file, text) => optionsOf(file).find((one) => one.value.text === text),
  },
  customFieldItem: {
    travels: async (c) => (await c.get(`/1/cards/${c.card}/customFieldItems`))[0].value,
    make: (c) => [
      {
        op: 'customFieldItem.set',
        id: c.id,
        idCard: c.card,
        idCustomField: c.note,
        value: { text: 'Before' },
      },
    ],
    change: (c) => [
      {
        op: 'customFieldItem.set',
        id: newId(),
        idCard: c.card,
        idCustomField: c.note,
        value: { text: 'After' },
      },
    ],
    remove: (c) => [
      {
        op: 'customFieldItem.set',
        id: newId(),
        idCard: c.card,
        idCustomField: c.note,
        value: null,
      },
    ],
    listed: async (c) =>
      (await c.get(`/1/cards/${c.card}/customFieldItems`)).find(
        (one) => one.idCustomField === c.note,
      )?.value,
    field: ['text', 'Before', 'After'],
    file: (file, text) => itemsOf(file).find((one) => one.value?.text === text),
  },
};

/** A board with one of everything that a row may stand on. */
async function newContext(t) {
  const { api } = await newApi(t);
  const made = await newBoard(api, { name: 'Table', lists: ['Here', 'There'], cards: 1 });
  const c = {
    get: (path) => api.get(path),
    api,
    me: (await api.get('/1/members/me')).id,
    board: made.id,
    list: made.lists[0].id,
    card: made.cards[0].id,
    label: newId(),
    checklist: newId(),
    item: newId(),
    comment: newId(),
    sizes: newId(),
    note: newId(),
  };
  c.act = (ops) => api.post(`/v1/boards/${c.board}/ops`, { ops });
  c.seq = async () => (await api.get(`/v1/boards/${c.board}/state`)).pos[0];
  c.undo = async () => api.post(`/v1/boards/${c.board}/revert`, { s: await c.seq() });
  await c.act([
    { op: 'board.set', prefs: { voting: 'members' } },
    { op: 'label.create', id: c.label, name: 'Urgent', color: 'green' },
    { op: 'checklist.create', id: c.checklist, idCard: c.card, name: 'Steps' },
    { op: 'checkItem.create', id: c.item, idChecklist: c.checklist, name: 'First' },
    { op: 'comment.create', id: c.comment, idCard: c.card, text: 'First' },
    { op: 'customField.create', id: c.sizes, name: 'Size', type: 'list' },
    { op: 'customField.create', id: c.note, name: 'Note', type: 'text' },
  ]);
  return c;
}

/** In its export, and in the export of what is made of that. */
async function fileHas(c, row, text) {
  const { text: file } = await c.api.call('GET', `/1/boards/${c.board}/export`);
  assert.ok(row.file(JSON.parse(file), text), 'exported');
  const status = await importBoard(c.api, file);
  assert.equal(status.state, 'done', status.error);
  const again = await c.get(`/1/boards/${status.idBoard}/export`);
  assert.ok(row.file(again, text), 'imported');
}

for (const [name, row] of Object.entries(ROWS)) {
  test(`${name}: created, changed, listed, removed, undone, exported, imported`, async (t) => {
    const c = await newContext(t);
    c.id = newId();
    const [field, before, after] = row.field ?? [];
    const isThere = async (value) => {
      const one = await row.listed(c);
      assert.ok(one, 'listed');
      if (field) assert.equal(one[field], value);
    };
    assert.equal(await row.listed(c), undefined);
    await c.act(row.make(c));
    await isThere(before);
    await c.undo();
    assert.equal(await row.listed(c), undefined, 'its creation undone');
    await c.undo();
    await isThere(before);
    if (row.change) {
      await c.act(row.change(c));
      await isThere(after);
      await c.undo();
      await isThere(before);
      await c.undo();
      await isThere(after);
    }
    if (row.file) await fileHas(c, row, after);
    await c.act(row.remove(c));
    assert.equal(await row.listed(c), undefined, 'removed');
    await c.undo();
    await isThere(after);
  });
}

for (const [name, row] of Object.entries(ROWS).filter(([, { travels }]) => travels)) {
  test(`${name}: goes to another board with its card, and comes back`, async (t) => {
    const c = await newContext(t);
    c.id = newId();
    await c.act(row.make(c));
    const there = await newBoard(c.api, { name: 'There' });
    const [field, value] = row.field ?? [];
    for (const [board, listed] of [
      [there.id, row.travels === true ? row.listed : row.travels],
      [c.board, row.listed],
    ]) {
      await c.api.put(`/1/cards/${c.card}`, { idBoard: board });
      const one = await listed(c);
      assert.ok(one, board === c.board ? 'here again' : 'there');
      if (field) assert.equal(one[field], value);
    }
  });
}

test('a board: created, changed, listed, removed, undone, exported, imported', async (t) => {
  const c = await newContext(t);
  const listed = async () => byId(await c.get('/1/members/me/boards'), c.board);
  assert.equal((await listed()).name, 'Table');
  await c.act([{ op: 'board.set', name: 'After' }]);
  assert.equal((await listed()).name, 'After');
  await c.undo();
  assert.equal((await listed()).name, 'Table');
  await c.act([{ op: 'board.close' }]);
  assert.equal((await c.get(`/1/boards/${c.board}`)).closed, true);
  await c.undo();
  assert.equal((await c.get(`/1/boards/${c.board}`)).closed, false);
  await fileHas(c, { file: (file, text) => file.name === text }, 'Table');
  await c.api.delete(`/1/boards/${c.board}`); // for good
  assert.equal(await listed(), undefined);
});

test('a membership: created, changed, listed, removed; nobody undoes it', async (t) => {
  const { api, world } = await newApi(t);
  const guest = await world.server.newMember('Guest', world.board);
  const path = `/1/boards/${world.board}`;
  const listed = async () =>
    (await api.get(`${path}/memberships`)).find((one) => one.idMember === guest.idMember);
  assert.equal((await listed()).memberType, 'normal');
  await api.put(`${path}/members/${guest.idMember}`, { type: 'admin' });
  assert.equal((await listed()).memberType, 'admin');
  const file = await api.get(`${path}/export`);
  assert.ok(file.memberships.some((one) => one.idMember === guest.idMember));
  const status = await importBoard(api, JSON.stringify(file));
  const again = await api.get(`/1/boards/${status.idBoard}/export`);
  assert.equal(again.memberships[0].idMember, world.admin.idMember);
  await api.delete(`${path}/members/${guest.idMember}`);
  assert.equal(await listed(), undefined);
  const [s] = (await api.get(`/v1/boards/${world.board}/state`)).pos;
  const undone = await api.call('POST', `/v1/boards/${world.board}/revert`, { s });
  assert.equal(undone.status, 400);
});

test('an organization: created, changed, listed, removed, exported, imported', async (t) => {
  const c = await newContext(t);
  const made = await c.api.post('/1/organizations', { displayName: 'Before' });
  const listed = async () => byId(await c.get('/1/members/me/organizations'), made.id);
  assert.equal((await listed()).displayName, 'Before');
  await c.api.put(`/1/organizations/${made.id}`, { displayName: 'After' });
  assert.equal((await listed()).displayName, 'After');
  await c.api.put(`/1/boards/${c.board}`, { idOrganization: made.id });
  // a board that came or went is taken back like any change of it; the organization is not
  await c.undo();
  assert.equal((await c.get(`/1/boards/${c.board}`)).idOrganization ?? null, null);
  await c.undo();
  const { text: file } = await c.api.call('GET', `/1/boards/${c.board}/export`);
  assert.equal(JSON.parse(file).organization.displayName, 'After');
  const status = await importBoard(c.api, file, { organization: made.id });
  assert.equal((await c.get(`/1/boards/${status.idBoard}`)).idOrganization, made.id);
  await c.api.delete(`/1/organizations/${made.id}`);
  assert.equal(await listed(), undefined);
});

test('a membership of an organization: created, changed, listed, removed', async (t) => {
  const { api, world } = await newApi(t);
  const guest = await world.server.newMember('Guest', world.board);
  const { id } = await api.post('/1/organizations', { displayName: 'Crew' });
  const path = `/1/organizations/${id}`;
  const listed = async () =>
    (await api.get(`${path}/memberships`)).find((one) => one.idMember === guest.idMember);
  assert.equal(await listed(), undefined);
  await api.put(`${path}/members/${guest.idMember}`, { type: 'normal' });
  assert.equal((await listed()).memberType, 'normal');
  await api.put(`${path}/members/${guest.idMember}`, { type: 'admin' });
  assert.equal((await listed()).memberType, 'admin');
  await api.delete(`${path}/members/${guest.idMember}`);
  assert.equal(await listed(), undefined);
});

test('a star and a watch: created, changed, listed, removed; their member’s alone', async (t) => {
  const c = await newContext(t);
  const stars = async () => (await c.get('/1/members/me/boardStars'))[0];
  assert.equal(await stars(), undefined);
  const star = await c.api.post('/1/members/me/boardStars', { idBoard: c.board, pos: 'top' });
  assert.equal((await stars()).id, star.id);
  await c.api.put(`/1/members/me/boardStars/${star.id}`, { pos: 7 });
  assert.equal((await stars()).pos, 7);
  await c.api.delete(`/1/members/me/boardStars/${star.id}`);
  assert.equal(await stars(), undefined);
  const watched = async () => (await c.get(`/1/cards/${c.card}?fields=subscribed`)).subscribed;
  for (const value of [true, false]) {
    await c.api.put(`/1/cards/${c.card}/subscribed`, { value });
    assert.equal(await watched(), value);
  }
  // nothing of either is in the board: neither in its log, which undoes, nor in its export
  const { text: file } = await c.api.call('GET', `/1/boards/${c.board}/export`);
  assert.ok(!file.includes('boardStars'));
});

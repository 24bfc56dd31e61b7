// test-organizations.js - workspaces: made, changed, listed, left and deleted; boards in them; and
// what their members may see of boards that they are not on, until they may not any more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './lib/http.js';
import { importBoard } from './lib/import.js';
import { Live, newId } from './lib/live.js';
import { tavla } from './lib/server.js';
import { ops } from './lib/trello.js';
import { ended, fill, newStranger, newWorld } from './lib/world.js';

/** The administrator's workspace with Ann in it; Eve is on the server and in neither. */
async function newCrew(t) {
  const world = await newWorld(t);
  const ann = await newStranger(world, 'Ann');
  const eve = await newStranger(world, 'Eve');
  const clients = {
    admin: new Client(world.server, world.admin.token),
    ann: new Client(world.server, ann.token),
    eve: new Client(world.server, eve.token),
  };
  const crew = await clients.admin.post('/1/organizations', { displayName: 'The Crew' });
  await clients.admin.put(`/1/organizations/${crew.id}/members/${ann.idMember}`);
  return { ...world, ann, eve, clients, crew, path: `/1/organizations/${crew.id}` };
}

/** The board is the workspace's, and its members may read it. */
async function share(crew, more = {}) {
  await crew.clients.admin.put(`/1/boards/${crew.board}`, {
    idOrganization: crew.crew.id,
    prefs: { permissionLevel: 'org', ...more },
  });
}

const status = async (client, method, path, json) => (await client.call(method, path, json)).status;

test('a workspace has Trello’s shape, an own name, and changes', async (t) => {
  const { clients, crew, path, admin, ann } = await newCrew(t);
  assert.equal(crew.name, 'the_crew');
  assert.equal(crew.displayName, 'The Crew');
  assert.deepEqual(crew.prefs, { permissionLevel: 'private' });
  assert.match(crew.dateCreated, /^20\d\d-/);
  assert.deepEqual(
    crew.memberships.map((one) => [one.idMember, one.memberType]),
    [[admin.idMember, 'admin']],
  );
  const same = { displayName: 'The Crew' };
  assert.equal((await clients.admin.post('/1/organizations', same)).name, 'the_crew2');
  const changed = await clients.admin.put(path, { desc: 'D', website: 'https://x.example' });
  assert.deepEqual([changed.desc, changed.website], ['D', 'https://x.example']);
  await clients.admin.put(`${path}/name`, { value: 'sailors' });
  const read = await clients.ann.get('/1/organizations/sailors?fields=name,desc&members=true');
  assert.deepEqual(Object.keys(read).sort(), ['desc', 'id', 'members', 'name']);
  assert.deepEqual(
    read.members.map((one) => one.fullName).sort(),
    ['Ann', (await clients.admin.get('/1/members/me')).fullName].sort(),
  );
  assert.equal((await clients.ann.get(`${path}/desc`))._value, 'D');
  const taken = { name: 'the_crew2' };
  for (const wrong of [taken, { name: 'A b' }, { website: 'x' }, { displayName: '' }])
    assert.equal(await status(clients.admin, 'PUT', path, wrong), wrong === taken ? 409 : 400);
  const open = { 'prefs/permissionLevel': 'public' };
  assert.equal(await status(clients.admin, 'PUT', path, open), 400);
  assert.equal(await status(clients.ann, 'PUT', path, { desc: 'x' }), 403);
  assert.equal(await status(clients.admin, 'POST', '/1/organizations', {}), 400);
  const mine = await clients.ann.get('/1/members/me/organizations');
  assert.deepEqual(
    mine.map((one) => one.name),
    ['sailors'],
  );
  // of somebody else, those that both are in
  const theirs = await clients.ann.get(`/1/members/${admin.idMember}/organizations`);
  assert.deepEqual(
    theirs.map((one) => one.name),
    ['sailors'],
  );
  assert.equal((await clients.admin.get(`${path}/memberships`)).length, 2);
  assert.ok((await clients.admin.get(`${path}/members`)).some((one) => one.id === ann.idMember));
});

test('a workspace is made once under one idempotency key', async (t) => {
  const { clients } = await newCrew(t);
  const headers = { headers: { 'Idempotency-Key': 'once' } };
  const asked = { displayName: 'Once' };
  const first = await clients.admin.call('POST', '/1/organizations', asked, headers);
  const again = await clients.admin.call('POST', '/1/organizations', asked, headers);
  assert.equal(first.status, 200);
  assert.equal(again.status, 200);
  assert.equal(again.json.id, first.json.id);
});

test('whoever is not in it learns nothing of it', async (t) => {
  const { clients, path, eve, crew } = await newCrew(t);
  for (const at of [path, '/1/organizations/the_crew'])
    for (const [method, more, json] of [
      ['GET', ''],
      ['GET', '/boards'],
      ['GET', '/members'],
      ['GET', '/memberships'],
      ['GET', '/name'],
      ['PUT', '', { desc: 'x' }],
      ['DELETE', ''],
      ['PUT', `/members/${eve.idMember}`, { type: 'admin' }],
      ['DELETE', `/members/${eve.idMember}`],
    ])
      assert.equal(await status(clients.eve, method, at + more, json), 404, `${method} ${more}`);
  assert.deepEqual(await clients.eve.get('/1/members/me/organizations'), []);
  const board = { name: 'x', idOrganization: crew.id };
  assert.equal(await status(clients.eve, 'POST', '/1/boards', board), 404);
});

test('members come, change what they are, and go', async (t) => {
  const { clients, path, admin, ann, eve } = await newCrew(t);
  const people = `${path}/members`;
  assert.equal(await status(clients.ann, 'PUT', `${people}/${eve.idMember}`), 403);
  const username = (await clients.eve.get('/1/members/me')).username;
  await clients.admin.put(`${people}/${username}`, { type: 'normal' });
  assert.equal((await clients.eve.get(path)).name, 'the_crew');
  assert.equal(await status(clients.admin, 'PUT', `${people}/nobody`), 404);
  assert.equal(await status(clients.admin, 'PUT', `${people}/${eve.idMember}`, { type: 'x' }), 400);
  assert.equal(await status(clients.eve, 'DELETE', `${people}/${ann.idMember}`), 403);
  await clients.eve.delete(`${people}/me`);
  assert.equal(await status(clients.eve, 'GET', path), 404);
  // the last admin stays
  assert.equal(await status(clients.admin, 'DELETE', `${people}/${admin.idMember}`), 409);
  assert.equal(await status(clients.admin, 'PUT', `${people}/me`, { type: 'normal' }), 409);
  await clients.admin.put(`${people}/${ann.idMember}`, { type: 'admin' });
  await clients.admin.delete(`${people}/${admin.idMember}`);
  assert.equal(await status(clients.admin, 'GET', path), 404);
  await clients.ann.put(`${people}/${admin.idMember}`, { type: 'admin' });
});

test('boards are in one, and leave it', async (t) => {
  const { clients, path, crew, board } = await newCrew(t);
  const own = await clients.ann.post('/1/boards', { name: 'Ann’s', idOrganization: crew.id });
  assert.equal(own.idOrganization, crew.id);
  assert.equal((await clients.ann.get(`/1/boards/${own.id}/organization`)).name, 'the_crew');
  const nested = await clients.ann.get(`/1/boards/${own.id}?fields=name&organization=true`);
  assert.equal(nested.organization.displayName, 'The Crew');
  await clients.admin.put(`/1/boards/${board}`, { idOrganization: crew.id });
  // private boards are their own members'
  const names = async (client) => (await client.get(`${path}/boards`)).map((one) => one.name);
  assert.deepEqual(await names(clients.ann), ['Ann’s']);
  assert.deepEqual(await names(clients.admin), ['Board']);
  assert.deepEqual((await clients.ann.get(path)).idBoards, [own.id]);
  await clients.ann.put(`/1/boards/${own.id}`, { prefs: { permissionLevel: 'org' } });
  assert.deepEqual((await names(clients.admin)).sort(), ['Ann’s', 'Board']);
  // an undone move is judged as a move
  const { pos } = await clients.admin.get(`/v1/boards/${board}/state`);
  await clients.admin.put(`/1/boards/${board}/idOrganization`, { value: '' });
  assert.equal((await clients.admin.get(`/1/boards/${board}`)).idOrganization ?? null, null);
  await clients.admin.post(`/v1/boards/${board}/revert`, { s: pos[0] + 1 });
  assert.equal((await clients.admin.get(`/1/boards/${board}`)).idOrganization, crew.id);
});

test('a workspace that is deleted leaves its boards behind', async (t) => {
  const crew = await newCrew(t);
  const { clients, path, board } = crew;
  await share(crew);
  const own = await clients.ann.post('/1/boards', { name: 'B', idOrganization: crew.crew.id });
  assert.equal(await status(clients.ann, 'DELETE', path), 403);
  assert.deepEqual(await clients.admin.delete(path), { _value: null });
  assert.equal(await status(clients.admin, 'GET', path), 404);
  for (const [client, id] of [
    [clients.admin, board],
    [clients.ann, own.id],
  ])
    assert.equal((await client.get(`/1/boards/${id}`)).idOrganization ?? null, null);
  assert.equal(await status(clients.ann, 'GET', `/1/boards/${board}`), 404);
  await crew.server.stop();
  const checked = tavla(['verify', '--data', crew.server.data]);
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
});

test('search finds workspaces, and boards of some', async (t) => {
  const crew = await newCrew(t);
  const { clients } = crew;
  await clients.admin.put(`/1/boards/${crew.board}`, { idOrganization: crew.crew.id });
  const found = await clients.admin.get('/1/search?query=crew&modelTypes=organizations');
  assert.deepEqual(
    found.organizations.map((one) => one.name),
    ['the_crew'],
  );
  const none = await clients.eve.get('/1/search?query=crew&modelTypes=organizations');
  assert.deepEqual(none.organizations, []);
  const of = (id) => clients.admin.get(`/1/search?query=board&idOrganizations=${id}`);
  assert.deepEqual(
    (await of(crew.crew.id)).boards.map((one) => one.id),
    [crew.board],
  );
  assert.deepEqual((await of(newId())).boards, []);
});

test('a workspace is in an export, and of an import’s only what is asked', async (t) => {
  const crew = await newCrew(t);
  const { clients } = crew;
  await clients.admin.put(`/1/boards/${crew.board}`, { idOrganization: crew.crew.id });
  const file = await clients.admin.get(`/1/boards/${crew.board}/export`);
  assert.equal(file.idOrganization, crew.crew.id);
  assert.equal(file.organization.name, 'the_crew');
  const text = JSON.stringify(file);
  const alone = await importBoard(clients.admin, text);
  const none = await clients.admin.get(`/1/boards/${alone.idBoard}`);
  assert.equal(none.idOrganization ?? null, null);
  assert.equal(alone.report.unsupported.organization, 1);
  const there = await importBoard(clients.admin, text, { organization: crew.crew.id });
  const made = await clients.admin.get(`/1/boards/${there.idBoard}`);
  assert.equal(made.idOrganization, crew.crew.id);
});

/** On the board: the administrator, Ann as an observer, and a guest of no workspace. */
async function newPeople(crew) {
  const { clients, board, admin, ann, server } = crew;
  await clients.admin.put(`/1/boards/${board}/members/${ann.idMember}`, { type: 'normal' });
  const guest = await server.newMember('Guest', board);
  await clients.admin.put(`/1/boards/${board}`, { prefs: { voting: 'members' } });
  const everyone = [admin, ann, guest].map((one) => one.idMember);
  const list = await clients.admin.post('/1/lists', { idBoard: board, name: 'L' });
  const card = await clients.admin.post('/1/cards', {
    idList: list.id,
    name: 'Card',
    idMembers: everyone,
  });
  const checklist = await clients.admin.post(`/1/cards/${card.id}/checklists`, { name: 'K' });
  for (const idMember of everyone)
    await clients.admin.post(`/1/checklists/${checklist.id}/checkItems`, { name: 'I', idMember });
  for (const who of [clients.admin, clients.ann, new Client(server, guest.token)]) {
    const { id } = await who.get('/1/members/me');
    await who.post(`/1/cards/${card.id}/membersVoted`, { value: id });
    await who.post(`/1/cards/${card.id}/actions/comments`, { text: id });
  }
  await clients.admin.put(`/1/boards/${board}/members/${ann.idMember}`, { type: 'observer' });
  return guest;
}

/** Who is where on the board, in the order of `known`; the others come as null. */
function peopleOf(file, known) {
  const places = (ids) => known.filter((id) => ids.includes(id));
  const [card] = file.cards;
  const said = file.actions.filter(({ type }) => type === 'commentCard');
  return {
    memberships: known.map(
      (id) => file.memberships.find((one) => one.idMember === id)?.memberType ?? null,
    ),
    count: file.memberships.length,
    idMembers: places(card.idMembers),
    idMembersVoted: places(card.idMembersVoted),
    items: file.checklists[0].checkItems.map((item) => item.idMember ?? null),
    said: known.map((id) => said.find(({ data }) => data.text === id).idMemberCreator),
  };
}

test('an import knows the importer, in a workspace its members, and nobody else', async (t) => {
  const crew = await newCrew(t);
  const { clients, admin, ann, board } = crew;
  const guest = await newPeople(crew);
  const known = [admin.idMember, ann.idMember, guest.idMember];
  const { text } = await clients.admin.call('GET', `/1/boards/${board}/export`);
  const imported = async (who, options) => {
    const { idBoard, report, state, error } = await importBoard(who, text, options);
    assert.equal(state, 'done', error);
    const again = await who.get(`/1/boards/${idBoard}/export`);
    return { idBoard, report, people: peopleOf(again, known) };
  };
  assert.deepEqual((await imported(clients.admin)).people, {
    memberships: ['admin', null, null],
    count: 1,
    idMembers: [known[0]],
    idMembersVoted: [known[0]],
    items: [known[0], null, null],
    said: [known[0], null, null],
  });
  const here = await imported(clients.admin, { organization: crew.crew.id });
  assert.deepEqual(here.people, {
    memberships: ['admin', 'observer', null],
    count: 2,
    idMembers: known.slice(0, 2),
    idMembersVoted: known.slice(0, 2),
    items: [known[0], known[1], null],
    said: [known[0], known[1], null],
  });
  assert.ok(here.report.notes.includes('2 of 3 people are known here; not guest'));
  const { idMembers, idMembersVoted, checkItemMembers, members } = here.report.unsupported;
  assert.deepEqual([idMembers, idMembersVoted, checkItemMembers, members], [1, 1, 1, 1]);
  const theirs = await clients.ann.get('/1/members/me/boards');
  assert.ok(theirs.some((one) => one.id === here.idBoard));
  // by Ann, the administrator of the board comes as one of its members
  const byAnn = await imported(clients.ann, { organization: crew.crew.id });
  assert.deepEqual(byAnn.people.memberships, ['normal', 'admin', null]);
  // whoever is not in the workspace brings nobody into a board of it
  const before = await clients.ann.get('/1/members/me/boards');
  const eve = await importBoard(clients.eve, text, { organization: crew.crew.id });
  assert.equal(eve.state, 'failed');
  assert.deepEqual(await clients.ann.get('/1/members/me/boards'), before);
});

test('a visitor reads all of a board and changes nothing', async (t) => {
  const crew = await newCrew(t);
  const { clients, board, ann } = crew;
  const author = await Live.open(crew.server, board, { token: crew.admin.token });
  const { cards } = await fill(author, 2);
  assert.equal(await status(clients.ann, 'GET', `/1/boards/${board}`), 404);
  await share(crew);
  assert.equal(await status(clients.eve, 'GET', `/1/boards/${board}`), 404);
  assert.equal((await clients.ann.get(`/1/boards/${board}/cards`)).length, 2);
  assert.equal((await clients.ann.get(`/v1/boards/${board}/state`)).state.length > 3, true);
  const visitor = await Live.open(crew.server, board, { token: ann.token });
  await author.ok(ops.set(cards[0], { name: 'Seen' }));
  await visitor.reach(author.pos[0]);
  const close = { op: 'card.close', id: cards[0] };
  assert.equal((await visitor.op(close)).why, 'forbidden');
  assert.equal(await status(clients.ann, 'PUT', `/1/cards/${cards[0]}`, { name: 'x' }), 403);
  const join = `/1/boards/${board}/members/${ann.idMember}`;
  assert.equal(await status(clients.ann, 'PUT', join, { type: 'normal' }), 403);
  await share(crew, { selfJoin: true });
  assert.equal(await status(clients.ann, 'PUT', join, { type: 'admin' }), 403);
  assert.equal(await status(clients.ann, 'PUT', join, { type: 'normal' }), 200);
  assert.equal((await visitor.op(close)).why, undefined);
  await visitor.close();
  await author.close();
});

/** What takes a visitor's access away, and gives it back. */
const LOSSES = {
  'the board goes private': {
    take: (crew) =>
      crew.clients.admin.put(`/1/boards/${crew.board}`, { prefs: { permissionLevel: 'private' } }),
    seen: true,
  },
  'the board leaves the workspace': {
    take: (crew) => crew.clients.admin.put(`/1/boards/${crew.board}`, { idOrganization: null }),
    seen: true,
  },
  'the visitor leaves the workspace': {
    take: (crew) => crew.clients.admin.delete(`${crew.path}/members/${crew.ann.idMember}`),
  },
  'the workspace is deleted': { take: (crew) => crew.clients.admin.delete(crew.path) },
};

for (const [name, { take, seen }] of Object.entries(LOSSES))
  test(`a visitor gets nothing from then on: ${name}`, async (t) => {
    const crew = await newCrew(t);
    const { board, ann } = crew;
    await share(crew);
    const author = await Live.open(crew.server, board, { token: crew.admin.token });
    const { cards } = await fill(author, 3);
    const visitors = [
      await Live.open(crew.server, board, { token: ann.token }),
      await Live.open(crew.server, board, { token: ann.token }),
    ];
    const told = visitors.map((live) => live.wait((m) => m.t === 'err', 'err'));
    const verdicts = [];
    const write = (text) => verdicts.push(author.ok(ops.set(cards[0], { name: text })));
    for (let i = 0; i < 40; i += 1) write(`${i}`);
    const before = author.pos[0];
    const cut = take(crew);
    for (let i = 0; i < 40; i += 1) write(`+${i}`);
    await cut;
    const marked = (await author.ok(ops.set(cards[1], { name: 'after' }))).s;
    await Promise.all(verdicts);
    for (const [i, live] of visitors.entries()) {
      assert.equal((await told[i]).code, 'forbidden');
      assert.equal((await ended(live)).code, 4009);
      assert.equal(live.violation, null);
      assert.ok(live.pos[0] >= before - 40 && live.pos[0] < marked, `${live.pos[0]} of ${marked}`);
      // what the board itself says of it has a seq, and nothing from there on was heard
      const says = author.events.find((one) => JSON.stringify(one.e).includes('["set","board"'));
      if (seen) assert.equal(live.pos[0], says.s - 1);
    }
    const again = await Live.open(crew.server, board, { token: ann.token, sub: false });
    const refused = again.wait((m) => m.t === 'err', 'err');
    again.send({ t: 'sub', id: 1, since: visitors[0].pos });
    assert.equal((await refused).code, 'not_found');
    assert.equal((await again.get(cards[0])).code, 'not_found');
    await again.close();
    await author.close();
  });

test('memberships that come and go amid joins never leak an event', async (t) => {
  const crew = await newCrew(t);
  const { board, ann, clients } = crew;
  await share(crew);
  const author = await Live.open(crew.server, board, { token: crew.admin.token });
  const { cards } = await fill(author, 100);
  const people = `${crew.path}/members/${ann.idMember}`;
  for (let round = 0; round < 5; round += 1) {
    const lives = await Promise.all(
      Array.from({ length: 4 }, () =>
        Live.open(crew.server, board, { token: ann.token, sub: false }),
      ),
    );
    const told = lives.map((live) => live.wait((m) => m.t === 'err', 'err'));
    for (const live of lives) live.sub().catch(() => {});
    await clients.admin.delete(people);
    const { s } = await author.ok(ops.set(cards[round], { name: `after ${round}` }));
    for (const [i, live] of lives.entries()) {
      await told[i];
      assert.equal(live.violation, null);
      assert.ok(!live.pos || live.pos[0] < s, `${live.pos} of ${s}`);
      await live.drop();
    }
    await clients.admin.put(people);
  }
  await author.close();
});

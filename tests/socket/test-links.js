// test-links.js - invitations: a board's admins make one-time links, see those that are open, and
// withdraw them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { newBoard, newWorld } from './lib/world.js';

const LIMIT = 100; // core/base/limits.h: LINKS_PER_BOARD_MAX
const DAY_MS = 86_400_000;

async function newHost(t) {
  const world = await newWorld(t);
  const admin = new Client(world.server, world.admin.token);
  const path = `/v1/boards/${world.board}/links`;
  return { ...world, client: admin, path };
}

const tokenOf = (link) => link.url.match(/\/link\/([0-9a-f]{64})$/)[1];

async function memberTypes(host) {
  const list = await host.client.get(`/1/boards/${host.board}/memberships`);
  return Object.fromEntries(list.map((one) => [one.idMember, one.memberType]));
}

test('a link makes a member of the board, in that role, and works once', async (t) => {
  const host = await newHost(t);
  for (const role of ['observer', 'normal', 'admin']) {
    const before = Date.now();
    const link = await host.client.post(host.path, { name: ` Bea ${role} `, role });
    assert.deepEqual(Object.keys(link).sort(), ['expires', 'idMember', 'url']);
    assert.ok(link.url.startsWith(host.server.origin), link.url);
    const days = (Date.parse(link.expires) - before) / DAY_MS;
    assert.ok(days > 6.9 && days < 7.1, link.expires);
    assert.equal((await memberTypes(host))[link.idMember], role);
    const bea = await host.server.signIn(tokenOf(link));
    assert.equal(bea.idMember, link.idMember);
    const client = new Client(host.server, bea.token);
    assert.equal((await client.get('/1/members/me')).fullName, `Bea ${role}`);
    const rename = await client.call('PUT', `/1/boards/${host.board}`, { name: role });
    assert.equal(rename.status, role === 'admin' ? 200 : 403);
    const again = { method: 'POST', path: '/v1/link', json: { token: tokenOf(link) } };
    assert.equal((await request(host.server, again)).status, 401);
  }
});

test('open links are listed without their secret, used ones are not', async (t) => {
  const host = await newHost(t);
  const links = [];
  for (const name of ['Bea', 'Cleo'])
    links.push(await host.client.post(host.path, { name, role: 'observer' }));
  const board = await newBoard(host.server, host.admin, 'Another');
  await host.client.post(`/v1/boards/${board}/links`, { name: 'Dora', role: 'normal' });
  const answer = await host.client.call('GET', host.path);
  const byName = (a, b) => (a.fullName < b.fullName ? -1 : 1);
  assert.deepEqual(answer.json.sort(byName), [
    {
      expires: links[0].expires,
      fullName: 'Bea',
      idMember: links[0].idMember,
      role: 'observer',
      username: 'bea',
    },
    {
      expires: links[1].expires,
      fullName: 'Cleo',
      idMember: links[1].idMember,
      role: 'observer',
      username: 'cleo',
    },
  ]);
  for (const link of links) assert.ok(!answer.text.includes(tokenOf(link)));
  await host.server.signIn(tokenOf(links[0]));
  assert.deepEqual(
    (await host.client.get(host.path)).map((one) => one.fullName),
    ['Cleo'],
  );
  await host.client.delete(`/1/boards/${host.board}/members/${links[1].idMember}`);
  const [left] = await host.client.get(host.path);
  assert.equal(left.role, null, 'off the board, but the link still signs in');
});

test("the operator's links are none of a board's", async (t) => {
  const host = await newHost(t);
  const bea = await host.server.newMember('Bea', host.board);
  assert.deepEqual(await host.client.get(host.path), []);
  assert.equal((await host.client.call('DELETE', `${host.path}/${bea.idMember}`)).status, 404);
  assert.equal((await memberTypes(host))[bea.idMember], 'normal');
});

test('a withdrawn link signs nobody in and takes its member off the board', async (t) => {
  const host = await newHost(t);
  const link = await host.client.post(host.path, { name: 'Bea', role: 'admin' });
  const elsewhere = await newBoard(host.server, host.admin, 'Another');
  const wrong = `/v1/boards/${elsewhere}/links/${link.idMember}`;
  assert.equal((await host.client.call('DELETE', wrong)).status, 404, "another board's");
  assert.deepEqual(await host.client.delete(`${host.path}/${link.idMember}`), {});
  const use = { method: 'POST', path: '/v1/link', json: { token: tokenOf(link) } };
  assert.equal((await request(host.server, use)).status, 401);
  assert.equal((await memberTypes(host))[link.idMember], undefined);
  assert.deepEqual(await host.client.get(host.path), []);
  assert.equal((await host.client.call('DELETE', `${host.path}/${link.idMember}`)).status, 404);
});

test('who was taken off the board has their link withdrawn all the same', async (t) => {
  const host = await newHost(t);
  const link = await host.client.post(host.path, { name: 'Bea', role: 'normal' });
  await host.client.delete(`/1/boards/${host.board}/members/${link.idMember}`);
  assert.deepEqual(await host.client.delete(`${host.path}/${link.idMember}`), {});
  const use = { method: 'POST', path: '/v1/link', json: { token: tokenOf(link) } };
  assert.equal((await request(host.server, use)).status, 401);
});

test('who used their link stays when it is withdrawn too late', async (t) => {
  const host = await newHost(t);
  const link = await host.client.post(host.path, { name: 'Bea', role: 'normal' });
  await host.server.signIn(tokenOf(link));
  const late = await host.client.call('DELETE', `${host.path}/${link.idMember}`);
  assert.equal(late.status, 404);
  assert.equal((await memberTypes(host))[link.idMember], 'normal');
});

test('a bad invitation is refused by the name of its field, and leaves nothing', async (t) => {
  const host = await newHost(t);
  const before = await memberTypes(host);
  const bad = [
    [{ role: 'normal' }, 'name'],
    [{ name: '  ', role: 'normal' }, 'name'],
    [{ name: 7, role: 'normal' }, 'name'],
    [{ name: 'x'.repeat(101), role: 'normal' }, 'name'],
    [{ name: 'Bea' }, 'role'],
    [{ name: 'Bea', role: 'king' }, 'role'],
    [{ name: 'Bea', role: 'normal', member: 'admin' }, 'member'],
  ];
  for (const [json, field] of bad) {
    const answer = await host.client.call('POST', host.path, json);
    const said = `${JSON.stringify(json)}: ${answer.text}`;
    assert.equal(answer.status, 400, said);
    assert.equal(answer.json.field, field, said);
  }
  const headers = { 'Idempotency-Key': 'once' };
  const keyed = await host.client.call(
    'POST',
    host.path,
    { name: 'Bea', role: 'normal' },
    { headers },
  );
  assert.equal(keyed.status, 400);
  assert.equal(keyed.json.field, 'Idempotency-Key');
  const odd = await host.client.call('DELETE', `${host.path}/nobody`);
  assert.equal(odd.status, 400);
  assert.equal(odd.json.field, 'idMember');
  assert.deepEqual(await host.client.get(host.path), []);
  assert.deepEqual(await memberTypes(host), before);
});

test('a board has so many open links and no more', async (t) => {
  const host = await newHost(t);
  const links = [];
  for (let i = 0; i < LIMIT; i += 1)
    links.push(await host.client.post(host.path, { name: `Guest ${i}`, role: 'observer' }));
  const asked = { name: 'One more', role: 'observer' };
  const full = await host.client.call('POST', host.path, asked);
  assert.equal(full.status, 403);
  assert.equal(full.json.why, 'quota');
  assert.match(full.json.wrong, /100 open links/);
  assert.equal(Object.keys(await memberTypes(host)).length, LIMIT + 1, 'nobody came in');
  const other = await newBoard(host.server, host.admin, 'Another');
  await host.client.post(`/v1/boards/${other}/links`, asked);
  await host.client.delete(`${host.path}/${links[7].idMember}`);
  await host.client.post(host.path, asked);
});

test('links survive a restart', async (t) => {
  const host = await newHost(t);
  const link = await host.client.post(host.path, { name: 'Bea', role: 'normal' });
  await host.server.kill();
  await host.server.start();
  assert.equal((await host.client.get(host.path)).length, 1);
  assert.equal((await host.server.signIn(tokenOf(link))).idMember, link.idMember);
});

test("another site's page invites nobody", async (t) => {
  const host = await newHost(t);
  const answer = await request(host.server, {
    method: 'POST',
    path: host.path,
    json: { name: 'Eve', role: 'admin' },
    headers: { Cookie: `session=${host.admin.token}`, Origin: 'http://evil.example' },
  });
  assert.equal(answer.status, 403);
  assert.deepEqual(await host.client.get(host.path), []);
});

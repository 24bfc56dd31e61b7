// test-rest-habits.js - what Trello's clients are used to: where parameters and tokens go, how
// paths are spelled; and what is ours beside it: ETags, idempotency keys, links, state.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Client, request } from './lib/http.js';
import { Live } from './lib/live.js';
import { newBoard } from './lib/trello.js';
import { newWorld } from './lib/world.js';

async function newApi(t) {
  const world = await newWorld(t);
  const api = new Client(world.server, world.admin.token);
  const board = await newBoard(api, { lists: ['A', 'B'], cards: 2 });
  return { world, api, board };
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

test('a token is read from every place Trello clients put it', async (t) => {
  const { world } = await newApi(t);
  const { token } = world.admin;
  const me = async (options) =>
    (await request(world.server, { path: '/1/members/me', ...options })).status;
  const auth = (value) => ({ headers: { Authorization: value } });
  assert.equal(await me(auth(`Bearer ${token}`)), 200);
  assert.equal(await me(auth(`OAuth oauth_consumer_key="abc", oauth_token="${token}"`)), 200);
  assert.equal(await me({ path: `/1/members/me?key=abc&token=${token}` }), 200);
  assert.equal(await me({ path: `/1/members/me?key=abc&token=${token}`, ...auth('null') }), 200);
  assert.equal(await me({ json: { key: 'abc', token } }), 200);
  assert.equal(await me({ body: `key=abc&token=${token}`, headers: FORM }), 200);
  assert.equal(await me({ headers: { Cookie: `a=b; session=${token}` } }), 200);
  assert.equal(await me({}), 401);
  assert.equal(await me(auth('null')), 401);
  const wrong = await request(world.server, { path: '/1/members/me?token=ffff' });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.text, 'invalid token');
  const none = await request(world.server, { path: '/1/members/me' });
  assert.equal(none.text, 'unauthorized permission requested');
});

test('a cookie changes nothing for another site', async (t) => {
  const { world } = await newApi(t);
  const cookie = { Cookie: `session=${world.admin.token}` };
  const post = async (headers) =>
    (
      await request(world.server, {
        method: 'POST',
        path: '/1/boards?name=X',
        headers: { ...cookie, ...headers },
      })
    ).status;
  assert.equal(await post({}), 403);
  assert.equal(await post({ Origin: 'https://evil.example' }), 403);
  assert.equal(await post({ Origin: 'null' }), 403);
  assert.equal(await post({ Origin: `${world.server.origin}.evil.example` }), 403);
  assert.equal(await post({ 'Sec-Fetch-Site': 'cross-site' }), 403);
  assert.equal(await post({ 'Sec-Fetch-Site': 'same-site' }), 403);
  assert.equal(await post({ Origin: world.server.origin }), 200);
  assert.equal(await post({ 'Sec-Fetch-Site': 'same-origin' }), 200);
});

test('parameters come in the query, a form, JSON, or mixed', async (t) => {
  const { world, api, board } = await newApi(t);
  const idList = board.lists[0].id;
  const post = (options) =>
    request(world.server, {
      method: 'POST',
      path: '/1/cards',
      token: world.admin.token,
      ...options,
    });
  const name = async (options) => (await post(options)).json.name;
  assert.equal(await name({ path: `/1/cards?name=a%20b+c&idList=${idList}` }), 'a b c');
  assert.equal(await name({ body: `name=a%26b&idList=${idList}`, headers: FORM }), 'a&b');
  assert.equal(await name({ json: { name: 'j', idList } }), 'j');
  assert.equal(await name({ path: `/1/cards?idList=${idList}`, json: { name: 'mixed' } }), 'mixed');
  const got = await request(world.server, {
    path: `/1/boards/${board.id}`,
    token: world.admin.token,
    json: { fields: 'name' },
  });
  assert.deepEqual(Object.keys(got.json).sort(), ['id', 'name']);
  const long = 'ü'.repeat(16_000);
  const text = encodeURIComponent(long);
  const path = `/1/cards/${board.cards[0].id}?token=${world.admin.token}&desc=${text}`;
  assert.ok(path.length > 90_000);
  assert.equal((await request(world.server, { method: 'PUT', path })).status, 200);
  assert.equal((await api.get(`/1/cards/${board.cards[0].id}`)).desc, long);
});

test('paths forgive a slash, the singular and the case', async (t) => {
  const { api, board } = await newApi(t);
  const [card] = board.cards;
  for (const path of [
    `/1/boards/${board.id}/`,
    `/1/board/${board.id}`,
    `/1/Boards/${board.id}`,
    `/1/card/${card.id}`,
    `/1/cards/${card.id}/`,
    `/1/list/${board.lists[0].id}/Cards`,
    '/1/member/me',
  ]) {
    assert.equal((await api.call('GET', path)).status, 200, path);
  }
  assert.equal((await api.call('GET', '/1//boards')).status, 404);
  assert.equal((await api.call('GET', '/2/boards')).status, 404);
  const patch = await api.call('PATCH', `/1/cards/${card.id}`);
  assert.equal(patch.status, 405);
  assert.equal(patch.headers.allow, 'GET, PUT, DELETE');
  assert.equal((await request(api.place, { method: 'HEAD', path: '/healthz' })).status, 200);
});

test('If-Match refuses a change of what changed since', async (t) => {
  const { api, board } = await newApi(t);
  const path = `/1/cards/${board.cards[0].id}`;
  const { etag } = (await api.call('GET', path)).headers;
  assert.match(etag, /^"\d+"$/);
  const headers = { 'If-Match': etag };
  assert.equal((await api.call('PUT', path, { name: 'mine' }, { headers })).status, 200);
  assert.equal((await api.call('PUT', path, { name: 'late' }, { headers })).status, 409);
  assert.equal((await api.get(path)).name, 'mine');
  const bad = await api.call('PUT', path, { name: 'x' }, { headers: { 'If-Match': 'W/"1"' } });
  assert.equal(bad.status, 400);
});

test('a repeated Idempotency-Key makes nothing twice', async (t) => {
  const { api, board } = await newApi(t);
  const idList = board.lists[1].id;
  const key = { headers: { 'Idempotency-Key': 'order-1' } };
  const first = await api.post('/1/cards', { name: 'once', idList }, key);
  const again = await api.post('/1/cards', { name: 'once', idList }, key);
  assert.equal(again.id, first.id);
  assert.equal((await api.call('POST', '/1/cards', { name: 'other', idList }, key)).status, 422);
  const cards = await api.get(`/1/lists/${idList}/cards`);
  assert.equal(cards.filter((card) => card.name === 'once').length, 1);
  assert.equal(cards.filter((card) => card.name === 'other').length, 0);
  const many = await Promise.all(
    Array.from({ length: 8 }, () =>
      api.post('/1/boards', { name: 'once' }, { headers: { 'Idempotency-Key': 'board-1' } }),
    ),
  );
  assert.equal(new Set(many.map((one) => one.id)).size, 1);
});

test('a sign-in link is shown any number of times and works once', async (t) => {
  const { server } = await newWorld(t);
  const bob = await server.newMember(
    'Carol',
    (await new Client(server, (await newAdmin(server)).token).post('/1/boards', { name: 'x' })).id,
  );
  assert.match(bob.token, /^[0-9a-f]{64}$/);
  const link = await newLink(server);
  for (let i = 0; i < 3; i += 1) {
    const page = await request(server, { path: `/link/${link}` });
    assert.equal(page.status, 200);
    assert.match(page.headers['content-security-policy'], /default-src 'none'/);
    assert.ok(!page.text.includes('<script'));
  }
  for (const headers of [
    { Origin: 'https://elsewhere.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ]) {
    const stray = await request(server, { method: 'POST', path: `/link/${link}`, headers });
    assert.equal(stray.status, 403);
    assert.equal(stray.headers['set-cookie'], undefined);
  }
  const used = await request(server, {
    method: 'POST',
    path: `/link/${link}`,
    headers: { Origin: server.origin },
  });
  assert.equal(used.status, 303);
  assert.equal(used.headers.location, '/');
  assert.match(
    used.headers['set-cookie'],
    /^session=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
  );
  const cookie = used.headers['set-cookie'].split(';')[0];
  const me = await request(server, { path: '/1/members/me', headers: { Cookie: cookie } });
  assert.equal(JSON.parse(me.text).fullName, 'Admin');
  // The browser client where it is built in, else a page that says who is signed in.
  const home = await request(server, { path: '/', headers: { Cookie: cookie } });
  assert.equal(home.status, 200);
  assert.match(home.headers['content-type'], /^text\/html/);
  assert.equal((await request(server, { method: 'POST', path: `/link/${link}` })).status, 401);
  assert.equal(
    (await request(server, { method: 'POST', path: '/v1/link', json: { token: link } })).status,
    401,
  );
  const out = await request(server, {
    method: 'DELETE',
    path: '/v1/session',
    headers: { Cookie: cookie, Origin: server.origin },
  });
  assert.equal(out.status, 200);
  assert.match(out.headers['set-cookie'], /Max-Age=0/);
  const after = await request(server, { path: '/1/members/me', headers: { Cookie: cookie } });
  assert.equal(after.status, 401);
});

/** A link for the administrator, and a session by another. */
async function newLink(server) {
  const { tavla } = await import('./lib/server.js');
  const done = tavla(['link', '--member', 'admin', '--data', server.data]);
  assert.equal(done.status, 0, done.stderr);
  return done.stdout.trim().split('/link/')[1];
}

async function newAdmin(server) {
  return await server.signIn(await newLink(server));
}

test('state has what its asker wrote before, whoever else asks', async (t) => {
  const { api, board } = await newApi(t);
  const idList = board.lists[0].id;
  for (let i = 0; i < 60; i += 1) {
    /* large, so that reading takes its time */
    await api.post('/1/cards', { idList, name: randomBytes(8000).toString('hex') });
  }
  const writer = async (_, who) => {
    for (let n = 1; n <= 5; n += 1) {
      const { s } = await api.post(`/v1/boards/${board.id}/ops`, {
        cl: `writer${who}`,
        n,
        ops: [{ op: 'card.set', id: board.cards[0].id, name: `${who} ${n}` }],
      });
      const state = await api.get(`/v1/boards/${board.id}/state`);
      assert.ok(state.pos[0] >= s, `${state.pos[0]} is before ${s}`);
    }
  };
  await Promise.all(Array.from({ length: 6 }, writer));
});

test('state is a snapshot with a position, 304 when it is known, and the ops follow', async (t) => {
  const { world, api, board } = await newApi(t);
  const path = `/v1/boards/${board.id}/state`;
  const all = await Promise.all(
    Array.from({ length: 20 }, () =>
      api.call('GET', path, undefined, { headers: { 'Accept-Encoding': 'gzip' } }),
    ),
  );
  const [first] = all;
  assert.equal(first.status, 200);
  assert.equal(first.headers['content-encoding'], 'gzip');
  assert.ok(all.every((one) => one.text === first.text));
  const state = first.json;
  assert.equal(state.state.filter(([kind]) => kind === 'card').length, 2);
  assert.equal(state.who[0].username, 'admin');
  const headers = { 'If-None-Match': first.headers.etag };
  assert.equal((await api.call('GET', path, undefined, { headers })).status, 304);
  const live = await Live.open(world.server, board.id, {
    token: world.admin.token,
    since: state.pos,
  });
  const posted = await api.post(`/v1/boards/${board.id}/ops`, {
    cl: 'script',
    n: 1,
    base: state.pos[0],
    ops: [{ op: 'card.set', id: board.cards[0].id, name: 'by ops' }],
  });
  assert.equal(posted.s, state.pos[0] + 1);
  await live.reach(posted.s);
  await live.close();
  const again = await api.post(`/v1/boards/${board.id}/ops`, {
    cl: 'script',
    n: 1,
    ops: [{ op: 'card.set', id: board.cards[0].id, name: 'twice' }],
  });
  assert.deepEqual([again.t, again.s], ['dup', posted.s]);
  const caught = await api.get(`/v1/boards/${board.id}/ops?since=${state.pos.join()}`);
  assert.deepEqual(caught.pos, posted.pos);
  assert.equal(caught.list.length, 1);
  assert.equal(caught.list[0].s, posted.s);
  const lost = await api.call('GET', `/v1/boards/${board.id}/ops?since=1,0000000000000000`);
  assert.equal(lost.status, 410);
  const refused = await api.call('POST', `/v1/boards/${board.id}/ops`, {
    ops: [{ op: 'card.set', id: 'f'.repeat(24), name: 'x' }],
  });
  assert.equal(refused.status, 404);
  assert.equal(refused.json.t, 'rej');
  assert.equal((await api.call('GET', path, undefined, { headers })).status, 200);
});

// import.js - boards through POST /1/boards/import, and the client that sends them.

import assert from 'node:assert/strict';
import { Client, request } from './http.js';
import { newWorld } from './world.js';

/** A started server with its first member's client. @param {import('node:test').TestContext} t */
export async function newApi(t, options) {
  const world = await newWorld(t, options);
  return { world, api: new Client(world.server, world.admin.token) };
}

/** Posts a file and waits for the end of its import. */
export async function importBoard(api, body, { name = '', organization = '', ms = 60_000 } = {}) {
  const asked = new URLSearchParams();
  if (name) asked.set('name', name);
  if (organization) asked.set('idOrganization', organization);
  const answer = await request(api.place, {
    method: 'POST',
    path: `/1/boards/import?${asked}`,
    token: api.token,
    body,
    headers: { 'Content-Type': 'application/json' },
    ms,
  });
  assert.equal(answer.status, 202, answer.text);
  const until = Date.now() + ms;
  for (;;) {
    const status = await api.get(answer.json.status);
    if (status.state === 'done' || status.state === 'failed') return status;
    assert.ok(Date.now() < until, `still ${JSON.stringify(status)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

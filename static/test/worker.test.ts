/** What the worker keeps, takes and leaves alone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { cacheName, isWhole, outdated, wayOf } from '../src/worker/rules';

const ORIGIN = 'https://boards.example';
const FILES = ['/assets/index-a.js', '/assets/index-b.css', '/icon.svg'];

function way(path: string, mode = 'cors', method = 'GET'): string {
    return wayOf({ method, mode, url: new URL(path, ORIGIN).href }, ORIGIN, FILES);
}

test('the worker takes pages and files, everything else is left alone', () => {
    for (const path of ['/', '/?q=x', '/b/abcdefgh/garden', '/c/abcdefgh'])
        assert.equal(way(path, 'navigate'), 'page', path);
    for (const path of ['/assets/index-a.js', '/assets/of-another-version.js', '/icon.svg'])
        assert.equal(way(path), 'file', path);
    for (const path of ['/1/members/me/boards', '/v1/boards/x/state', '/sw.js', '/b/abcdefgh'])
        assert.equal(way(path), 'leave', path);
    for (const path of ['/link/secret', '/v1/boards/x/export', '/metrics', '/c'])
        assert.equal(way(path, 'navigate'), 'leave', path);
    assert.equal(way('/', 'navigate', 'POST'), 'leave');
    assert.equal(way('https://elsewhere.example/assets/index-a.js'), 'leave');
});

test('the cache before the present one stays, older ones of ours go', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(cacheName) as [string, string, string];
    assert.deepEqual(outdated([a], a), []);
    assert.deepEqual(outdated([a, b], b), []);
    assert.deepEqual(outdated([a, 'of another program', b, c], c), [a]);
    assert.deepEqual(outdated([a, b, c], a), [b], 'an older version came back');
});

test('a page that asks for files of another version is not kept', () => {
    const page = (script: string) =>
        `<link rel="stylesheet" href="/assets/index-b.css"><script src="${script}"></script>`;
    assert.ok(isWhole(page('/assets/index-a.js'), FILES));
    assert.ok(!isWhole(page('/assets/index-new.js'), FILES));
    assert.ok(!isWhole('<h1>502 Bad Gateway</h1>', FILES));
});

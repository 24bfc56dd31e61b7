/** The cases of tests/vectors/search_*.json, which the server's tests read too. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Id } from '../src/model/id';
import type { Json, JsonObject } from '../src/model/json';
import { type Card, entityOf, type Label, type List, type Person } from '../src/model/kinds';
import { fold, holds, type How, inOrder, parseQuery, type World } from '../src/views/query';

function vectors<T>(name: string): T {
    const path = join(import.meta.root, 'tests', 'vectors', `search_${name}.json`);
    return JSON.parse(readFileSync(path, 'utf8')) as T;
}

test('case and accents do not count', () => {
    for (const { name, folded } of vectors<{ name: string; folded: string }[]>('fold'))
        assert.equal(fold(name), folded, name);
});

interface ParseCase {
    readonly name: string;
    readonly query: string;
    readonly terms: readonly JsonObject[];
    readonly sort: string;
    readonly reversed: boolean;
}

test('a query is read as the server reads it', () => {
    for (const { name, query, terms, sort, reversed } of vectors<ParseCase[]>('parse')) {
        const read = parseQuery(query);
        const expected = terms.map((term) => ({
            op: '',
            negated: false,
            text: '',
            plain: '',
            days: 0,
            ...term,
        }));
        assert.deepEqual(read.terms, expected, name);
        assert.equal(read.sort, sort, name);
        assert.equal(read.reversed, reversed, name);
    }
});

interface Find {
    readonly now: string;
    readonly me: Id;
    readonly people: readonly Person[];
    readonly texts: Readonly<Record<Id, string>>;
    readonly objects: readonly (readonly [string, JsonObject])[];
    readonly find: readonly { query: string; how: How; found: number[] }[];
}

const kinds = { comment: ['comment'], checklist: ['checklist', 'checkItem'] };

test('cards are found as the server finds them, and in the order asked for', () => {
    const { now, me, people, texts, objects, find } = vectors<Find>('find');
    const all = new Map<Id, Json>();
    const cards: Card[] = [];
    for (const [kind, fields] of objects) {
        const made = entityOf(kind, fields.id as Id, 1, fields);
        all.set(made.id, made);
        if (kind === 'card') cards.push(made as Card);
    }
    const board = objects[0]?.[1] as JsonObject;
    for (const { query, how, found } of find) {
        const world: World = {
            idBoard: board.id as Id,
            boardName: board.name as string,
            shortLink: board.shortLink as string,
            starred: false,
            me,
            nowMs: Date.parse(now),
            how,
            list: (id) => all.get(id) as List | undefined,
            label: (id) => all.get(id) as Label | undefined,
            person: (id) => people.find((one) => one.id === id),
            desc: (id) => texts[id],
            parts: (kind, id) =>
                objects
                    .filter(([other, one]) => one.idCard === id && kinds[kind].includes(other))
                    .map(([, one]) => (one.text ?? one.name) as string),
            more: () => '',
        };
        const read = parseQuery(query);
        const got = inOrder(
            read,
            cards.filter((card) => holds(read, card, world)),
        ).map((card) => card.idShort);
        // How well something fits is the server's alone to say.
        const expected = read.sort === '' ? [...found].sort((a, b) => a - b) : found;
        assert.deepEqual(got, expected, query);
    }
});

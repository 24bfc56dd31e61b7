/** query.ts - what somebody typed to find cards, as terms that all have to hold, and whether a card
 * holds them. The twin of the server's core/search.c: the same cases, tests/vectors/search_*.json.
 *
 *   plan -@me label:red due:week "to do" sort:-due */
import type { Id } from '../model/id';
import { isObject, type Json, stringOf } from '../model/json';
import type { Card } from '../model/kinds';
import { isStarred } from '../shelf';
import type { Store } from '../store';

export function fold(text: string): string {
    return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/ς/g, 'σ');
}

export interface Term {
    readonly op: string; // '' is a text; 'label', 'has:cover', '@me', 'due' ...
    readonly negated: boolean;
    readonly text: string; // folded
    readonly plain: string; // as typed
    readonly days: number;
}

export interface Query {
    readonly terms: readonly Term[];
    readonly sort: string;
    readonly reversed: boolean;
}

const TERMS_MAX = 32;
const DAYS_MAX = 36500;
const DAY_MS = 86_400_000;

const texts = new Map(
    ['name', 'description', 'list', 'label', 'board', 'member', 'comment', 'checklist'].map(
        (name) => [name, name],
    ),
).set('desc', 'description');
const words = new Map(
    [
        ...'attachments checklist comments cover description due labels location members stickers'
            .split(' ')
            .map((value) => `has:${value}`),
        ...'open archived starred template'.split(' ').map((value) => `is:${value}`),
        ...'overdue complete incomplete'.split(' ').map((value) => `due:${value}`),
    ].map((name) => [name, name]),
)
    .set('is:closed', 'is:archived')
    .set('has:checklists', 'has:checklist');
const spans = new Map([
    ['day', 1],
    ['week', 7],
    ['month', 28],
]);
const spanned = new Set(['due', 'created', 'edited']);
const sorts = new Set(['created', 'edited', 'due']);

interface Piece {
    readonly negated: boolean;
    readonly operator: string;
    readonly value: string;
    readonly whole: string;
}

/** A minus, an operator or a sign, and what is quoted or goes up to the next space. */
const PIECE = new RegExp(
    '(-(?=\\S))?((?:([A-Za-z]+):(?=\\S)|([@#])(?=\\S))?(?:"([^"]*)"?|(\\S*)))'.replaceAll(
        '\\S',
        '[^ \\t\\r\\n]',
    ),
    'y',
);

function* pieces(query: string): Iterable<Piece> {
    for (let at = 0; ; ) {
        while (at < query.length && ' \t\r\n'.includes(query.charAt(at))) at++;
        if (at >= query.length) return;
        PIECE.lastIndex = at;
        const found = PIECE.exec(query);
        if (found === null || found[0] === '') return;
        at = PIECE.lastIndex;
        yield {
            negated: found[1] !== undefined,
            operator: found[3] ?? found[4] ?? '',
            value: found[5] ?? found[6] ?? '',
            whole: found[2] ?? '',
        };
    }
}

function daysOf(value: string): number | undefined {
    const span = spans.get(value.toLowerCase());
    if (span !== undefined) return span;
    return /^\d+$/.test(value) && Number(value) <= DAYS_MAX ? Number(value) : undefined;
}

/** '' where the operator is none of ours, or not with that value. */
function operatorOf({ operator, value }: Piece): { op: string; text?: string; days?: number } {
    const name = operator.toLowerCase();
    if (operator === '@' || name === 'member')
        return value.toLowerCase() === 'me'
            ? { op: '@me' }
            : { op: value && 'member', text: value };
    if (operator === '#') return { op: value && 'label', text: value };
    const text = texts.get(name);
    if (text !== undefined) return { op: value && text, text: value };
    const word = words.get(`${name}:${value.toLowerCase()}`);
    if (word !== undefined) return { op: word };
    const days = spanned.has(name) ? daysOf(value) : undefined;
    return days === undefined ? { op: '' } : { op: name, days };
}

export function parseQuery(query: string): Query {
    const terms: Term[] = [];
    let sort = '';
    let reversed = false;
    for (const piece of pieces(query)) {
        if (terms.length === TERMS_MAX) break;
        const by = piece.operator.toLowerCase() === 'sort' ? piece.value.toLowerCase() : '';
        if (sorts.has(by.replace(/^-/, ''))) {
            sort = by.replace(/^-/, '');
            reversed = piece.negated !== by.startsWith('-');
            continue;
        }
        const { op, text, days } = operatorOf(piece);
        const typed = piece.operator === '' ? piece.value : piece.whole;
        const plain = op === '' ? typed : (text ?? '');
        const term = { op, negated: piece.negated, text: fold(plain), plain, days: days ?? 0 };
        if (term.text !== '' || (op !== '' && text === undefined)) terms.push(term);
    }
    return { terms, sort, reversed };
}

/* -- finding */

export type How = 'anywhere' | 'starts' | 'words';

/** What a card is looked at in. */
export interface World {
    readonly idBoard: Id;
    readonly boardName: string;
    readonly shortLink: string;
    readonly starred: boolean; // the board
    readonly me: Id | undefined;
    readonly nowMs: number;
    readonly how: How;
    list(id: Id): { readonly name: string; readonly closed: boolean } | undefined;
    label(id: Id): { readonly name: string; readonly color: string | null } | undefined;
    person(id: Id): { readonly fullName: string; readonly username: string } | undefined;
    /** Descriptions that are on this device. */
    desc(id: Id): string | undefined;
    /** Texts of its comments, names of its checklists and their items: what is on this device. */
    parts(kind: 'comment' | 'checklist', id: Id): readonly string[];
    /** More that a plain word may stand in. */
    more(card: Card): string;
}

function joins(code: number): boolean {
    if (Number.isNaN(code)) return false;
    if (code < 0x80) return /[a-z0-9_]/i.test(String.fromCharCode(code));
    if (code < 0xc0) return code === 0xaa || code === 0xb5 || code === 0xba;
    return code !== 0xd7 && code !== 0xf7 && code < 0xe00;
}

export function has(text: string, needle: string, how: How): boolean {
    const folded = fold(text);
    const inside = (at: number) => joins(folded.charCodeAt(at - 1)) && joins(folded.charCodeAt(at));
    for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + 1)) {
        if (how === 'anywhere') return true;
        if (!inside(at) && (how === 'starts' || !inside(at + needle.length))) return true;
    }
    return false;
}

function count(card: Card, badge: string): boolean {
    const value = card.badges[badge];
    return typeof value === 'number' && value > 0;
}

function partHolds(kind: 'comment' | 'checklist', card: Card, text: string, world: World): boolean {
    return world.parts(kind, card.id).some((part) => has(part, text, world.how));
}

function labelHolds(card: Card, term: Term, world: World): boolean {
    if (/^\d+$/.test(term.text) && Number(term.text) === card.idShort) return true;
    return card.idLabels.some((id) => {
        const label = world.label(id);
        if (label === undefined) return false;
        const base = label.color?.split('_')[0];
        return has(label.name, term.text, world.how) || base === term.text;
    });
}

function within(date: string | null, fromMs: number, toMs: number): boolean {
    const ms = Date.parse(date ?? '');
    return ms >= fromMs && ms <= toMs;
}

function isCovered(cover: Json): boolean {
    if (!isObject(cover)) return false;
    return (cover.color ?? null) !== null || (cover.idAttachment ?? null) !== null;
}

function isArchived(card: Card, world: World): boolean {
    return card.closed || world.list(card.idList)?.closed === true;
}

type Rule = (card: Card, term: Term, world: World) => boolean;

/** One rule for each operator; what is not here holds never. */
const rules: Readonly<Record<string, Rule>> = {
    '': (card, { text }, world) =>
        has(card.name, text, world.how) ||
        has(world.desc(card.id) ?? '', text, world.how) ||
        card.idLabels.some((id) => has(world.label(id)?.name ?? '', text, world.how)) ||
        partHolds('comment', card, text, world) ||
        partHolds('checklist', card, text, world) ||
        has(world.more(card), text, world.how),
    '@me': (card, _, { me }) => me !== undefined && card.idMembers.includes(me),
    comment: (card, { text }, world) => partHolds('comment', card, text, world),
    checklist: (card, { text }, world) => partHolds('checklist', card, text, world),
    name: (card, { text }, { how }) => has(card.name, text, how),
    description: (card, { text }, world) => has(world.desc(card.id) ?? '', text, world.how),
    list: (card, { text }, world) => has(world.list(card.idList)?.name ?? '', text, world.how),
    label: labelHolds,
    board: (_, { text, plain }, world) =>
        has(world.boardName, text, world.how) ||
        plain === world.idBoard ||
        plain === world.shortLink,
    member: (card, { text }, world) =>
        card.idMembers.some((id) => {
            const person = world.person(id);
            return (
                person !== undefined &&
                (has(person.fullName, text, world.how) || has(person.username, text, world.how))
            );
        }),
    'has:attachments': (card) => count(card, 'attachments'),
    'has:checklist': (card) => count(card, 'checkItems'),
    'has:comments': (card) => count(card, 'comments'),
    'has:cover': (card) => isCovered(card.cover),
    'has:description': (card) => card.badges.description === true,
    'has:due': (card) => card.due !== null,
    'has:labels': (card) => card.idLabels.length > 0,
    'has:location': (card) => card.locationName !== null || card.coordinates !== null,
    'has:members': (card) => card.idMembers.length > 0,
    'is:open': (card, _, world) => !isArchived(card, world),
    'is:archived': (card, _, world) => isArchived(card, world),
    'is:starred': (_, __, world) => world.starred,
    'is:template': (card) => card.isTemplate,
    'due:complete': (card) => card.dueComplete,
    'due:incomplete': (card) => card.due !== null && !card.dueComplete,
    'due:overdue': (card, _, { nowMs }) => !card.dueComplete && within(card.due, -Infinity, nowMs),
    due: (card, { days }, { nowMs }) => within(card.due, nowMs, nowMs + days * DAY_MS),
    created: (card, { days }, { nowMs }) =>
        parseInt(card.id.slice(0, 8), 16) * 1000 >= nowMs - days * DAY_MS,
    edited: (card, { days }, { nowMs }) =>
        within(card.dateLastActivity, nowMs - days * DAY_MS, Infinity),
};

export function holds(query: Query, card: Card, world: World): boolean {
    return query.terms.every(
        (term) => (rules[term.op]?.(card, term, world) ?? false) !== term.negated,
    );
}

/* -- order */

/** NaN: none. */
function momentBy(sort: string, card: Card): number {
    if (sort === 'created') return parseInt(card.id.slice(0, 8), 16) * 1000;
    return Date.parse((sort === 'due' ? card.due : card.dateLastActivity) ?? '');
}

/** As the server orders: what is newest comes first, what is due soonest; reversed the other way
 * round. What has no date is last in any case. Without `sort:` they stay as they are. */
export function inOrder({ sort, reversed }: Query, cards: readonly Card[]): readonly Card[] {
    if (sort === '') return cards;
    const sign = (sort === 'due') === reversed ? -1 : 1;
    const rows = cards.map((card) => ({ card, at: momentBy(sort, card) }));
    rows.sort((a, b) => {
        const missing = Number(Number.isNaN(a.at)) - Number(Number.isNaN(b.at));
        return missing || sign * (a.at - b.at) || (a.card.id < b.card.id ? -1 : 1);
    });
    return rows.map(({ card }) => card);
}

/* -- the open board, for its filter and the palette */

/** Of cards that were looked at: the parts of others are not here. */
function partsOf(store: Store, kind: 'comment' | 'checklist', id: Id): string[] {
    const { board } = store.replica;
    if (!board.holds(id)) return [];
    return board
        .parts([id])
        .rows.filter(([other]) => (other === 'checkItem' ? 'checklist' : other) === kind)
        .map(([, one]) => stringOf(one.text ?? one.name));
}

let last = { text: '', query: parseQuery('') };

function lastRead(text: string): Query {
    if (last.text !== text) last = { text, query: parseQuery(text) };
    return last.query;
}

/** In the order that a text asks for. */
export function asked(text: string, cards: readonly Card[]): readonly Card[] {
    return inOrder(lastRead(text), cards);
}

/** What a text finds on the open board, in its order: what is open and what is called so first. */
export function cardsFor(store: Store, text: string, me: Id | undefined): readonly Card[] {
    const query = lastRead(text);
    const cards = store.allCards().filter((card) => cardHolds(store, card, text, me));
    if (query.sort !== '') return inOrder(query, cards);
    const named = query.terms.filter(
        ({ op, negated }) => !negated && (op === '' || op === 'name'),
    );
    const rank = ({ closed, name }: Card) =>
        Number(closed) * 2 +
        Number(!named.some(({ text }) => has(name, text, 'anywhere')));
    return cards
        .map((card) => ({ card, rank: rank(card) }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ card }) => card);
}

export function cardHolds(store: Store, card: Card, text: string, me: Id | undefined): boolean {
    const person = (id: Id) => store.who.value.get(id);
    return holds(lastRead(text), card, {
        idBoard: store.id,
        boardName: store.board.value?.name ?? '',
        shortLink: store.board.value?.shortLink ?? '',
        starred: isStarred(store) ?? false,
        me,
        nowMs: Date.now(),
        how: 'anywhere',
        list: (id) => store.list(id).value,
        label: (id) => store.label(id).value,
        person,
        desc: (id) => store.replica.docs.view(id),
        parts: (kind, id) => partsOf(store, kind, id),
        more: ({ idMembers, idShort }) =>
            `${idMembers.map((id) => person(id)?.fullName ?? '').join(' ')} #${idShort}`,
    });
}

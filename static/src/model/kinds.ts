/** kinds.ts - the product's vocabulary: kinds of objects and their fields, one table, the server's
 * own (core/model.h).
 *
 * Kinds and fields that this table does not know - from a newer server - are kept and changed all
 * the same: see apply.ts. */
import type { Id } from './id';
import type { Json, JsonObject } from './json';

export type FieldType = 'bool' | 'num' | 'str' | 'date' | 'id' | 'set' | 'json' | 'text';

export interface FieldInfo {
    readonly type: FieldType;
    readonly nullable: boolean;
}

export interface KindInfo {
    readonly number: number;
    readonly fields: ReadonlyMap<string, FieldInfo>;
}

/** A question mark: may be null. `text` is not in the object: it is fetched with its card, and
 * changed by `txt`. */
function kind(number: number, fields: Record<string, string>): KindInfo {
    const map = new Map<string, FieldInfo>();
    for (const [name, type] of Object.entries(fields)) {
        map.set(name, { type: type.replace('?', '') as FieldType, nullable: type.endsWith('?') });
    }
    return { number, fields: map };
}

export const kinds: ReadonlyMap<string, KindInfo> = new Map([
    [
        'board',
        kind(1, {
            closed: 'bool',
            dateLastActivity: 'date?',
            desc: 'text',
            idMemberCreator: 'id?',
            idOrganization: 'id?',
            name: 'str',
            prefs: 'json',
            shortLink: 'str',
        }),
    ],
    [
        'list',
        kind(2, { closed: 'bool', color: 'str?', name: 'str', pos: 'num', softLimit: 'num?' }),
    ],
    [
        'card',
        kind(3, {
            address: 'str?',
            badges: 'json',
            cardRole: 'str?',
            closed: 'bool',
            coordinates: 'json?',
            cover: 'json?',
            dateLastActivity: 'date?',
            desc: 'text',
            due: 'date?',
            dueComplete: 'bool',
            dueReminder: 'num?',
            idLabels: 'set',
            idList: 'id',
            idMembers: 'set',
            idMembersVoted: 'set',
            idShort: 'num',
            isTemplate: 'bool',
            locationName: 'str?',
            name: 'str',
            pos: 'num',
            shortLink: 'str',
            start: 'date?',
        }),
    ],
    ['label', kind(4, { color: 'str?', name: 'str' })],
    ['membership', kind(5, { idMember: 'id', memberType: 'str' })],
]);

const KIND_UNKNOWN = 1000; // after all known ones in canonical order
/** What hangs on a card, and is fetched with it: no part of a snapshot. Its kinds are not in the
 * table: the server says all of their fields. */
export function isPart(o: JsonObject): boolean {
    return typeof o.idCard === 'string';
}

export function kindNumber(name: string): number {
    return kinds.get(name)?.number ?? KIND_UNKNOWN;
}

/** What a field holds before anyone gave it a value. The none id is null. */
export function defaultOf(field: FieldInfo): Json {
    if (field.nullable) return null;
    switch (field.type) {
        case 'bool':
            return false;
        case 'num':
            return 0;
        case 'str':
        case 'date':
        case 'text':
            return '';
        case 'id':
            return null;
        case 'set':
            return [];
        case 'json':
            return {};
    }
}

/** An object as it is on the wire: its fields by name, with id and s, the seq that last changed
 * it. Never changed in place. */
export interface Entity extends JsonObject {
    readonly id: Id;
    readonly s: number;
}

/** The known kinds, as the views read them. All of their fields are always there: entityOf sees to
 * it. */
export interface BoardInfo extends Entity {
    readonly name: string;
    readonly closed: boolean;
    readonly prefs: JsonObject;
    readonly shortLink: string;
    readonly dateLastActivity: string | null;
    readonly idMemberCreator: Id | null;
    readonly idOrganization: Id | null;
}

export interface List extends Entity {
    readonly name: string;
    readonly closed: boolean;
    readonly color: string | null;
    readonly pos: number;
    readonly softLimit: number | null;
}

export interface Card extends Entity {
    readonly name: string;
    readonly closed: boolean;
    readonly idList: Id;
    readonly pos: number;
    readonly idShort: number;
    readonly shortLink: string;
    readonly idLabels: readonly Id[];
    readonly idMembers: readonly Id[];
    readonly idMembersVoted: readonly Id[];
    readonly due: string | null;
    readonly dueComplete: boolean;
    readonly dueReminder: number | null;
    readonly start: string | null;
    readonly cover: JsonObject | null;
    readonly badges: JsonObject;
    readonly isTemplate: boolean;
    readonly cardRole: string | null;
    readonly address: string | null;
    readonly locationName: string | null;
    readonly coordinates: Json;
    readonly dateLastActivity: string | null;
}

export interface Label extends Entity {
    readonly name: string;
    readonly color: string | null;
}

export interface Membership extends Entity {
    readonly idMember: Id;
    readonly memberType: string;
}

/** Who a person is: beside the state, outside the log. */
export interface Person {
    readonly id: Id;
    readonly username: string;
    readonly fullName: string;
    readonly initials: string;
    readonly avatar?: string | null;
}

/** Objects of snapshots mostly are: thousands that need not be copied. */
function isWhole(info: KindInfo | undefined, fields: JsonObject): boolean {
    for (const [name, field] of info?.fields ?? []) {
        const value = fields[name];
        if (field.type === 'text' ? value !== undefined : value === undefined) return false;
        if (value === null && !field.nullable && field.type !== 'id') return false;
    }
    return true;
}

/** With every field of its kind: absent ones, and null where the field may not be null, take the
 * default. Texts are left out. */
export function entityOf(kindName: string, id: Id, s: number, fields: JsonObject): Entity {
    const info = kinds.get(kindName);
    if (fields.id === id && fields.s === s && isWhole(info, fields)) return fields as Entity;
    const made: Record<string, Json | undefined> = { ...fields, id, s };
    for (const [name, field] of info?.fields ?? []) {
        if (field.type === 'text') delete made[name];
        else made[name] = valueOf(field, made[name]);
    }
    return made as Entity;
}

export function valueOf(field: FieldInfo | undefined, value: Json | undefined): Json {
    if (field === undefined) return value ?? null;
    return value === undefined || value === null ? defaultOf(field) : value;
}

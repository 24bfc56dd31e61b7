/** store_types.ts - what the signals of a store hold, and what its actions take. */
import type { Id } from './model/id';
import type { Json, JsonObject } from './model/json';
import type { Op } from './model/ops';
import type { Draft } from './outbox/storage';
import type { StopReason } from './sync/backoff';
import type { BoardEvent } from './sync/messages';

export interface Connection {
    /** live: nothing to say. connecting, catching-up: say so only after 2 s (see `since`).
     * offline: nothing answers. stopped: see reason. */
    readonly state: 'connecting' | 'catching-up' | 'live' | 'offline' | 'stopped';
    readonly reason: StopReason | undefined;
    readonly since: number; // Unix ms at which it left `live`, or the page began
}

export interface Saved {
    /** refused wins over waiting: it wants a decision. */
    readonly state: 'saved' | 'waiting' | 'refused';
    readonly waiting: number; // messages without a verdict
    readonly refused: number; // drafts
    readonly lasting: boolean; // false: this browser keeps nothing over a reload
}

export type Notice =
    | { readonly kind: 'overwritten'; readonly event: BoardEvent }
    | { readonly kind: 'queue-full' }
    | { readonly kind: 'undo-changed'; readonly label: string };

/** Where it is heard who else is here: views/here_state.ts. */
export interface PresenceSink {
    take(message: JsonObject): void;
    applied(event: BoardEvent): void;
}

export interface CardFields {
    readonly name?: string;
    readonly due?: string | null;
    readonly dueComplete?: boolean;
    readonly dueReminder?: number | null;
    readonly start?: string | null;
    readonly cover?: JsonObject | null;
    readonly isTemplate?: boolean;
    readonly cardRole?: string | null;
    readonly address?: string | null;
    readonly locationName?: string | null;
    readonly coordinates?: Json;
}

export interface NewCard extends CardFields {
    readonly name: string;
    readonly desc?: string;
    readonly idLabels?: readonly Id[];
    readonly idMembers?: readonly Id[];
}

export interface TestHook {
    // canonical JSON of the confirmed state: equal to the server's for the same position
    state(): string;
    pos(): readonly [number, string];
    pending(): { cl: string; n: number; ops: readonly Op[] }[];
    drafts(): readonly Draft[];
}

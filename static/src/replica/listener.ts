/** listener.ts - what a replica tells the store. */
import type { Id } from '../model/id';
import type { JsonObject } from '../model/json';
import type { BoardEvent } from '../sync/messages';

export interface ReplicaListener {
    /** The view changed: these ids, or everything. */
    view(ids: ReadonlySet<Id> | 'all'): void;
    /** Connection, queue or drafts changed. */
    status(): void;
    people(): void;
    /** Of what cards a text changed. */
    texts(ids: ReadonlySet<Id>): void;
    /** Who is here, as the server says it. */
    here(message: JsonObject): void;
    /** An event was applied to the confirmed state. */
    applied(event: BoardEvent): void;
    /** Somebody's value was overwritten by someone who had not seen it. */
    overwritten(event: BoardEvent): void;
}

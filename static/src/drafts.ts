/** drafts.ts - what the server refused, done once more: comes with the panel that shows it. */
import type { Id } from './model/id';
import type { Op } from './model/ops';
import type { Store } from './store';

function createdBy(op: Op): Id[] {
    if (op.op === 'cards.create') return op.cards.map((card) => card.id as Id);
    return /\.(create|copy)$/.test(op.op) && 'id' in op ? [op.id as Id] : [];
}

/** As it was; cards and lists that were to be made get new ids, because an id is used once. */
export function retryDraft(store: Store, id: string): void {
    const draft = store.replica.dropDraft(id);
    if (draft === undefined) return;
    const made = new Map<Id, Id>();
    for (const op of draft.ops) for (const old of createdBy(op)) made.set(old, store.newId());
    const text = JSON.stringify(draft.ops).replace(/"([0-9a-f]{24})"/g, (whole, old: Id) =>
        made.has(old) ? `"${made.get(old)}"` : whole,
    );
    store.act('Try again', ...(JSON.parse(text) as Op[]));
}

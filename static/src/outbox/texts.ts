/** texts.ts - the ops on long texts among those without a verdict. What is typed in one text is a
 * chain: each delta counts from what the one before it leaves, the first from the confirmed text
 * (`was`, at `base`). At most the first is in flight; the others wait in it and take in what is
 * typed meanwhile.
 *
 *   confirmed --first--> .. --second--> view        others' R comes to confirmed:
 *       |R                 |R'             |R''     first = T(first, R), R' = T(R, first), ..
 *   confirmed'--first--> .. --second--> view'       R'' is what an open editor is told
 */
import type { Id } from '../model/id';
import { stringOf } from '../model/json';
import type { Op } from '../model/ops';
import { singly } from '../model/preview';
import { type Delta, deltaApply } from '../model/text';
import { deltaCompose, deltaTransform } from '../model/text_transform';
import type { Entry } from './outbox';

export type TextOp = Extract<Op, { op: 'text' }>;

/** The text op of a message; such a message has no other. */
export function textOf(entry: { readonly ops: readonly Op[] }): TextOp | undefined {
    const [op] = entry.ops;
    return op?.op === 'text' && entry.ops.length === 1 ? op : undefined;
}

/** Whose texts these ops give or change. */
export function textIds(ops: readonly Op[]): Id[] {
    const gives = (op: Op): boolean =>
        op.op === 'text' || op.op === 'text.put' || (op.op === 'card.create' && 'desc' in op);
    return ops.filter(gives).map((op) => (op as { id: Id }).id);
}

/** A text after a message that has no delta. One that is there already was not made by it: of a
 * message that makes it, it is only not known yet that it is done. */
function wholeAfter(entry: Entry, id: Id, text: string | undefined): string | undefined {
    let after = text;
    for (const op of singly(entry.ops)) {
        if (op.op === 'card.create' && op.id === id) after ??= stringOf(op.desc);
        if (op.op === 'text.put' && op.id === id) after = op.text;
    }
    return after;
}

function replaces(entry: Entry): boolean {
    return entry.ops.some((op) => op.op === 'text.put');
}

export function changesText(entry: Entry, id: Id): boolean {
    const op = textOf(entry);
    return op === undefined ? wholeAfter(entry, id, undefined) !== undefined : op.id === id;
}

/** The text after a message; undefined: not known. */
export function textAfter(entry: Entry, id: Id, text: string | undefined): string | undefined {
    const op = textOf(entry);
    if (op === undefined) return wholeAfter(entry, id, text);
    return op.id === id && text !== undefined ? deltaApply(text, op.delta) : text;
}

export function withDelta(entry: Entry, delta: Delta): readonly Op[] {
    return [{ ...(textOf(entry) as TextOp), delta }];
}

/** The unsent message that may take in another delta on this text. */
export function unsentText(entries: readonly Entry[], id: Id): Entry | undefined {
    for (let i = entries.length - 1; i >= 0; i--) {
        const entry = entries[i] as Entry;
        if (textOf(entry)?.id === id) return entry.everSent ? undefined : entry;
        if (entry.ops.some((op) => 'id' in op && op.id === id && op.op !== 'card.set'))
            return undefined;
    }
    return undefined;
}

/** Only the first of a chain is in flight, and none while it is not known what it counts from. */
export function isHeld(entries: readonly Entry[], entry: Entry): boolean {
    const op = textOf(entry);
    if (op === undefined) return false;
    return entry.gap || entries.find((other) => changesText(other, op.id)) !== entry;
}

/** Moves a chain past what happened to the confirmed text, which is `now` at s. Returns what that
 * does to the view. */
export function shift(
    chain: readonly Entry[],
    delta: Delta,
    now: (was: string | undefined) => string | undefined,
    s: number,
): Delta {
    let rest = delta;
    for (const entry of chain) {
        const op = textOf(entry);
        if (op === undefined) {
            if (replaces(entry)) rest = []; // whatever there is
            continue;
        }
        entry.was = now(entry.was);
        entry.base = s;
        entry.ops = withDelta(entry, deltaTransform(op.delta, rest, false));
        rest = deltaTransform(rest, op.delta, true);
    }
    return rest;
}

/** A chain of deltas as one; undefined: they do not fit each other. */
export function composed(chain: readonly Entry[]): Delta | undefined {
    let all: Delta | undefined = [];
    for (const entry of chain) {
        const op = textOf(entry);
        all = op === undefined || all === undefined ? undefined : deltaCompose(all, op.delta);
    }
    return all;
}

/** What was written, as a whole, for a draft: deltas mean nothing once their text is another. */
export function wholeText(chain: readonly Entry[]): readonly Op[] {
    const [first] = chain as readonly [Entry];
    const { kind, id, field } = textOf(first) as TextOp;
    let text = first.was;
    for (const entry of chain) text = textAfter(entry, id, text);
    return text === undefined
        ? chain.flatMap((entry) => entry.ops)
        : [{ op: 'text.put', kind, id, field, text }];
}

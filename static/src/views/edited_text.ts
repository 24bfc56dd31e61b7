/** edited_text.ts - between an open editor and the store: what the editor shows, and what the store
 * knows of it. They differ only while the editor has something that cannot leave yet: half a
 * character, or a word that an input method is still composing. */
import type { Id } from '../model/id';
import { type Delta, deltaApply, deltaDiff, deltaInvert } from '../model/text';
import { deltaCompose, deltaTransform } from '../model/text_transform';
import type { Store } from '../store';

/** An editor was closed, in which everything was typed that a description has beyond `before`: that
 * is one undo step. */
export function edited(store: Store, id: Id, before: string): void {
    const text = store.replica.text(id);
    if (text === undefined || text === before) return;
    const kind = id === store.id ? 'board' : 'card';
    const put = { op: 'text.put', kind, id, field: 'desc' } as const;
    store.did({
        label: 'Edit description',
        n: 0,
        ops: [{ ...put, text }],
        inverse: [[{ ...put, text: before }]],
        expected: [{ id, fields: { desc: text } }],
    });
}

export const TEXT_UNITS_MAX = 16384;

const HALF_A_PAIR = /[\ud800-\udfff]/u;

export class EditedText {
    private held: Delta = [];
    private back: Delta = []; // from what is known to the same without one's own changes

    constructor(
        private known: string,
        private readonly send: (delta: Delta) => void,
    ) {}

    /** The editor has this text now. delta: how it came to it, if that is known better than by
     * comparing. */
    typed(now: string, delta?: Delta): void {
        if (HALF_A_PAIR.test(now)) return;
        const fits = delta !== undefined && deltaApply(this.known, delta) === now;
        const change = fits ? delta : deltaDiff(this.known, now);
        this.back = deltaCompose(deltaInvert(this.known, change), this.back) ?? this.back;
        this.known = now;
        if (change.length > 0) this.send(change);
    }

    /** Somebody else's change, as one of what the editor has. */
    changed(delta: Delta, now: string): Delta {
        const mine = this.known === now ? [] : deltaDiff(this.known, now);
        this.known = deltaApply(this.known, delta) ?? this.known;
        this.back = deltaTransform(this.back, delta, false);
        return deltaTransform(delta, mine, true);
    }

    /** The same while the editor must not be touched. */
    hold(delta: Delta): void {
        this.held = deltaCompose(this.held, delta) ?? this.held;
    }

    /** It may be touched again: what was held, as a change of what the editor has. */
    release(now: string): Delta {
        const { held } = this;
        this.held = [];
        return this.changed(held, now);
    }

    /** The text if nobody had typed here: what others wrote meanwhile stays. */
    before(): string {
        return deltaApply(this.known, this.back) ?? this.known;
    }
}

/** text_transform.ts - two deltas of one text: as they read behind each other, and as one. The twin
 * of core/text_transform.c, part for part: server and client must come to the same text. */
import { type Delta, type Part, splitsPair } from './text';

type Step = 'retain' | 'insert' | 'delete';

/** Reads a delta in pieces; behind its last part it is a retain without end. */
class Cursor {
    step: Step = 'retain';
    units = Infinity;
    text = '';
    private next = 0;

    constructor(private readonly delta: Delta) {
        this.advance();
    }

    get ended(): boolean {
        return this.units === Infinity;
    }

    advance(): void {
        const part = this.delta[this.next++];
        if (part === undefined) {
            this.step = 'retain';
            this.units = Infinity;
        } else if (typeof part === 'string') {
            this.step = 'insert';
            this.units = part.length;
            this.text = part;
        } else {
            this.step = part > 0 ? 'retain' : 'delete';
            this.units = Math.abs(part);
        }
    }

    pass(units: number): void {
        if (this.ended) return;
        this.units -= units;
        if (this.step === 'insert') this.text = this.text.slice(units);
        if (this.units === 0) this.advance();
    }
}

/** Between two retains everything happens at one spot: one insert, then one delete. */
function canonical(raw: readonly Part[]): Delta {
    const parts: Part[] = [];
    let retained = 0;
    let text = '';
    let deleted = 0;
    const spot = (): void => {
        if (text === '' && deleted === 0) return;
        if (retained > 0) parts.push(retained);
        if (text !== '') parts.push(text);
        if (deleted > 0) parts.push(-deleted);
        retained = deleted = 0;
        text = '';
    };
    for (const part of raw) {
        if (typeof part === 'string') {
            text += part;
        } else if (part < 0) {
            deleted -= part;
        } else {
            spot();
            retained += part;
        }
    }
    spot();
    return parts;
}

/** delta as it reads behind `over`, another change of the same text. first: where both insert at
 * one spot, delta's stands left; the two sides must disagree about it. */
export function deltaTransform(delta: Delta, over: Delta, first: boolean): Delta {
    const raw: Part[] = [];
    const mine = new Cursor(delta);
    const theirs = new Cursor(over);
    while (!mine.ended) {
        if (mine.step === 'insert' && (first || theirs.step !== 'insert')) {
            raw.push(mine.text);
            mine.advance();
            continue;
        }
        if (theirs.step === 'insert') {
            raw.push(theirs.units);
            theirs.advance();
            continue;
        }
        const units = Math.min(mine.units, theirs.units);
        if (theirs.step === 'retain') raw.push(mine.step === 'retain' ? units : -units);
        mine.pass(units);
        theirs.pass(units);
    }
    return canonical(raw);
}

/** delta, then `then`, as one; undefined: `then` cuts a pair that delta inserts. It applies as the
 * two do; transforming over it is not the same as over one, then the other. */
export function deltaCompose(delta: Delta, then: Delta): Delta | undefined {
    const raw: Part[] = [];
    const one = new Cursor(delta);
    const two = new Cursor(then);
    while (!one.ended || !two.ended) {
        if (two.step === 'insert') {
            raw.push(two.text);
            two.advance();
            continue;
        }
        if (one.step === 'delete') {
            raw.push(-one.units);
            one.advance();
            continue;
        }
        const units = Math.min(one.units, two.units);
        if (one.step === 'insert') {
            if (splitsPair(one.text, units)) return undefined;
            if (two.step === 'retain') raw.push(one.text.slice(0, units));
        } else {
            raw.push(two.step === 'retain' ? units : -units);
        }
        one.pass(units);
        two.pass(units);
    }
    return canonical(raw);
}

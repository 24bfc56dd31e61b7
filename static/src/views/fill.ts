/** fill.ts - a big board is drawn in steps: the cards that are in sight with the first frame, the
 * rest right after it, in steps so short that a key or a pointer never waits for them.
 *
 * Every card is drawn in the end, so that finding in the page, focus and assistive technology meet
 * all of them. A step is as many cards as fit STEP_MS, then the browser has its turn. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const LIST_PX = 284; // with the gap
const CARD_PX_MIN = 46; // with the gap: more never stand in one window
const STEP_MS = 8;
const STEP_CARDS = 25;

interface Filling {
    readonly drawn: Signal<number>;
    readonly total: () => number;
}

let waiting: Filling[] = [];
let stepping = false;

function turn(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve));
}

async function step(): Promise<void> {
    const until = performance.now() + STEP_MS;
    while (waiting[0] !== undefined && performance.now() < until) {
        const { drawn, total } = waiting[0];
        const next = drawn.peek() + STEP_CARDS;
        if (next >= total()) waiting.shift();
        drawn.value = next < total() ? next : Infinity;
        await undefined; // Preact draws in a microtask of its own, asked for before this one
    }
}

async function run(): Promise<void> {
    stepping = true;
    while (waiting.length > 0) {
        await turn();
        await step();
    }
    stepping = false;
}

/** How many cards of a list are to be drawn now. column: its number from the left. */
export function useDrawn(column: () => number, total: () => number): number {
    const inSight = column() * LIST_PX < innerWidth;
    const drawn = useSignal(inSight ? Math.ceil(innerHeight / CARD_PX_MIN) : 0);
    useEffect(() => {
        const filling = { drawn, total };
        waiting.push(filling);
        if (!stepping) void run();
        return () => {
            waiting = waiting.filter((other) => other !== filling);
        };
    }, []);
    return drawn.value;
}

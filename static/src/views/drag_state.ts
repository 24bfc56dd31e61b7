/** drag_state.ts - what is being dragged, for the views that draw around it. The dragging itself
 * (drag.ts) comes a moment after the board. */
import { signal } from '@preact/signals';
import type { Id } from '../model/id';

export interface Dragging {
    readonly kind: 'card' | 'list';
    readonly id: Id;
    readonly list: Id | undefined; // where the placeholder of a card is
    readonly before: Id | undefined; // undefined: at the end
    readonly width: number;
    readonly height: number;
}

export const dragging = signal<Dragging | undefined>(undefined);
/** Hidden, because its ghost is still on the way to it. */
export const settling = signal<Id | undefined>(undefined);

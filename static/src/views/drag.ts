/** drag.ts - dragging cards and lists by mouse, pen and touch. Keys move things elsewhere
 * (shortcuts.ts), through the same actions.
 *
 *   idle -press-> pressed -slop (mouse), 220 ms still (touch)-> lifted -release-> settling -> idle
 *                    \-- moved before (touch: a scroll), released --> idle
 *                                                  lifted -Esc, lost pointer-> idle
 *
 * The DOM stays Preact's: while something is lifted, `dragging` says where its placeholder stands -
 * before which neighbour, not at which number, so that others' changes meanwhile move it along -
 * and the views draw that. Only the ghost under the pointer is ours. */
import { batch } from '@preact/signals';
import type { Id } from '../model/id';
import { beyond, collapse, edgeSpeed, type Extent, gapOf, nearest } from './drag_geometry';
import { type Dragging, dragging, settling } from './drag_state';
import { glide } from './glide';
import { calm, say } from './ui';

const SLOP_PX = 6;
const TOUCH_SLOP_PX = 8;
const LONG_PRESS_MS = 220;
const SETTLE_MS = 160;
const GHOST_CARDS_MAX = 14; // of a lifted list: the rest is out of sight

export interface Drop {
    readonly id: Id;
    readonly after: Id | undefined;
    readonly before: Id | undefined;
}

export interface DragHost {
    allowed(): boolean;
    /** Does it still exist and is it open? */
    there(kind: 'card' | 'list', id: Id): boolean;
    dropCard(list: Id, drop: Drop): void;
    dropList(drop: Drop): void;
    nameOf(id: Id): string;
}

interface Press {
    readonly kind: 'card' | 'list';
    readonly id: Id;
    readonly element: HTMLElement;
    readonly pointer: number;
    readonly touch: boolean;
    readonly x: number;
    readonly y: number;
    readonly timer: number;
}

interface Lift {
    readonly press: Press;
    readonly ghost: HTMLElement;
    readonly offsetX: number; // of the pointer within the ghost
    readonly offsetY: number;
    x: number;
    y: number;
    /** The pointer or what is below it moved by one's own doing. */
    moved: boolean;
    frame: number;
}

function noTouchMove(event: TouchEvent): void {
    if (dragging.peek() !== undefined && event.cancelable) event.preventDefault();
}

function swallow(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
}

export class Drag {
    private press: Press | undefined;
    private lift: Lift | undefined;
    private readonly off = new AbortController();

    constructor(
        private readonly root: HTMLElement,
        private readonly host: DragHost,
    ) {
        const { signal: ended } = this.off;
        root.addEventListener('pointerdown', (event) => this.down(event), { signal: ended });
        root.addEventListener('pointermove', (event) => this.move(event), { signal: ended });
        root.addEventListener('pointerup', (event) => this.up(event), { signal: ended });
        root.addEventListener('pointercancel', () => this.cancel(), { signal: ended });
        root.addEventListener(
            'lostpointercapture',
            () => this.lift !== undefined && this.cancel(),
            { signal: ended },
        );
        root.addEventListener(
            'contextmenu',
            (event) => this.press?.touch === true && event.preventDefault(),
            { signal: ended },
        );
        root.addEventListener('dragstart', (event) => event.preventDefault(), { signal: ended });
        // Not passive from the start: a browser asks only those listeners that were there when the
        // finger came down.
        root.addEventListener('touchmove', noTouchMove, { passive: false, signal: ended });
        addEventListener(
            'keydown',
            (event) => {
                if (event.key !== 'Escape' || this.lift === undefined) return;
                swallow(event);
                this.cancel();
                say('Put back');
            },
            { capture: true, signal: ended },
        );
    }

    close(): void {
        this.cancel();
        this.off.abort();
    }

    private down(event: PointerEvent): void {
        if (
            event.button !== 0 ||
            !event.isPrimary ||
            this.lift !== undefined ||
            !this.host.allowed()
        )
            return;
        const target = event.target as Element;
        if (target.closest('button, input, textarea, select, form') !== null) return;
        const card = target.closest<HTMLElement>('[data-card]');
        const element = card ?? target.closest('.list-head')?.closest<HTMLElement>('[data-list]');
        const id = element?.dataset.card ?? element?.dataset.list;
        if (element === null || element === undefined || id === undefined) return;
        this.forget();
        const touch = event.pointerType === 'touch';
        const timer = touch
            ? window.setTimeout(() => this.lifted(event.clientX, event.clientY), LONG_PRESS_MS)
            : 0;
        this.press = {
            kind: card === null ? 'list' : 'card',
            id,
            element,
            pointer: event.pointerId,
            touch,
            x: event.clientX,
            y: event.clientY,
            timer,
        };
    }

    private move(event: PointerEvent): void {
        const { press, lift } = this;
        if (press === undefined || event.pointerId !== press.pointer) return;
        if (lift !== undefined) {
            this.follow(lift, event);
            return;
        }
        if (
            !beyond(
                event.clientX - press.x,
                event.clientY - press.y,
                press.touch ? TOUCH_SLOP_PX : SLOP_PX,
            )
        )
            return;
        if (press.touch || event.buttons === 0) this.forget();
        else this.lifted(event.clientX, event.clientY);
    }

    private up(event: PointerEvent): void {
        if (this.press === undefined || event.pointerId !== this.press.pointer) return;
        if (this.lift === undefined) {
            this.forget();
            return;
        }
        this.follow(this.lift, event);
        this.place(this.lift);
        this.drop(this.lift);
    }

    private follow(lift: Lift, { clientX, clientY }: PointerEvent): void {
        if (lift.x !== clientX || lift.y !== clientY) lift.moved = true;
        lift.x = clientX;
        lift.y = clientY;
    }

    private forget(): void {
        if (this.press !== undefined) clearTimeout(this.press.timer);
        this.press = undefined;
    }

    /* -- lifting */

    private lifted(x: number, y: number): void {
        const { press } = this;
        if (press === undefined || !press.element.isConnected) return this.forget();
        const { element, kind, id } = press;
        const rect = element.getBoundingClientRect();
        const ghost = element.cloneNode(true) as HTMLElement;
        if (kind === 'list')
            [...ghost.querySelectorAll('[data-card]')]
                .slice(GHOST_CARDS_MAX)
                .forEach((card) => card.remove());
        ghost.classList.add('ghost');
        ghost.inert = true;
        ghost.setAttribute('aria-hidden', 'true');
        delete ghost.dataset.card;
        delete ghost.dataset.list;
        Object.assign(ghost.style, {
            width: `${rect.width}px`,
            height: `${rect.height}px`,
            left: '0',
            top: '0',
        });
        document.body.append(ghost);
        document.body.classList.add('is-dragging');
        const lift: Lift = {
            press,
            ghost,
            offsetX: press.x - rect.left,
            offsetY: press.y - rect.top,
            x,
            y,
            moved: false,
            frame: 0,
        };
        this.lift = lift;
        try {
            this.root.setPointerCapture(press.pointer);
        } catch {
            // the pointer is gone already: its pointercancel follows
        }
        // The finger's events go there even should the card be drawn elsewhere meanwhile.
        element.addEventListener('touchmove', noTouchMove, { passive: false });
        if (press.touch) navigator.vibrate?.(12);
        const list = element.closest<HTMLElement>('[data-list]')?.dataset.list;
        const next = this.nextOf(element, kind);
        dragging.value = {
            kind,
            id,
            list: kind === 'card' ? list : undefined,
            before: next,
            width: rect.width,
            height: rect.height,
        };
        say(`Lifted ${this.host.nameOf(id)}`);
        this.frame();
    }

    private nextOf(element: Element, kind: 'card' | 'list'): Id | undefined {
        let next = element.nextElementSibling;
        while (next instanceof HTMLElement && next.dataset[kind] === undefined)
            next = next.nextElementSibling;
        return next instanceof HTMLElement ? next.dataset[kind] : undefined;
    }

    /* -- while lifted, once a frame */

    private readonly frame = (): void => {
        const { lift } = this;
        if (lift === undefined) return;
        const x = lift.x - lift.offsetX;
        const y = lift.y - lift.offsetY;
        lift.ghost.style.transform = `translate(${x}px, ${y}px)${calm() ? '' : ' rotate(2deg)'}`;
        lift.ghost.classList.toggle('gone', !this.host.there(lift.press.kind, lift.press.id));
        const scrolls = this.scroll(lift);
        this.place(lift, scrolls);
        lift.frame = requestAnimationFrame(this.frame);
    };

    /** Does anything scroll? */
    private scroll(lift: Lift): boolean {
        const box = this.root.getBoundingClientRect();
        const dx = edgeSpeed(lift.x, box.left, box.right);
        if (dx !== 0) {
            this.root.scrollLeft += dx;
            lift.moved = true;
        }
        const list = dragging.peek()?.list;
        const rows =
            list === undefined
                ? null
                : this.root.querySelector<HTMLElement>(`[data-list="${list}"] .cards`);
        if (rows === null) return dx !== 0;
        const { top, bottom } = rows.getBoundingClientRect();
        const dy = edgeSpeed(lift.y, top, bottom, 48);
        if (dy !== 0) {
            rows.scrollTop += dy;
            lift.moved = true;
        }
        return dx !== 0 || dy !== 0;
    }

    private lists(): HTMLElement[] {
        return [...this.root.querySelectorAll<HTMLElement>('[data-list]')].filter(
            (list) => !list.classList.contains('lifted'),
        );
    }

    private place(lift: Lift, scrolls = false): void {
        const now = dragging.peek();
        if (now === undefined || (!lift.moved && this.anchored(now))) return;
        lift.moved = false;
        const found = now.kind === 'card' ? this.cardPlace(lift) : this.listPlace(lift);
        if (found === undefined || (found.list === now.list && found.before === now.before)) return;
        if (!scrolls) glide(this.root); // nobody sees it, and each glide is a layer to paint
        dragging.value = { ...now, ...found };
    }

    /** What others do meanwhile moves the placeholder along with its neighbour, not from under a
     * hand that holds still. */
    private anchored({ kind, list, before }: Dragging): boolean {
        if (kind === 'card' && this.root.querySelector(`[data-list="${list}"]`) === null)
            return false;
        const parent = kind === 'card' ? `[data-list="${list}"] ` : '';
        return (
            before === undefined ||
            this.root.querySelector(`${parent}[data-${kind}="${before}"]`) !== null
        );
    }

    private cardPlace(lift: Lift): { list: Id; before: Id | undefined } | undefined {
        const lists = this.lists();
        const index = nearest(
            lists.map((list) => {
                const { left, width } = list.getBoundingClientRect();
                return { at: left, size: width };
            }),
            lift.x,
        );
        const list = lists[index];
        const rows = list?.querySelector<HTMLElement>('.cards');
        if (list?.dataset.list === undefined || rows === null || rows === undefined)
            return undefined;
        const elements: HTMLElement[] = [];
        const measured: (Extent & { placeholder: boolean })[] = [];
        for (const row of rows.children) {
            if (!(row instanceof HTMLElement) || row.classList.contains('lifted')) continue;
            const placeholder = row.classList.contains('placeholder');
            if (!placeholder && row.dataset.card === undefined) continue;
            measured.push({ at: row.offsetTop, size: row.offsetHeight, placeholder });
            if (!placeholder) elements.push(row);
        }
        const edge = lift.y - lift.offsetY - rows.getBoundingClientRect().top + rows.scrollTop;
        const gap = gapOf(collapse(measured, 8), edge);
        return { list: list.dataset.list, before: elements[gap]?.dataset.card };
    }

    private listPlace(lift: Lift): { list: undefined; before: Id | undefined } {
        const elements: HTMLElement[] = [];
        const measured: (Extent & { placeholder: boolean })[] = [];
        for (const one of this.root.children) {
            if (!(one instanceof HTMLElement) || one.classList.contains('lifted')) continue;
            const placeholder = one.classList.contains('placeholder');
            if (!placeholder && one.dataset.list === undefined) continue;
            measured.push({ at: one.offsetLeft, size: one.offsetWidth, placeholder });
            if (!placeholder) elements.push(one);
        }
        const edge =
            lift.x - lift.offsetX - this.root.getBoundingClientRect().left + this.root.scrollLeft;
        return {
            list: undefined,
            before: elements[gapOf(collapse(measured, 12), edge)]?.dataset.list,
        };
    }

    /* -- letting go */

    /** In whose place it comes, as the views show it: neighbours that a filter hides do not decide.
     */
    private neighbours(now: Dragging): Drop {
        const rows =
            now.kind === 'list'
                ? this.root
                : this.root.querySelector(`[data-list="${now.list}"] .cards`);
        const ids = [...(rows?.children ?? [])]
            .map((row) => (row as HTMLElement).dataset[now.kind])
            .filter((id) => id !== undefined && id !== now.id);
        const index = now.before === undefined ? ids.length : ids.indexOf(now.before);
        return { id: now.id, after: index > 0 ? ids[index - 1] : undefined, before: now.before };
    }

    private drop(lift: Lift): void {
        const now = dragging.peek();
        const spot = this.root.querySelector('.placeholder')?.getBoundingClientRect();
        if (now === undefined) return this.cancel();
        const drop = this.neighbours(now);
        this.letGo(lift);
        glide(this.root);
        batch(() => {
            settling.value = now.id;
            dragging.value = undefined;
            if (now.kind === 'list') this.host.dropList(drop);
            else if (now.list !== undefined) this.host.dropCard(now.list, drop);
        });
        this.settle(lift, spot);
    }

    private cancel(): void {
        const { lift } = this;
        this.forget();
        if (lift === undefined) return;
        this.letGo(lift);
        glide(this.root);
        batch(() => {
            settling.value = lift.press.id;
            dragging.value = undefined;
        });
        requestAnimationFrame(() => {
            const { id, kind } = lift.press;
            this.settle(
                lift,
                this.root.querySelector(`[data-${kind}="${id}"]`)?.getBoundingClientRect(),
            );
        });
    }

    private letGo(lift: Lift): void {
        cancelAnimationFrame(lift.frame);
        this.forget();
        this.lift = undefined;
        document.body.classList.remove('is-dragging');
        lift.press.element.removeEventListener('touchmove', noTouchMove);
        if (this.root.hasPointerCapture(lift.press.pointer))
            this.root.releasePointerCapture(lift.press.pointer);
        // The click that a release makes is no click on the card.
        addEventListener('click', swallow, { capture: true });
        setTimeout(() => removeEventListener('click', swallow, { capture: true }), 50);
    }

    private settle(lift: Lift, spot: DOMRect | undefined): void {
        const end = () => {
            lift.ghost.remove();
            if (settling.peek() === lift.press.id) settling.value = undefined;
        };
        if (spot === undefined || spot.width === 0 || calm()) return end();
        const animation = lift.ghost.animate(
            [
                { transform: lift.ghost.style.transform },
                { transform: `translate(${spot.left}px, ${spot.top}px)` },
            ],
            { duration: SETTLE_MS, easing: 'cubic-bezier(.2,.7,.3,1)', fill: 'forwards' },
        );
        animation.onfinish = animation.oncancel = end;
    }
}

/** modal.tsx - dialogs and pickers: a native modal <dialog>, which holds the focus, closes on Esc
 * and gives the focus back. */
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons';
import { open, Toasts } from './toasts';
import { type Anchor, dialog } from './ui';

interface ModalProps {
    readonly title: string;
    readonly kind?: string;
    readonly anchor?: Anchor | undefined;
    readonly hideTitle?: boolean;
    readonly close?: (() => void) | undefined;
    readonly children: ComponentChildren;
}

const MARGIN = 8;

/** Under its anchor, or above where there is no room. */
function hang(element: HTMLDialogElement, anchor: Anchor): void {
    const { width, height } = element.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(anchor.left, innerWidth - width - MARGIN));
    const below = anchor.bottom + 4;
    const top =
        below + height + MARGIN <= innerHeight
            ? below
            : Math.max(MARGIN, Math.min(anchor.top - height - 4, innerHeight - height - MARGIN));
    Object.assign(element.style, { left: `${left}px`, top: `${Math.max(MARGIN, top)}px` });
}

export function closeDialog(): void {
    dialog.value = undefined;
}

export function Modal({
    title,
    kind = '',
    anchor,
    hideTitle = false,
    close = closeDialog,
    children,
}: ModalProps): JSX.Element {
    const ref = useRef<HTMLDialogElement>(null);
    const token = useRef({}).current;
    const pressed = useRef(false);
    useLayoutEffect(() => {
        const element = ref.current;
        if (element === null) return undefined;
        const from = document.activeElement;
        element.showModal();
        // It may grow beyond the window while it is open.
        const observer = new ResizeObserver(() => anchor && hang(element, anchor));
        if (anchor !== undefined) hang(element, anchor);
        observer.observe(element);
        (element.querySelector<HTMLElement>('[data-first]') ?? element).focus();
        open.value = [...open.peek(), token];
        return () => {
            observer.disconnect();
            open.value = open.peek().filter((other) => other !== token);
            element.close();
            if (from instanceof HTMLElement && from.isConnected) from.focus();
        };
    }, []);
    const onCancel = (event: Event) => {
        event.preventDefault();
        close();
    };
    const outside = (event: MouseEvent) => {
        if (event.target !== ref.current) return false;
        const { left, right, top, bottom } = (
            ref.current as HTMLDialogElement
        ).getBoundingClientRect();
        return (
            event.clientX < left ||
            event.clientX > right ||
            event.clientY < top ||
            event.clientY > bottom
        );
    };
    return (
        <dialog
            ref={ref}
            class={`modal ${kind} ${anchor === undefined ? '' : 'hung'}`}
            aria-label={title}
            tabIndex={-1}
            onCancel={onCancel}
            onPointerDown={(event) => {
                pressed.current = outside(event);
            }}
            onClick={(event) => {
                // Both ends outside: a selection dragged out of it does not count.
                if (pressed.current && outside(event)) close();
            }}
        >
            <div class="modal-body">
                {!hideTitle && (
                    <header class="modal-head">
                        <h2>{title}</h2>
                        <button class="bare" aria-label="Close" onClick={() => close()}>
                            <Icon name="close" />
                        </button>
                    </header>
                )}
                {children}
            </div>
            {open.value.at(-1) === token && <Toasts />}
        </dialog>
    );
}

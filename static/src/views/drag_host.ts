/** drag_host.ts - what a drop on a board does. Comes a moment after the board, with the drag. */
import type { Id } from '../model/id';
import type { Store } from '../store';
import { canEdit, short } from './actions';
import { Drag, type DragHost } from './drag';
import { renaming, say, toast } from './ui';

export { glide } from './glide';

function dragHost(store: Store): DragHost {
    const nameOf = (id: Id) => store.peekCard(id)?.name ?? store.list(id).peek()?.name ?? '';
    const there = (kind: 'card' | 'list', id: Id) => {
        const one = kind === 'card' ? store.peekCard(id) : store.list(id).peek();
        return one !== undefined && !one.closed;
    };
    const place = ({ after, before }: { after: Id | undefined; before: Id | undefined }) => ({
        after: after ?? '',
        ...(before === undefined ? {} : { before }),
    });
    return {
        allowed: () => canEdit(store) && renaming.peek() === undefined,
        there,
        nameOf,
        dropCard: (list, drop) => {
            const card = store.peekCard(drop.id);
            if (card === undefined) {
                toast('Somebody deleted this card while you moved it.');
            } else if (card.closed) {
                toast(`Somebody archived “${short(card.name)}” while you moved it.`, {
                    label: 'Restore it here',
                    run: () =>
                        store.group('Restore card', () => {
                            store.restoreCard(drop.id);
                            store.moveCard(drop.id, list, place(drop));
                        }),
                });
            } else if (
                list !== card.idList ||
                !stands(
                    store.peekCards(list).map((other) => other.id),
                    drop,
                )
            ) {
                store.moveCard(drop.id, list, place(drop));
                say(`Moved ${card.name} to ${store.list(list).peek()?.name ?? ''}`);
            }
        },
        dropList: (drop) => {
            if (!there('list', drop.id) || stands(store.lists.peek(), drop)) return;
            store.moveList(drop.id, place(drop));
            say(`Moved the list ${nameOf(drop.id)}`);
        },
    };
}

/** Is it there already? */
function stands(
    row: readonly Id[],
    { id, after, before }: { id: Id; after: Id | undefined; before: Id | undefined },
): boolean {
    const index = row.indexOf(id);
    return index >= 0 && row[index - 1] === after && row[index + 1] === before;
}

/** Cards and lists of that board can be taken in hand until the returned function is called. */
export function dragOn(root: HTMLElement, store: Store): () => void {
    const drag = new Drag(root, dragHost(store));
    return () => drag.close();
}

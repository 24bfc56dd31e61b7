/** notices.ts - what the store has to say beside the state: an undo that met another's change, a
 * change that was overwritten. */
import type { Store } from '../store';
import type { Notice } from '../store_types';
import { toast } from './ui';

export function tell(store: Store, notice: Notice): void {
    if (notice.kind === 'queue-full')
        toast('Too many changes wait for the server. This one was not made.');
    if (notice.kind === 'undo-changed')
        toast(`Somebody changed it since: ${notice.label}.`, {
            label: 'Undo all the same',
            run: () => store.undo(true),
        });
    if (notice.kind === 'overwritten') {
        const { id, field, mine, by } = notice;
        const who = store.who.peek().get(by ?? '')?.fullName ?? 'Somebody';
        const put =
            store.peekCard(id) === undefined
                ? undefined
                : {
                      label: 'Keep mine',
                      run: () => store.setCard(id, { [field]: mine } as never),
                  };
        toast(`${who} changed ${field === 'name' ? 'the name' : field} just after you.`, put);
    }
}

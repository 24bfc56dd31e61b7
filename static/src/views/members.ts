/** members.ts - follows who is on the open board: names for those who came meanwhile, because the
 * stream says that somebody is a member now and not who that is; and one's own role. */
import { effect } from '@preact/signals';
import type { App } from '../app';
import type { Id } from '../model/id';
import { members } from '../people';
import type { Store } from '../store';
import { myRole } from './actions';
import { composing, dialog, renaming, toast } from './ui';

// Everybody who looks at the board asks at about the same time: large boards spread it.
const SPREAD_MS_PER_MEMBER = 10;
const SPREAD_MS_MAX = 30_000;

function meetStrangers({ env }: App, store: Store): () => void {
    const asked = new Set<Id>(); // once: a member may have no name at all
    let cancel: (() => void) | undefined;
    const ask = async () => {
        cancel = undefined;
        const result = await members(env, store.id);
        if (result.ok) store.met(result.value);
        else asked.clear(); // with the next connection
    };
    const end = effect(() => {
        if (store.connection.value.state !== 'live') return;
        const list = store.members.value;
        const who = store.who.value;
        const strangers = list
            .map((member) => member.idMember)
            .filter((id) => !who.has(id) && !asked.has(id));
        if (strangers.length === 0) return;
        for (const id of strangers) asked.add(id);
        const spread = Math.min(list.length * SPREAD_MS_PER_MEMBER, SPREAD_MS_MAX);
        cancel ??= env.later(env.random() * spread, () => void ask());
    });
    return () => {
        end();
        cancel?.();
    };
}

/** Says it when somebody else changed what one may do here, and puts away what one may not. */
function followRole(store: Store): () => void {
    let was: string | undefined;
    return effect(() => {
        const role = myRole(store);
        const before = was;
        was = role;
        if (before === undefined || role === undefined || before === role) return;
        if (role === 'observer') {
            composing.value = renaming.value = undefined;
            const open = dialog.peek();
            if (open !== undefined && 'id' in open) dialog.value = undefined;
            toast('An admin made you an observer: you see the board and cannot change it.');
        } else if (before === 'observer') {
            toast('You may change this board now.');
        }
    });
}

/** Returns what ends it. */
export function followMembers(app: App, store: Store): () => void {
    const ends = [meetStrangers(app, store), followRole(store)];
    return () => ends.forEach((end) => end());
}

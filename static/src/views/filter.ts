/** filter.ts - which cards are shown: by text, by labels, only mine. It stands in the address, so
 * that it survives a reload and can be sent to somebody: /b/SHORT/slug?q=text&labels=id,id&mine */
import { computed, effect, signal } from '@preact/signals';
import { type Id, isId } from '../model/id';
import type { Card } from '../model/kinds';
import type { Store } from '../store';

export interface Filter {
    readonly text: string;
    readonly labels: readonly Id[];
    readonly mine: boolean;
}

const nothing: Filter = { text: '', labels: [], mine: false };

export function filterOf(search: string): Filter {
    const query = new URLSearchParams(search);
    const labels = (query.get('labels') ?? '').split(',').filter(isId);
    return { text: query.get('q') ?? '', labels, mine: query.has('mine') };
}

export function searchOf({ text, labels, mine }: Filter): string {
    const parts: string[] = [];
    if (text !== '') parts.push(`q=${encodeURIComponent(text)}`);
    if (labels.length > 0) parts.push(`labels=${labels.join(',')}`);
    if (mine) parts.push('mine');
    return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

export const filter = signal<Filter>(nothing);
export const filtering = computed(
    () => filter.value.text.trim() !== '' || filter.value.labels.length > 0 || filter.value.mine,
);

export function setFilter(change: Partial<Filter>): void {
    filter.value = { ...filter.peek(), ...change };
}

export function clearFilter(): void {
    filter.value = nothing;
}

/** What reads the text comes with the first one; until then every card is shown. */
const reader = signal<typeof import('./query') | undefined>(undefined);

export function wantReader(): void {
    if (reader.peek() !== undefined) return;
    void import('./query').then(
        (made) => {
            reader.value = made;
        },
        () => undefined,
    );
}

/** The text, as words or with operators (query.ts); one of the labels; mine. */
function matches(store: Store, card: Card, wanted: Filter, me: Id | undefined): boolean {
    if (wanted.mine && (me === undefined || !card.idMembers.includes(me))) return false;
    if (wanted.labels.length > 0 && !wanted.labels.some((id) => card.idLabels.includes(id)))
        return false;
    if (wanted.text.trim() === '') return true;
    if (reader.value === undefined) wantReader();
    return reader.value?.cardHolds(store, card, wanted.text, me) ?? true;
}

/** The cards of a list that are shown: in their places, unless the text asks for another order. */
export function shownIn(store: Store, list: Id): readonly Id[] {
    const ids = store.cards(list).value;
    if (!filtering.value) return ids;
    const wanted = filter.value;
    const me = store.me.value?.id;
    const cards = ids
        .map((id) => store.card(id).value)
        .filter((card) => card !== undefined && matches(store, card, wanted, me)) as Card[];
    return (reader.value?.asked(wanted.text, cards) ?? cards).map(({ id }) => id);
}

/** Keeps the board's address and the filter alike. */
export function filterInAddress(): () => void {
    filter.value = filterOf(location.search);
    const back = () => {
        if (location.pathname.startsWith('/b/')) filter.value = filterOf(location.search);
    };
    addEventListener('popstate', back);
    const stop = effect(() => {
        const search = searchOf(filter.value);
        if (location.pathname.startsWith('/b/') && location.search !== search)
            history.replaceState(history.state, '', location.pathname + search);
    });
    return () => {
        stop();
        removeEventListener('popstate', back);
        filter.value = nothing;
    };
}

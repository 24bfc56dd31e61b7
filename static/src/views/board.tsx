/** board.tsx - one board: its lists and their cards. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Id } from '../model/id';
import { cardPath } from '../router';
import type { Store } from '../store';

function CardView({ store, id }: { store: Store; id: Id }): JSX.Element | null {
    const card = store.card(id).value;
    return card === undefined ? null : <li class="card"><a href={cardPath(card)}>{card.name}</a></li>;
}

/** One line of text that makes something when Enter is pressed. */
function Composer({ label, make }: { label: string; make: (name: string) => void }): JSX.Element {
    const submit = (event: SubmitEvent) => {
        event.preventDefault();
        const form = event.currentTarget as HTMLFormElement;
        const name = String(new FormData(form).get('name') ?? '').trim();
        if (name === '') return;
        make(name);
        form.reset();
    };
    return <form onSubmit={submit}><input name="name" aria-label={label} placeholder={label} autocomplete="off" /></form>;
}

function ListView({ store, id }: { store: Store; id: Id }): JSX.Element | null {
    const list = store.list(id).value;
    const cards = store.cards(id).value;
    if (list === undefined) return null;
    return (
        <section class="list" aria-label={list.name}>
            <h2>{list.name}</h2>
            <ol>{cards.map((card) => <CardView key={card} store={store} id={card} />)}</ol>
            <Composer label="Add a card" make={(name) => store.createCard(id, { name })} />
        </section>
    );
}

export function BoardView({ store }: { store: Store }): JSX.Element {
    const board = store.board.value;
    const { state, waiting, refused } = store.saved.value;
    useEffect(() => {
        document.title = board === undefined ? 'Tavla' : `${board.name} - Tavla`;
    }, [board?.name]);
    return (
        <main class="board">
            <header>
                <a href="/">Boards</a> <h1>{board?.name ?? ''}</h1>
                <p role="status">
                    {store.connection.value.state === 'live' ? '' : `${store.connection.value.state} `}
                    {state === 'waiting' ? `${waiting} waiting` : state === 'refused' ? `${refused} refused` : ''}
                </p>
            </header>
            <div class="lists">
                {store.lists.value.map((list) => <ListView key={list} store={store} id={list} />)}
                {store.loaded.value && <Composer label="Add a list" make={(name) => store.createList(name)} />}
            </div>
        </main>
    );
}

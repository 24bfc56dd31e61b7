/** dialogs.tsx - which picker or dialog of the board is open. Their code comes with the first one.
 */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { Lazy } from './lazy';
import { dialog } from './ui';

export interface DialogProps {
    readonly app: App;
    readonly store: Store;
    readonly open: (card: Id) => void;
    readonly home: string;
}

const pickers = () => import('./pickers');
const labelPickers = () => import('./label_pickers');
const panels = () => import('./panels');
const share = () => import('./share');
const palette = () => import('./palette');
const pages = [() => import('./card'), () => import('./gone')];
const everything = [pickers, labelPickers, panels, share, palette, ...pages];

export function Dialogs(props: DialogProps): JSX.Element | null {
    const now = dialog.value;
    useEffect(() => {
        const timer = setTimeout(
            () => void Promise.allSettled(everything.map((load) => load())),
            1500,
        );
        return () => clearTimeout(timer);
    }, []);
    if (now === undefined) return null;
    const { store } = props;
    switch (now.kind) {
        case 'labels':
            return (
                <Lazy
                    key={now.kind}
                    load={labelPickers}
                    show={({ LabelPicker }) => (
                        <LabelPicker store={store} id={now.id} anchor={now.anchor} />
                    )}
                />
            );
        case 'members':
            return (
                <Lazy
                    key={now.kind}
                    load={pickers}
                    show={({ MemberPicker }) => (
                        <MemberPicker store={store} id={now.id} anchor={now.anchor} />
                    )}
                />
            );
        case 'dates':
            return (
                <Lazy
                    key={now.kind}
                    load={pickers}
                    show={({ DatePicker }) => (
                        <DatePicker store={store} id={now.id} anchor={now.anchor} />
                    )}
                />
            );
        case 'move':
            return (
                <Lazy
                    key={now.kind}
                    load={pickers}
                    show={({ MovePicker }) => (
                        <MovePicker store={store} id={now.id} anchor={now.anchor} />
                    )}
                />
            );
        case 'list':
            return (
                <Lazy
                    key={now.kind}
                    load={pickers}
                    show={({ ListMenu }) => (
                        <ListMenu store={store} id={now.id} anchor={now.anchor} />
                    )}
                />
            );
        case 'filter':
            return (
                <Lazy
                    key={now.kind}
                    load={labelPickers}
                    show={({ FilterPicker }) => <FilterPicker store={store} anchor={now.anchor} />}
                />
            );
        case 'share':
            return (
                <Lazy
                    key={now.kind}
                    load={share}
                    show={({ Share }) => <Share app={props.app} store={store} home={props.home} />}
                />
            );
        case 'archive':
            return (
                <Lazy
                    key={now.kind}
                    load={panels}
                    show={({ Archive }) => <Archive store={store} />}
                />
            );
        case 'drafts':
            return (
                <Lazy
                    key={now.kind}
                    load={panels}
                    show={({ Drafts }) => <Drafts store={store} />}
                />
            );
        case 'board':
            return (
                <Lazy
                    key={now.kind}
                    load={panels}
                    show={({ BoardMenu }) => <BoardMenu app={props.app} store={store} />}
                />
            );
        case 'help':
            return <Lazy key={now.kind} load={palette} show={({ Help }) => <Help />} />;
        case 'palette':
            return (
                <Lazy
                    key={now.kind}
                    load={palette}
                    show={({ Palette }) => <Palette {...props} />}
                />
            );
    }
}

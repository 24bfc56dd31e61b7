/** dialogs.tsx - which picker or dialog of the board is open. Their code comes with the first one.
 */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { App } from '../app';
import type { Id } from '../model/id';
import type { Store } from '../store';
import { Lazy, preload } from './lazy';
import { dialog } from './ui';

export interface DialogProps {
    readonly app: App;
    readonly store: Store;
    readonly open: (card: Id) => void;
    readonly home: string;
}

const pickers = () => import('./pickers');
const labelPickers = () => import('./label_pickers');
const copyPicker = () => import('./copy_picker');
const panels = () => import('./panels');
const share = () => import('./share');
const palette = () => import('./palette');
const history = () => import('./history');
const pages = [
    () => import('./card'),
    () => import('./gone'),
    () => import('./message'),
    () => import('./notices'),
];
const everything = [pickers, labelPickers, copyPicker, panels, share, palette, history, ...pages];

export function Dialogs(props: DialogProps): JSX.Element | null {
    const now = dialog.value;
    useEffect(() => {
        const timer = setTimeout(
            () => void Promise.allSettled(everything.map((load) => preload<unknown>(load))),
            1500,
        );
        return () => clearTimeout(timer);
    }, []);
    if (now === undefined) return null;
    const { store } = props;
    const part = <M,>(load: () => Promise<M>, show: (module: M) => JSX.Element | null) => (
        <Lazy key={now.kind} load={load} show={show} />
    );
    switch (now.kind) {
        case 'labels':
            return part(labelPickers, ({ LabelPicker }) => (
                <LabelPicker store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'cover':
            return part(labelPickers, ({ CoverPicker }) => (
                <CoverPicker store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'members':
            return part(pickers, ({ MemberPicker }) => (
                <MemberPicker store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'dates':
            return part(pickers, ({ DatePicker }) => (
                <DatePicker store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'move':
            return part(pickers, ({ MovePicker }) => (
                <MovePicker app={props.app} store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'copy':
            return part(copyPicker, ({ CopyPicker }) => (
                <CopyPicker store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'list':
            return part(pickers, ({ ListMenu }) => (
                <ListMenu app={props.app} store={store} id={now.id} anchor={now.anchor} />
            ));
        case 'filter':
            return part(labelPickers, ({ FilterPicker }) => (
                <FilterPicker store={store} anchor={now.anchor} />
            ));
        case 'share':
            return part(share, ({ Share }) => (
                <Share app={props.app} store={store} home={props.home} />
            ));
        case 'archive':
            return part(panels, ({ Archive }) => <Archive store={store} />);
        case 'drafts':
            return part(panels, ({ Drafts }) => <Drafts store={store} />);
        case 'board':
            return part(panels, ({ BoardMenu }) => <BoardMenu app={props.app} store={store} />);
        case 'history':
            return part(history, ({ History }) => <History store={store} />);
        case 'help':
            return part(palette, ({ Help }) => <Help />);
        case 'palette':
            return part(palette, ({ Palette }) => <Palette {...props} />);
    }
}

/** editor.ts - the editor of descriptions: CodeMirror with Markdown in a shadow root, where its
 * styles are adopted sheets that a strict style-src lets through. What is typed leaves at once,
 * others' changes are put into the open text as they come; the caret and one's own undo stay
 * right. How both are merged is the replica's business, not CodeMirror's. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
    HighlightStyle,
    Language,
    defineLanguageFacet,
    languageDataProp,
    syntaxHighlighting,
} from '@codemirror/language';
import {
    type ChangeSet,
    type ChangeSpec,
    EditorState,
    type Range,
    StateEffect,
    StateField,
    Transaction,
} from '@codemirror/state';
import {
    Decoration,
    type DecorationSet,
    EditorView,
    keymap,
    placeholder,
    WidgetType,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { GFM, parser } from '@lezer/markdown';
import type { Delta, Part } from '../model/text';
import { EditedText, TEXT_UNITS_MAX } from './edited_text';

/** Where somebody else writes. */
export interface Caret {
    readonly name: string;
    readonly colour: string;
    readonly anchor: number;
    readonly head: number;
}

export interface Editor {
    focus(): void;
    /** Somebody else changed the text. */
    change(delta: Delta): void;
    /** The text without what was typed here. */
    before(): string;
    /** Others' carets, all of them; until the next ones they move along with the text. */
    carets?(list: readonly Caret[]): void;
    close(): void;
}

export interface EditorOptions {
    readonly text: string;
    readonly send: (delta: Delta) => void;
    readonly leave: () => void;
    /** One's own selection moved, otherwise than by others' changes. */
    readonly selected?: (anchor: number, head: number) => void;
}

const data = defineLanguageFacet({});
const language = new Language(
    data,
    parser.configure([GFM, { props: [languageDataProp.add({ Document: data })] }]),
    [],
    'markdown',
);

const look = EditorView.theme({
    '&': { color: 'inherit', backgroundColor: 'transparent', font: 'inherit' },
    '&.cm-focused': { outline: 'none' },
    '.cm-content': {
        fontFamily: 'var(--mono)',
        fontSize: '0.875rem',
        lineHeight: '1.55',
        padding: '10px 12px',
        minHeight: '9rem',
        caretColor: 'var(--text)',
    },
    '.cm-line': { padding: '0' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '.cm-scroller': { maxHeight: '55vh', overflow: 'auto' },
    '.cm-placeholder': { color: 'var(--quiet)' },
    '.cm-other': {
        position: 'relative',
        borderLeft: '2px solid var(--other)',
        marginLeft: '-1px',
        marginRight: '-1px',
    },
    '.cm-other::after': {
        content: 'attr(data-name)',
        position: 'absolute',
        left: '-2px',
        top: '-1.35em',
        padding: '0 4px',
        borderRadius: '4px 4px 4px 0',
        backgroundColor: 'var(--other)',
        color: '#fff',
        font: '600 10px/1.5 var(--sans)',
        whiteSpace: 'nowrap',
        pointerEvents: 'none',
        userSelect: 'none',
    },
    '.cm-line:first-child .cm-other::after': { top: '1.35em', borderRadius: '0 4px 4px 4px' },
    '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection': {
        backgroundColor: 'var(--select)',
    },
});

const colours = HighlightStyle.define([
    { tag: tags.heading, fontWeight: '700' },
    { tag: tags.strong, fontWeight: '700' },
    { tag: tags.emphasis, fontStyle: 'italic' },
    { tag: tags.strikethrough, textDecoration: 'line-through' },
    { tag: [tags.link, tags.url], color: 'var(--link)' },
    { tag: [tags.processingInstruction, tags.meta], color: 'var(--quiet)' },
    { tag: tags.quote, color: 'var(--quiet)' },
]);

function deltaOf(changes: ChangeSet): Delta {
    const parts: Part[] = [];
    let at = 0;
    changes.iterChanges((from, to, _fromB, _toB, inserted) => {
        if (from > at) parts.push(from - at);
        if (inserted.length > 0) parts.push(inserted.sliceString(0, undefined, '\n'));
        if (to > from) parts.push(from - to);
        at = to;
    });
    return parts;
}

/** One replacement a spot: text and caret around it stay. */
function changesOf(delta: Delta): ChangeSpec[] {
    const specs: { from: number; to: number; insert: string }[] = [];
    let at = 0;
    for (const [i, part] of delta.entries()) {
        if (typeof part === 'string') {
            specs.push({ from: at, to: at, insert: part });
        } else if (part > 0) {
            at += part;
        } else {
            const spot = typeof delta[i - 1] === 'string' ? specs.at(-1) : undefined;
            if (spot === undefined) specs.push({ from: at, to: at - part, insert: '' });
            else spot.to = at - part;
            at -= part;
        }
    }
    return specs;
}

/* -- others' carets */

class CaretWidget extends WidgetType {
    constructor(private readonly caret: Caret) {
        super();
    }

    override eq(other: CaretWidget): boolean {
        return other.caret.name === this.caret.name && other.caret.colour === this.caret.colour;
    }

    toDOM(): HTMLElement {
        const bar = document.createElement('span');
        bar.className = 'cm-other';
        bar.dataset.name = this.caret.name; // shown by the sheet: it is none of the text
        bar.setAttribute('aria-hidden', 'true');
        bar.style.setProperty('--other', this.caret.colour);
        return bar;
    }

    override ignoreEvent(): boolean {
        return true;
    }
}

const setCarets = StateEffect.define<readonly Caret[]>();

function drawn(list: readonly Caret[], length: number): DecorationSet {
    const marks: Range<Decoration>[] = [];
    for (const caret of list) {
        const anchor = Math.min(caret.anchor, length);
        const head = Math.min(caret.head, length);
        const style = `background-color: color-mix(in srgb, ${caret.colour} 28%, transparent)`;
        if (anchor !== head)
            marks.push(
                Decoration.mark({ attributes: { style } }).range(
                    Math.min(anchor, head),
                    Math.max(anchor, head),
                ),
            );
        marks.push(Decoration.widget({ widget: new CaretWidget(caret), side: 1 }).range(head));
    }
    return Decoration.set(marks, true);
}

const others = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update: (set, transaction) => {
        for (const effect of transaction.effects)
            if (effect.is(setCarets)) return drawn(effect.value, transaction.newDoc.length);
        return set.map(transaction.changes);
    },
    provide: (field) => EditorView.decorations.from(field),
});

const remote = [Transaction.addToHistory.of(false), Transaction.remote.of(true)];

/** One may not write beyond what the server takes; others may have. */
const bounded = EditorState.changeFilter.of(
    (transaction) =>
        transaction.annotation(Transaction.remote) === true ||
        transaction.newDoc.length <=
            Math.max(TEXT_UNITS_MAX, transaction.startState.doc.length),
);

export function openEditor(host: HTMLElement, options: EditorOptions): Editor {
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    const edited = new EditedText(options.text, options.send);
    const leave = () => (options.leave(), true);
    const view = new EditorView({
        root,
        parent: root,
        state: EditorState.create({
            doc: options.text,
            extensions: [
                language,
                syntaxHighlighting(colours),
                look,
                history(),
                bounded,
                others,
                EditorView.lineWrapping,
                placeholder('What is it about? Markdown works.'),
                EditorView.contentAttributes.of({
                    'aria-label': 'Description',
                    spellcheck: 'true',
                }),
                EditorState.lineSeparator.of('\n'),
                keymap.of([
                    { key: 'Mod-Enter', run: leave },
                    { key: 'Escape', run: leave },
                    ...defaultKeymap,
                    ...historyKeymap,
                ]),
                EditorView.updateListener.of((update) => {
                    const own = update.transactions.some(
                        (one) => one.docChanged && one.annotation(Transaction.remote) !== true,
                    );
                    if (own) edited.typed(update.state.doc.toString(), deltaOf(update.changes));
                    const { anchor, head } = update.state.selection.main;
                    if (own || (update.selectionSet && !update.docChanged))
                        options.selected?.(anchor, head);
                }),
            ],
        }),
    });
    return {
        focus: () => view.focus(),
        change: (delta) => {
            const changes = changesOf(edited.changed(delta, view.state.doc.toString()));
            view.dispatch({ changes, annotations: remote });
        },
        before: () => edited.before(),
        carets: (list) => view.dispatch({ effects: setCarets.of(list) }),
        close: () => view.destroy(),
    };
}

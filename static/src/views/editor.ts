/** editor.ts - the editor of descriptions: CodeMirror with Markdown in a shadow root, where its
 * styles are adopted sheets that a strict style-src lets through. Others' changes are merged into
 * the open text as they come, the caret and one's own undo stay right. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
    HighlightStyle,
    Language,
    defineLanguageFacet,
    languageDataProp,
    syntaxHighlighting,
} from '@codemirror/language';
import { ChangeSet, EditorState, Transaction } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { GFM, parser } from '@lezer/markdown';

export interface Editor {
    text(): string;
    focus(): void;
    /** Somebody else's text is this now. */
    follow(text: string): void;
    close(): void;
}

export interface EditorOptions {
    readonly text: string;
    /** One's own unsaved change of it. */
    readonly draft?: string;
    readonly changed: () => void;
    readonly save: () => void;
    readonly leave: () => void;
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

/** One replaced span: what is alike at the beginning and the end stays. */
export function difference(from: string, to: string): { from: number; to: number; insert: string } {
    let start = 0;
    const least = Math.min(from.length, to.length);
    while (start < least && from.charCodeAt(start) === to.charCodeAt(start)) start++;
    let end = 0;
    while (
        end < least - start &&
        from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)
    )
        end++;
    return { from: start, to: from.length - end, insert: to.slice(start, to.length - end) };
}

export function openEditor(host: HTMLElement, options: EditorOptions): Editor {
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
    let base = options.text;
    // From base to what stands in the editor.
    let mine = ChangeSet.of(
        options.draft === undefined ? [] : difference(base, options.draft),
        base.length,
    );
    let following = false;
    const view = new EditorView({
        root,
        parent: root,
        state: EditorState.create({
            doc: options.draft ?? options.text,
            extensions: [
                language,
                syntaxHighlighting(colours),
                look,
                history(),
                EditorView.lineWrapping,
                placeholder('What is it about? Markdown works.'),
                EditorView.contentAttributes.of({
                    'aria-label': 'Description',
                    spellcheck: 'true',
                }),
                EditorState.lineSeparator.of('\n'),
                keymap.of([
                    { key: 'Mod-Enter', run: () => (options.save(), true) },
                    { key: 'Escape', run: () => (options.leave(), true) },
                    ...defaultKeymap,
                    ...historyKeymap,
                ]),
                EditorView.updateListener.of((update) => {
                    if (!update.docChanged || following) return;
                    mine = mine.compose(update.changes);
                    options.changed();
                }),
            ],
        }),
    });
    return {
        text: () => view.state.doc.toString(),
        focus: () => view.focus(),
        follow: (text) => {
            if (text === base) return;
            const theirs = ChangeSet.of(difference(base, text), base.length);
            const changes = theirs.map(mine, true);
            mine = mine.map(theirs);
            base = text;
            following = true;
            view.dispatch({
                changes,
                annotations: [Transaction.addToHistory.of(false), Transaction.remote.of(true)],
            });
            following = false;
        },
        close: () => view.destroy(),
    };
}

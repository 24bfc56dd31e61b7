/** markdown.tsx - a description as people see it. marked cuts the text into tokens, we make nodes
 * of them: no HTML string exists at any time, so raw HTML is shown as the text it is, and nothing
 * in a description can run. Links lead to http, https and mailto only. */
import { marked, type Token, type Tokens } from 'marked';
import { Fragment, h, type JSX, type VNode } from 'preact';

type Nodes = (VNode | string | null)[];

const DEPTH_MAX = 24;

export function safeUrl(href: string): string | undefined {
    try {
        const url = new URL(href, location.origin);
        return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
    } catch {
        return undefined;
    }
}

const entities: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#39': "'",
};

/** marked escapes what it takes for text; nodes are text already. */
function plain(text: string): string {
    return text.replace(
        /&(amp|lt|gt|quot|#39);/g,
        (whole, name: string) => entities[name] ?? whole,
    );
}

const nobody: ReadonlySet<string> = new Set();
let mentioned = nobody; // of the text being drawn

function withMentions(text: string): VNode | string {
    if (mentioned.size === 0 || !text.includes('@')) return text;
    const parts = text.split(/(@[\w.-]+)/);
    const nodes = parts.map((part) => (mentioned.has(part.slice(1)) ? <b>{part}</b> : part));
    return h(Fragment, null, nodes);
}

function link(token: Tokens.Link | Tokens.Image, children: Nodes): VNode | string {
    const href = safeUrl(token.href);
    if (href === undefined) return h(Fragment, null, children);
    return (
        <a
            href={href}
            rel="noopener noreferrer nofollow"
            target="_blank"
            title={token.title ?? undefined}
        >
            {children}
        </a>
    );
}

function listOf(token: Tokens.List, depth: number): VNode {
    const items = token.items.map((item, index) => (
        <li key={index} class={item.task ? 'task' : undefined}>
            {item.task && (
                <input
                    type="checkbox"
                    checked={item.checked === true}
                    disabled
                    aria-label={item.checked === true ? 'done' : 'open'}
                />
            )}
            {nodesOf(item.tokens, depth + 1)}
        </li>
    ));
    return token.ordered ? (
        <ol start={token.start === '' ? 1 : token.start}>{items}</ol>
    ) : (
        <ul>{items}</ul>
    );
}

function tableOf(token: Tokens.Table, depth: number): VNode {
    return (
        <div class="table-box">
            <table>
                <thead>
                    <tr>
                        {token.header.map((cell, index) => (
                            <th key={index} scope="col">
                                {nodesOf(cell.tokens, depth + 1)}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {token.rows.map((row, at) => (
                        <tr key={at}>
                            {row.map((cell, index) => (
                                <td key={index}>{nodesOf(cell.tokens, depth + 1)}</td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

const HEADING_BELOW = 2; // the card's own name is h2

function nodeOf(token: Token, depth: number): VNode | string | null {
    const inner = (): Nodes => nodesOf('tokens' in token ? token.tokens : undefined, depth + 1);
    switch (token.type) {
        case 'space':
        case 'def':
            return null;
        case 'heading':
            return h(
                `h${Math.min(6, (token as Tokens.Heading).depth + HEADING_BELOW)}`,
                null,
                inner(),
            );
        case 'paragraph':
            return <p>{inner()}</p>;
        case 'text':
            return 'tokens' in token && token.tokens !== undefined
                ? h(Fragment, null, inner())
                : withMentions(plain(token.text as string));
        case 'strong':
            return <strong>{inner()}</strong>;
        case 'em':
            return <em>{inner()}</em>;
        case 'del':
            return <del>{inner()}</del>;
        case 'codespan':
            return <code>{plain(token.text as string)}</code>;
        case 'code':
            return (
                <pre tabIndex={0}>
                    <code>{token.text as string}</code>
                </pre>
            );
        case 'blockquote':
            return <blockquote>{inner()}</blockquote>;
        case 'br':
            return <br />;
        case 'hr':
            return <hr />;
        case 'escape':
            return token.text as string;
        case 'link':
            return link(token as Tokens.Link, inner());
        case 'image':
            return link(token as Tokens.Image, [
                `🖼 ${(token as Tokens.Image).text || (token as Tokens.Image).href}`,
            ]);
        case 'list':
            return listOf(token as Tokens.List, depth);
        case 'table':
            return tableOf(token as Tokens.Table, depth);
        default:
            return token.raw; // html among them: as it was written
    }
}

function nodesOf(tokens: readonly Token[] | undefined, depth: number): Nodes {
    if (depth > DEPTH_MAX) return (tokens ?? []).map((token) => token.raw);
    return (tokens ?? []).map((token) => nodeOf(token, depth));
}

/** names: of people who are told apart from text when they are mentioned, @name. */
export function Markdown({
    text,
    names = nobody,
}: {
    text: string;
    names?: ReadonlySet<string>;
}): JSX.Element {
    mentioned = names;
    return (
        <div class="markdown">{nodesOf(marked.lexer(text, { gfm: true, breaks: true }), 0)}</div>
    );
}

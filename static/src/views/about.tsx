/** about.tsx - what a board is about: its description, asked for when the board's menu opens. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { read, type Result } from '../api';
import { isObject, stringOf } from '../model/json';
import type { Store } from '../store';
import { Icon } from './icons';
import { Markdown } from './markdown';
import { toast } from './ui';

/** s: a seq at which the text was so. */
interface Version {
    readonly text: string;
    readonly s: number;
}

async function fetched({ env, id }: Store): Promise<Result<Version>> {
    const answer = await env.request('GET', `/1/boards/${id}?fields=desc,ixUpdate`);
    return read(answer, (body) =>
        isObject(body) ? { text: stringOf(body.desc), s: Number(body.ixUpdate) } : undefined,
    );
}

/** What others wrote since that version stays: the server merges the difference from it. */
async function written(store: Store, was: Version, text: string): Promise<Result<true>> {
    const { env, id } = store;
    const put = { op: 'text.put', kind: 'board', id, field: 'desc', text } as const;
    const body = JSON.stringify({ ops: [{ ...put, if: { desc: was.s } }] });
    const answer = await env.request('POST', `/v1/boards/${id}/ops`, body);
    const result = read(answer, () => true as const);
    const run = () => {
        void takeBack(store, text, was.text);
        return false as const;
    };
    const step = { label: 'Edit description', n: 0, ops: [put], inverse: [], expected: [], run };
    if (result.ok) store.did(step);
    return result;
}

function said(result: Result<unknown>): void {
    if (!result.ok)
        toast(result.trouble === 'offline' ? 'The server cannot be reached.' : result.text);
}

/** Unless somebody changed it since. */
async function takeBack(store: Store, from: string, to: string): Promise<void> {
    const now = await fetched(store);
    if (!now.ok) return said(now);
    const changed = now.value.text !== from;
    const result = changed ? undefined : await written(store, now.value, to);
    if (result === undefined) toast('Somebody changed the description since.');
    else if (result.ok) toast('The description of the board is as it was.');
    else said(result);
}

export function About({ store, edit }: { store: Store; edit: boolean }): JSX.Element | null {
    const now = useSignal<Version | undefined>(undefined);
    const writing = useSignal(false);
    const busy = useSignal(false);
    const area = useRef<HTMLTextAreaElement>(null);
    const fetch = () =>
        fetched(store).then((result) => {
            if (result.ok) now.value = result.value;
        });
    useEffect(() => void fetch(), []);
    const was = now.value;
    if (was === undefined || (was.text === '' && !edit)) return null;
    const save = async (event: SubmitEvent) => {
        event.preventDefault();
        const text = area.current?.value ?? '';
        if (busy.peek()) return;
        busy.value = true;
        const result = text === was.text ? undefined : await written(store, was, text);
        if (result?.ok === true) await fetch();
        busy.value = false;
        writing.value = result?.ok === false;
        if (result !== undefined) said(result);
    };
    return (
        <section class="description" aria-label="About this board">
            <div class="section-head">
                <h3>
                    <Icon name="text" /> About this board
                </h3>
                {edit && !writing.value && (
                    <button
                        onClick={() => {
                            writing.value = true;
                        }}
                    >
                        {was.text === '' ? 'Write' : 'Edit'}
                    </button>
                )}
            </div>
            {writing.value ? (
                <form class="stack" onSubmit={save}>
                    <textarea
                        ref={area}
                        rows={8}
                        maxLength={16384}
                        aria-label="What this board is about"
                        defaultValue={was.text}
                    />
                    <div class="row">
                        <button class="primary" disabled={busy.value}>
                            Save
                        </button>
                        <button
                            type="button"
                            onClick={() => {
                                writing.value = false;
                            }}
                        >
                            Cancel
                        </button>
                    </div>
                </form>
            ) : was.text === '' ? (
                <p class="quiet">Nothing yet.</p>
            ) : (
                <Markdown text={was.text} />
            )}
        </section>
    );
}

/** attach.ts - files on their way to a card, one after the other, with how far each is. They go on
 * when the card is closed; an upload is no op, so it waits for nobody and is not kept here. */
import { signal } from '@preact/signals';
import { failure } from './api';
import type { Answer } from './env';
import type { Id } from './model/id';

export interface Upload {
    readonly key: number;
    readonly card: Id;
    readonly name: string;
    readonly part: number; // of it that was sent, 0 to 1
}

/** Of all cards: the first is under way. */
export const uploads = signal<readonly Upload[]>([]);

interface Waiting {
    readonly key: number;
    readonly file: File;
    readonly failed: (text: string) => void;
}

let lastKey = 0;
const waiting: Waiting[] = [];
let running: XMLHttpRequest | undefined;

function change(key: number, part: number | undefined): void {
    uploads.value = uploads
        .peek()
        .flatMap((one) => (one.key !== key ? one : part === undefined ? [] : { ...one, part }));
}

/** fetch says nothing of how much was sent. */
function send(card: Id, file: File, sent: (part: number) => void): Promise<Answer> {
    const form = new FormData();
    form.append('file', file, file.name);
    const request = new XMLHttpRequest();
    running = request;
    return new Promise((resolve) => {
        request.open('POST', `/1/cards/${card}/attachments`);
        request.upload.onprogress = ({ loaded, total }) => sent(total > 0 ? loaded / total : 0);
        request.onloadend = () => resolve({ status: request.status, text: request.responseText });
        request.send(form);
    });
}

async function run(): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const { key, file, failed } = next;
        const upload = uploads.peek().find((one) => one.key === key);
        if (upload !== undefined) {
            const answer = await send(upload.card, file, (part) => change(key, part));
            const wanted = uploads.peek().some((one) => one.key === key);
            if (wanted && answer.status === 0) failed('the server does not answer, or wants less');
            else if (wanted && answer.status !== 200) failed(failure(answer).text);
        }
        change(key, undefined);
        waiting.shift();
    }
    running = undefined;
}

export function attach(card: Id, files: readonly File[], failed: (text: string) => void): void {
    const idle = waiting.length === 0;
    for (const file of files) {
        const key = ++lastKey;
        waiting.push({ key, file, failed: (text) => failed(`“${file.name}”: ${text}`) });
        uploads.value = [...uploads.peek(), { key, card, name: file.name, part: 0 }];
    }
    if (idle) void run();
}

export function cancel(key: number): void {
    change(key, undefined);
    if (waiting[0]?.key === key) running?.abort();
}

/** offline.ts - sees to it that the page opens without a network (worker/worker.ts), and offers a
 * newer version when one has come.
 *
 * Browsers have workers on https and on localhost only; elsewhere the banner says what that means.
 */
import { effect } from '@preact/signals';
import type { App } from './app';
import { isArray, isObject, type Json } from './model/json';
import { toast } from './views/ui';

const WORKER = '/sw.js';
const FOR_EVER_MS = 2 ** 31 - 1;

interface TrustedTypes {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): {
        createScriptURL(url: string): string;
    };
}

/** The one address that the content policy lets a script be made of. */
function workerAddress(): string {
    const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
    if (trustedTypes === undefined) return WORKER;
    const rules = {
        createScriptURL: (url: string) => {
            if (url !== WORKER) throw new TypeError(`no script of ours: ${url}`);
            return url;
        },
    };
    return trustedTypes.createPolicy('tavla-worker', rules).createScriptURL(WORKER);
}

function isOlder(files: Json | undefined): boolean {
    const own = document.querySelector<HTMLScriptElement>('script[type=module]')?.src;
    return own !== undefined && isArray(files) && !files.includes(new URL(own).pathname);
}

let offered = false;

function offer(): void {
    if (offered) return;
    offered = true;
    toast(
        'A newer Tavla is here.',
        { label: 'Reload the page', run: () => location.reload() },
        FOR_EVER_MS,
    );
}

export async function keepPage(app: App): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    navigator.serviceWorker.addEventListener('message', (event: MessageEvent<Json>) => {
        if (isObject(event.data) && isOlder(event.data.files)) offer();
    });
    try {
        const registration = await navigator.serviceWorker.register(workerAddress(), {
            updateViaCache: 'none',
        });
        // A server that was away may have come back as another version.
        let lost = false;
        effect(() => {
            const state = app.shown.value.store?.connection.value.state;
            if (state === 'live' && lost) void registration.update().catch(() => undefined);
            lost = state !== undefined && state !== 'live';
        });
    } catch (error) {
        app.env.report('this page does not open without the server', error);
    }
}

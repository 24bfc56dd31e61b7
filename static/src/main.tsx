/// <reference types="vite/client" />
/** main.tsx - starts the page. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app';
import { browserEnv, followPage } from './env_browser';
import { route, startRouter } from './router';
import { Page } from './views/page';
import { showTheme } from './views/ui';

const QUIET_MS = 2500; // what the person came for is there by then

async function start(): Promise<void> {
    const root = document.getElementById('app');
    if (root === null) return;
    showTheme();
    const app = new App(await browserEnv());
    startRouter();
    followPage(
        () => app.wake(),
        () => app.save(),
    );
    effect(() => {
        void app.follow(route.value);
    });
    render(<Page app={app} />, root);
    const keep = () =>
        import('./offline').then(
            ({ keepPage }) => keepPage(app),
            (error: unknown) => app.env.report('this page is not kept yet', error),
        );
    if (import.meta.env.PROD) setTimeout(() => void keep(), QUIET_MS);
}

void start();

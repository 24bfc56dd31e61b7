/** The build of the client: hashed files, no inline script, nothing that a strict CSP or Trusted
 * Types refuses. */
import { defineConfig } from 'vite';

export default defineConfig({
    base: '/',
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: {
        target: 'es2022',
        outDir: 'dist',
        emptyOutDir: true,
        modulePreload: { polyfill: false, resolveDependencies: () => [] },
        manifest: 'manifest.json',
        assetsInlineLimit: 0,
        cssMinify: true,
        reportCompressedSize: false,
    },
    server: {
        proxy: {
            '/v1': { target: process.env.TAVLA_SERVER ?? 'http://127.0.0.1:8080', ws: true },
            '/1': process.env.TAVLA_SERVER ?? 'http://127.0.0.1:8080',
            '/link': process.env.TAVLA_SERVER ?? 'http://127.0.0.1:8080',
        },
    },
});

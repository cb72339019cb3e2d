import type { Api } from '../api.js';

/**
 * What a page of ours may load and do: its own files, its own api, WebAssembly and workers of its own. Isolated from
 * other origins (COOP, COEP), which high-resolution timers and shared memory need.
 */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/**
 * Makes all routes of an encapsulated part of the app (`api.register(async (pages) => { servePages(pages); … })`)
 * pages: open to everyone, because they hold no data, under a policy that lets them run. Call it before adding them.
 */
export function servePages(pages: Api): void {
  pages.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'public' };
  });
  pages.addHook('onRequest', async (_request, reply) => {
    reply.headers(PAGE_HEADERS);
  });
}

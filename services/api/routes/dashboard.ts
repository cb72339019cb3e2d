import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { Api } from '../api.js';
import { servePages } from '../security/page-security.js';

/** The built page lies beside this file's folder when built, in dist/ when run from source. */
const PLACES = ['../../dashboard/', '../../../dist/services/dashboard/'];

/** The dashboard, and what makes a browser a device: one document, which loads the script of its address. */
const PAGES = ['/', '/device'];

const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The page at `/`. Its assets carry a hash of their content in their names and are kept for ever; compressed copies lie
 * beside them. Without a built page there is none: the api works without it.
 */
export async function dashboardRoutes(api: Api): Promise<void> {
  const root = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((folder) =>
    existsSync(`${folder}assets`),
  );
  if (root === undefined) return;
  await api.register(async (pages) => {
    servePages(pages);
    await pages.register(fastifyStatic, { root, serve: false, preCompressed: true, cacheControl: false });
    const hidden = { schema: { hide: true } };
    for (const path of PAGES) {
      pages.get(path, hidden, (_request, reply) =>
        reply.header('cache-control', 'no-cache').sendFile('index.html'),
      );
    }
    pages.get<{ Params: { '*': string } }>('/assets/*', hidden, (request, reply) =>
      reply.header('cache-control', FOR_EVER).sendFile(`assets/${request.params['*']}`),
    );
  });
}

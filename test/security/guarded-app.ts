import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { Scope } from '../../contracts/scope.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { type AppOptions, buildApp } from '../../services/api/app.js';
import type { RouteDemand } from '../../services/api/security/require-scopes.js';

export interface GuardedApp {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly directory: string;
  readonly tokens: TokenRepository;
  /** Every route, `/docs` and HEAD included. */
  readonly routes: readonly RouteDemand[];
  /** Text of a token of this scope. */
  token(scope: Scope): string;
  /** Sends an empty request, with `x` in the place of every path parameter. */
  call(route: RouteDemand, token: string | undefined): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** The real app over a database that has a token of each scope. */
export async function startGuardedApp(options: Partial<AppOptions> = {}): Promise<GuardedApp> {
  const directory = mkdtempSync(join(tmpdir(), 'lutra-guarded-'));
  const db = openDatabase(join(directory, 'lutra.db'));
  const tokens = new TokenRepository(db);
  const texts = new Map<Scope, string>();
  for (const scope of ['read', 'submit', 'device', 'admin'] as const) {
    texts.set(scope, tokens.create({ name: `${scope}er`, scope }).text);
  }
  const queue = new SqliteJobQueue(db);
  const app = await buildApp({ db, queue, blobs: new BlobStore(directory), ...options });
  await app.ready();
  return {
    app,
    db,
    directory,
    tokens,
    routes: app.routeScopes,
    token: (scope) => texts.get(scope) ?? '',
    call: ({ method, url }, token) =>
      app.inject({
        method: method as 'GET',
        url: url.replaceAll(/:\w+|\*/g, 'x'),
        ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
      }),
    close: async () => {
      await app.close();
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Problem } from '../../contracts/http/problem.js';
import type { Scope } from '../../contracts/scope.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { type AppOptions, buildApp } from '../../services/api/app.js';
import type { RouteDemand } from '../../services/api/security/require-scopes.js';

export interface Called {
  readonly status: number;
  readonly authenticate: string | null;
  /** Null where the answer is none, or has no body. */
  readonly problem: Problem | null;
}

export interface GuardedApp {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly directory: string;
  readonly tokens: TokenRepository;
  /** Every route, `/docs` and HEAD included. */
  readonly routes: readonly RouteDemand[];
  /** Text of a token of this scope. */
  token(scope: Scope): string;
  /** Sends an empty request, with `x` in the place of every path parameter; a body that never ends is not waited for. */
  call(route: RouteDemand, token: string | undefined): Promise<Called>;
  close(): Promise<void>;
}

const UNLIMITED = { requestsPerMinute: 1e6, refusalsPerMinute: 1e6 };

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
  const app = await buildApp({ db, queue, blobs: new BlobStore(directory), limits: UNLIMITED, ...options });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    db,
    directory,
    tokens,
    routes: app.routeScopes,
    token: (scope) => texts.get(scope) ?? '',
    call: async ({ method, url }, token) => {
      const answer = await fetch(`${address}${url.replaceAll(/:\w+|\*/g, 'x')}`, {
        method,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      const isProblem = answer.headers.get('content-type')?.includes('problem+json') === true;
      const problem: Problem | null =
        isProblem && method !== 'HEAD' ? ((await answer.json()) as Problem) : null;
      if (!isProblem) await answer.body?.cancel();
      return { status: answer.status, authenticate: answer.headers.get('www-authenticate'), problem };
    },
    close: async () => {
      await app.close();
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

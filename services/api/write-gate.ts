import { setTimeout as sleep } from 'node:timers/promises';
import { databaseBusy } from '../../db/database-error.js';
import type { Database } from '../../db/open-database.js';
import { isWritable } from '../../db/write.js';
import type { Api } from './api.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: the route answers without changing the database, whatever its method. */
    writes?: false;
  }
}

const WAIT_MS = 1_000;
const LOOK_EVERY_MS = 5;

/** Under way, by database. */
const looks = new WeakMap<Database, Promise<boolean>>();

/**
 * Waits until no other process holds the write lock. SQLite's own waiting stops the whole process; while a request
 * waits here, others are answered. All that wait share one look at the lock every 5 ms: a hundred that each looked
 * would keep readers waiting.
 * @throws LutraError `database-busy` after a second
 */
export async function untilWritable(db: Database): Promise<void> {
  if (!looks.has(db) && isWritable(db)) return;
  const until = performance.now() + WAIT_MS;
  while (!(await nextLook(db))) if (performance.now() >= until) throw databaseBusy();
}

function nextLook(db: Database): Promise<boolean> {
  const underWay = looks.get(db);
  if (underWay !== undefined) return underWay;
  const look = sleep(LOOK_EVERY_MS)
    .then(() => isWritable(db))
    .finally(() => looks.delete(db));
  looks.set(db, look);
  return look;
}

/** Lets requests that write begin only when they can; what has begun finds the lock free, or taken for a moment. */
export function gateWrites(api: Api, db: Database): void {
  api.addHook('preHandler', async ({ method, is404, routeOptions }) => {
    const reads = method === 'GET' || method === 'HEAD' || routeOptions.config.writes === false;
    if (!reads && !is404) await untilWritable(db);
  });
}

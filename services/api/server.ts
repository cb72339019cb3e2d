import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { LutraError } from '../../core/errors.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { openQueue } from '../../queue/open-queue.js';
import { keepQueueTold } from '../lease/keep-queue-told.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { isLoopback } from '../serve/is-loopback.js';
import { buildApp } from './app.js';
import type { ServerMessage } from './server-message.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: '.lutra' },
  },
});
const logger = pino({ name: 'api' }, pino.destination(2));

try {
  await main();
} catch (error) {
  const message = explain(error);
  logger.fatal({ err: error }, message);
  process.send?.({ type: 'failed', message } satisfies ServerMessage);
  process.exitCode = 1;
  process.disconnect?.();
}

async function main(): Promise<void> {
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new LutraError('invalid-request', `--port: expected 0 to 65535, got '${values.port}'`);
  }
  if (!isLoopback(values.host)) {
    throw new LutraError(
      'invalid-request',
      `--host ${values.host}: the api has no tokens yet and listens on loopback addresses only (127.0.0.1, ::1, localhost)`,
    );
  }
  const dataDirectory = resolve(values.data);
  const db = openDatabase(join(dataDirectory, 'lutra.db'));
  const opened = openQueue(db, process.env.REDIS_URL, (error) => logger.warn({ err: error }, 'Redis'));
  const stopped = new AbortController();
  const telling = keepQueueTold(db, opened, logger, stopped.signal);
  const app = await buildApp({
    db,
    queue: opened.queue,
    blobs: new BlobStore(dataDirectory),
    logger,
    version: packageVersion(),
  });
  const stop = async (): Promise<void> => {
    await app.close();
    stopped.abort();
    await telling;
    await opened.close();
    db.close();
    if (process.connected) process.disconnect();
  };
  const stopOnce = once(stop);
  exitWithParent(stopOnce);
  process.on('SIGTERM', stopOnce).on('SIGINT', stopOnce);
  const url = await app.listen({ port, host: values.host });
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  process.send?.({ type: 'listening', url, port: bound } satisfies ServerMessage);
}

/** Later calls do nothing: a second signal must not close what is closing. */
function once(work: () => Promise<void>): () => void {
  let begun = false;
  return () => {
    if (begun) return;
    begun = true;
    work().catch((error: unknown) => {
      logger.error({ err: error }, 'could not stop cleanly');
      process.exit(1);
    });
  };
}

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return `port ${values.port} of ${values.host} is in use: pass another --port`;
  if (code === 'EACCES') return `port ${values.port} may not be used by this user: pass another --port`;
  return error instanceof Error ? error.message : String(error);
}

function packageVersion(): string {
  for (const up of ['../../..', '../..']) {
    try {
      const manifest: unknown = JSON.parse(
        readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8'),
      );
      return String((manifest as { readonly version?: unknown }).version ?? '0.0.0');
    } catch {
      // Built files lie one folder deeper than sources: try the next.
    }
  }
  return '0.0.0';
}

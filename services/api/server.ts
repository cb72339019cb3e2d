import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { LutraError } from '../../core/errors.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { openQueue } from '../../queue/open-queue.js';
import { keepCollecting } from '../blobs/keep-collecting.js';
import { keepQueueTold } from '../lease/keep-queue-told.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { requireTokens } from '../serve/require-tokens.js';
import { buildApp } from './app.js';
import { selfSigned } from './self-signed.js';
import type { ServerMessage } from './server-message.js';

/** For requests that are under way when the api is told to stop. */
const LAST_ANSWERS_MS = 5_000;

/**
 * A write that found the lock taken after all waits this long, and everybody with it: `write-gate.ts` does the real
 * waiting.
 */
const WRITE_WAIT_MS = 100;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string', default: '.lutra' },
    /** Folders of data sets that callers with a token may name, besides `datasets` in the data folder. */
    datasets: { type: 'string', multiple: true, default: [] },
    /** Answers over TLS, with a certificate of its own. */
    https: { type: 'boolean', default: false },
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
  const dataDirectory = resolve(values.data);
  const db = openDatabase(join(dataDirectory, 'lutra.db'), WRITE_WAIT_MS);
  requireTokens(db, values.host, dataDirectory);
  const opened = await openQueue(db, process.env.REDIS_URL, (error) => logger.warn({ err: error }, 'Redis'));
  const stopped = new AbortController();
  const telling = keepQueueTold(db, opened.queue, logger, stopped.signal);
  const blobs = new BlobStore(dataDirectory);
  const app = await buildApp({
    db,
    queue: opened.queue,
    blobs,
    logger,
    version: packageVersion(),
    datasetFolders: [join(dataDirectory, 'datasets'), ...values.datasets.map((folder) => resolve(folder))],
    ...(values.https ? { certificate: await selfSigned(dataDirectory) } : {}),
  });
  const stop = async (): Promise<void> => {
    // What is being answered is answered; who takes longer than this is cut off.
    const late = setTimeout(() => app.server.closeAllConnections(), LAST_ANSWERS_MS);
    await app.close();
    clearTimeout(late);
    stopped.abort();
    await telling;
    await opened.close();
    db.close();
    if (process.connected) process.disconnect();
  };
  void keepCollecting(db, blobs, logger, stopped.signal);
  const stopOnce = once(stop);
  exitWithParent(stopOnce);
  process.on('SIGTERM', stopOnce).on('SIGINT', stopOnce);
  const plainUrl = await app.listen({ port, host: values.host });
  const url = values.https ? plainUrl.replace(/^http:/, 'https:') : plainUrl;
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

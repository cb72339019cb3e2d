import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { BlobStore } from '../../db/blob-store.js';
import { LatencyTableCache } from '../../db/load-latency-table.js';
import { openDatabase } from '../../db/open-database.js';
import { openQueue } from '../../queue/open-queue.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { orchestrate } from './orchestrate.js';

const SCAN_MS = 250;
const POLL_MS = 50;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.lutra' },
    /** After a kill its runs wait this long for another orchestrator. */
    'lease-ms': { type: 'string', default: '6000' },
  },
});
const dataDirectory = resolve(values.data);
const logger = pino({ name: 'netadapt' }, pino.destination(2));
const db = openDatabase(join(dataDirectory, 'lutra.db'));
const opened = await openQueue(db, process.env.REDIS_URL, (error) => logger.warn({ err: error }, 'Redis'));
const stop = new AbortController();
const windUp = (): void => stop.abort(new Error('the orchestrator was asked to stop'));
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

await orchestrate(
  {
    db,
    queue: opened.queue,
    blobs: new BlobStore(dataDirectory),
    tables: new LatencyTableCache(db),
    logger,
    pollMs: POLL_MS,
  },
  { owner: `${hostname()}/${process.pid}`, leaseMs: Number(values['lease-ms']), scanMs: SCAN_MS },
  stop.signal,
);
await opened.close();
db.close();
if (process.connected) process.disconnect();

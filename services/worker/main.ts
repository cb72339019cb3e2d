import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { DatasetSpec } from '../../contracts/job.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { openQueue } from '../../queue/open-queue.js';
import type { RuntimeChoice } from '../../runtimes/create-runtime.js';
import type { Capabilities } from '../lease/capabilities.js';
import { LocalLeaseSource } from '../lease/local-lease-source.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { CoreLock, coreLockDirectory } from './core-lock.js';
import { keepOffCore } from './keep-off-core.js';
import { describeDevice } from './measure/describe-device.js';
import { performMeasure } from './perform-measure.js';
import { performTrain } from './perform-train.js';
import { runWorker } from './run-worker.js';
import { TrainProcess } from './train/train-process.js';

const POLL_MS = 40;
const GRACE_MS = 3_000;

const { values } = parseArgs({
  options: {
    role: { type: 'string', default: 'measure' },
    data: { type: 'string', default: '.lutra' },
    /** The device that a measuring worker stands for; it must be registered. */
    device: { type: 'string', default: 'local' },
    /** Core to work on. Without it the system chooses, and nothing keeps training off a timed window. */
    cpu: { type: 'string' },
    /** A worker that dies is missed after this long. */
    'lease-ms': { type: 'string', default: '6000' },
  },
});

const cpu = values.cpu === undefined ? null : Number(values.cpu);
const leaseMs = Number(values['lease-ms']);
const dataDirectory = resolve(values.data);
const logger = pino({ name: `${values.role}${cpu === null ? '' : `-${cpu}`}` }, pino.destination(2));
const stop = new AbortController();
const windUp = () => stop.abort();
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

const db = openDatabase(join(dataDirectory, 'lutra.db'));
const opened = openQueue(db, process.env.REDIS_URL, (error) => logger.warn({ err: error }, 'Redis'));
if (values.role === 'train') await trainJobs(db);
else if (values.role === 'measure') await measureJobs(db);
else throw new Error(`--role ${values.role}: expected measure or train`);
await opened.close();
db.close();
if (process.connected) process.disconnect();

async function measureJobs(db: Database): Promise<void> {
  const devices = new DeviceRepository(db);
  const { runtime, options } = devices.get(values.device);
  const environment = await describeDevice({ runtime, ...options } as RuntimeChoice, cpu);
  devices.setEnvironment(values.device, environment);
  logger.info({ device: values.device, runtime, channelStep: environment.channelStep }, 'device described');
  const lock = cpu === null ? null : new CoreLock(coreLockDirectory(), cpu);
  if (cpu !== null) keepOffCore(cpu);
  await work(sourceFor(db, { device: values.device, hasDataset: null }), performMeasure(cpu, lock));
  lock?.close();
}

async function trainJobs(db: Database): Promise<void> {
  const child = new TrainProcess(cpu);
  const source = sourceFor(db, { device: null, hasDataset });
  await work(source, performTrain(source, child));
  child.close();
}

/** MNIST comes with the package. */
function hasDataset(dataset: DatasetSpec): boolean {
  return dataset.kind === 'mnist' || existsSync(dataset.directory);
}

function sourceFor(db: Database, capabilities: Capabilities): LocalLeaseSource {
  return new LocalLeaseSource({
    db,
    queue: opened.queue,
    blobs: new BlobStore(dataDirectory),
    worker: `${hostname()}/${values.role}/${process.pid}`,
    capabilities,
    leaseMs,
  });
}

function work(source: LocalLeaseSource, perform: Parameters<typeof runWorker>[0]['perform']): Promise<void> {
  return runWorker({
    source,
    perform,
    leaseMs,
    pollMs: POLL_MS,
    graceMs: GRACE_MS,
    logger,
    signal: stop.signal,
  });
}

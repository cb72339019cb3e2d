import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pino } from 'pino';
import type { DatasetSpec } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { trainingEngines } from '../../training/training-engines.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
import { USAGE_EXIT_CODE } from '../serve/usage-error.js';
import { CoreLock, coreLockDirectory } from './core-lock.js';
import { formatCores } from './format-cores.js';
import { holdCores } from './hold-cores.js';
import type { Home } from './home.js';
import { keepOffCores } from './keep-off-cores.js';
import { openLocalHome } from './local-home.js';
import { describeDevice } from './measure/describe-device.js';
import { performMeasure } from './perform-measure.js';
import { performTrain } from './perform-train.js';
import { openRemoteHome } from './remote-home.js';
import { runWorker } from './run-worker.js';
import { withSiblings } from './sibling-cores.js';
import { TrainProcess } from './train/train-process.js';
import { untilReached } from './until-reached.js';
import { readWorkerOptions } from './worker-options.js';

const GRACE_MS = 3_000;

/**
 * A worker: `--data DIR` works beside the database, `--server URL` over HTTP (token in `LUTRA_TOKEN`). One role each:
 * `measure` stands for a device, `train` fine-tunes.
 */
const options = await wellFormed(async () => readWorkerOptions(process.argv.slice(2)));
const { role, server, cores, leaseMs, registration } = options;
const device = registration.name;
const datasets = await wellFormed(offered);
const logger = pino(
  { name: `${role}${cores === null ? '' : `-${formatCores(cores)}`}` },
  pino.destination(2),
);
const stop = new AbortController();
const windUp = () => stop.abort();
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

try {
  const home = await openHome();
  if (role === 'train') await trainJobs(home);
  else await measureJobs(home);
  await home.close();
} catch (error) {
  end(error, 1);
}
if (process.connected) process.disconnect();

async function wellFormed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    end(error, USAGE_EXIT_CODE);
  }
}

/** At once: what is open would keep the process alive. What nobody foresaw is told with its trace. */
function end(error: unknown, exitCode: number): never {
  const trace = error instanceof Error ? error.stack : String(error);
  const words = error instanceof LutraError ? error.message : trace;
  process.stderr.write(`lutra worker: ${words}\n`);
  process.exit(exitCode);
}

async function openHome(): Promise<Home> {
  const worker = `${hostname()}/${role}/${process.pid}`;
  if (server === undefined) {
    return openLocalHome(options.dataDirectory, process.env.REDIS_URL, { device, worker, leaseMs }, logger);
  }
  const token = process.env.LUTRA_TOKEN;
  return openRemoteHome({ url: server, token, device, worker, leaseMs, registration, datasets }, stop.signal);
}

async function measureJobs(home: Home): Promise<void> {
  const choice = await untilReached(() => home.deviceChoice(), logger, stop.signal);
  if (choice === null) return;
  const locks = withSiblings(cores ?? []).map((core) => new CoreLock(coreLockDirectory(), core));
  // It times kernels: beside a measurement it would disturb that, and be disturbed.
  const describe = () => describeDevice(choice, cores, stop.signal);
  const alone = () => holdCores(locks, stop.signal, describe);
  const environment = await untilReached(alone, logger, stop.signal);
  if (environment === null) return;
  await untilReached(() => home.setEnvironment(environment), logger, stop.signal);
  logger.info({ device, runtime: choice.runtime, channelStep: environment.channelStep }, 'device described');
  if (cores !== null) keepOffCores(cores);
  const source = home.source({ device, hasDataset: null });
  await work(home, source, performMeasure(cores, locks));
  for (const lock of locks) lock.close();
}

async function trainJobs(home: Home): Promise<void> {
  const child = new TrainProcess(cores?.[0] ?? null);
  // Beside the database the api has seen the data; what is gone since is the job's failure, not an endless wait.
  const source = home.source({ device: null, hasDataset: () => true, engines: trainingEngines() });
  await work(home, source, performTrain(source, child, atHand));
  child.close();
}

/** What this machine has to train on for a server, by what it holds. MNIST comes with the package. */
async function offered(): Promise<readonly DatasetSpec[]> {
  if (role !== 'train' || server === undefined) return [];
  return Promise.all(
    options.datasets.map(async (name): Promise<DatasetSpec> => {
      if (name === 'mnist') return { kind: 'mnist' };
      const directory = resolve(name);
      return { kind: 'idx', directory, sha256: await datasetHash(directory) };
    }),
  );
}

/** Equal data may lie elsewhere here than on the machine that named it. */
function atHand(asked: DatasetSpec): DatasetSpec {
  if (asked.kind !== 'idx') return asked;
  const own = datasets.find((dataset) => dataset.kind === 'idx' && dataset.sha256 === asked.sha256);
  return own ?? asked;
}

function work(
  home: Home,
  source: ReturnType<Home['source']>,
  perform: Parameters<typeof runWorker>[0]['perform'],
): Promise<void> {
  return runWorker({
    source,
    perform,
    leaseMs,
    pollMs: home.pollMs,
    graceMs: GRACE_MS,
    logger,
    signal: stop.signal,
  });
}

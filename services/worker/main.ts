import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { DTypeName, RuntimeName } from '../../contracts/environment.js';
import type { DatasetSpec } from '../../contracts/job.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { trainingEngines } from '../../training/training-engines.js';
import { parseCoreList } from '../serve/allowed-cores.js';
import { exitWithParent } from '../serve/exit-with-parent.js';
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

const GRACE_MS = 3_000;

/**
 * A worker: `--data DIR` works beside the database, `--server URL` over HTTP (token in `LUTRA_TOKEN`). One role each:
 * `measure` stands for a device, `train` fine-tunes.
 */
const { values } = parseArgs({
  options: {
    role: { type: 'string', default: 'measure' },
    data: { type: 'string', default: '.lutra' },
    server: { type: 'string' },
    /** The device that a measuring worker stands for; beside the database it must be registered. */
    device: { type: 'string', default: 'local' },
    /** Cores to measure on, e.g. `2` or `0-3`, or the one to train on. Without it the system chooses, and nothing keeps training off a timed window. */
    cpu: { type: 'string' },
    /** A worker that dies is missed after this long. */
    'lease-ms': { type: 'string', default: '6000' },
    /** With `--server`: how the device is registered. */
    runtime: { type: 'string', default: 'onnxruntime' },
    threads: { type: 'string', default: '1' },
    dtype: { type: 'string', default: 'float32' },
    'runtime-options': { type: 'string' },
    label: { type: 'string', multiple: true },
    /** With `--server` and `--role train`: `mnist`, or a directory that this machine has. */
    dataset: { type: 'string', multiple: true, default: ['mnist'] },
  },
});

const cores = values.cpu === undefined ? null : parseCoreList(values.cpu);
if (cores?.length === 0) throw new Error(`--cpu ${values.cpu}: expected cores, e.g. 0 or 0-3`);
const leaseMs = Number(values['lease-ms']);
const datasets = values.role === 'train' && values.server !== undefined ? await offered() : [];
const logger = pino(
  { name: `${values.role}${cores === null ? '' : `-${formatCores(cores)}`}` },
  pino.destination(2),
);
const stop = new AbortController();
const windUp = () => stop.abort();
exitWithParent(windUp);
process.on('SIGTERM', windUp).on('SIGINT', windUp);

const home = await openHome();
if (values.role === 'train') await trainJobs(home);
else if (values.role === 'measure') await measureJobs(home);
else throw new Error(`--role ${values.role}: expected measure or train`);
await home.close();
if (process.connected) process.disconnect();

async function openHome(): Promise<Home> {
  const { device, server, label, dtype, runtime } = values;
  const worker = `${hostname()}/${values.role}/${process.pid}`;
  if (server === undefined) {
    return openLocalHome(resolve(values.data), process.env.REDIS_URL, { device, worker, leaseMs }, logger);
  }
  const runtimeOptions = values['runtime-options'];
  const registration = {
    name: device,
    runtime: runtime as RuntimeName,
    threads: Number(values.threads),
    dtype: dtype as DTypeName,
    ...(label === undefined ? {} : { labels: label }),
    ...(runtimeOptions === undefined
      ? {}
      : { runtimeOptions: JSON.parse(runtimeOptions) as Record<string, unknown> }),
  };
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
  logger.info(
    { device: values.device, runtime: choice.runtime, channelStep: environment.channelStep },
    'device described',
  );
  if (cores !== null) keepOffCores(cores);
  const source = home.source({ device: values.device, hasDataset: null });
  await work(source, performMeasure(cores, locks));
  for (const lock of locks) lock.close();
}

async function trainJobs(home: Home): Promise<void> {
  const child = new TrainProcess(cores?.[0] ?? null);
  // Beside the database the api has seen the data; what is gone since is the job's failure, not an endless wait.
  const source = home.source({ device: null, hasDataset: () => true, engines: trainingEngines() });
  await work(source, performTrain(source, child, atHand));
  child.close();
}

/** What this machine has to train on, by what it holds. MNIST comes with the package. */
function offered(): Promise<readonly DatasetSpec[]> {
  return Promise.all(
    values.dataset.map(async (name): Promise<DatasetSpec> => {
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

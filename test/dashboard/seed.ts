import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { JobView } from '../../contracts/http/job-view.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { blobsRequest, submitAdaptation, untilEnded } from '../integration/blobs-adaptation.js';
import { writeBlobsDataset } from '../integration/blobs-dataset.js';
import { RunningService } from '../integration/running-service.js';
import { Service } from './paired-device.js';

/** A network that `local` dies of. */
const DEADLY = { zoo: 'mobilenet-v1', options: { width: 0.25, resolution: 96 } };
const DEADLY_GRAPH = `network:${contentHash(buildZooNetwork(DEADLY.zoo, DEADLY.options))}`;
/** A device of little noise whose channels cost in blocks, as a processor's do. */
const LOCAL = {
  noise: 0.01,
  noiseSeed: 3,
  channelStep: 8,
  rules: [{ match: DEADLY_GRAPH, behaviour: 'out-of-memory' }],
};
/** The same device before its runtime got better: another environment. */
const EARLIER = { ...LOCAL, opFixedNs: 3_000, macsPerNs: 30 };
const BOARD = { noise: 0.015, noiseSeed: 5, channelStep: 8, opFixedNs: 9_000, macsPerNs: 9 };
const QUICK = { protocol: { minVisits: 3, maxVisits: 4 } };
/** Runs for as long as anyone looks at it. */
const LONG = { protocol: { minVisits: 500, maxVisits: 500, spreadMs: 600_000, budgetMs: 600_000 } };
const WORKER = fileURLToPath(new URL('../../dist/services/worker/main.js', import.meta.url));

const small = (width: number, resolution = 96) => ({
  zoo: 'mobilenet-v3-small',
  options: { width, resolution },
});

/** What the pages show: a service with devices, jobs of every end, tables, an adaptation, all from real runs. */
export interface Seeded {
  readonly service: Service;
  readonly url: string;
  /** Measured a network and its ops. */
  readonly measured: JobView;
  /** Of a network that an op made fail. */
  readonly failed: JobView;
  /** For a device that nobody serves. */
  readonly waiting: JobView;
  /** Goes on until it is cancelled; `board` does nothing else meanwhile. */
  readonly running: JobView;
  readonly training: JobView;
  readonly adaptation: AdaptationView;
  readonly cancelledAdaptation: AdaptationView;
  /** Hash of the environment that `local` was first measured in. */
  readonly earlierEnvironment: string;
  /** Another one like `running`. */
  startLongJob(): Promise<JobView>;
  /** kill -9; the service starts another. */
  killApi(): void;
  stop(): Promise<void>;
}

/**
 * Starts the service with the fake devices `local`, in two environments, and `board`, a worker elsewhere; measures,
 * trains and adapts over the API.
 */
export async function seedService(): Promise<Seeded> {
  const directory = mkdtempSync(join(tmpdir(), 'lutra-seed-'));
  const data = join(directory, 'data');
  const blobs = join(directory, 'blobs');
  writeBlobsDataset(blobs, { train: 800, test: 300 });
  const earlierEnvironment = await measureBefore(data);
  const serving = await RunningService.start(data, LOCAL);
  const { url } = serving;
  const service = new Service(url);
  const board = startBoard(url);
  const measure = async (device: string, candidate: object, fields: object = {}) => {
    const { id } = await service.measure(device, candidate, { ...QUICK, ...fields });
    return service.untilFinished(id);
  };
  await untilThere(service, ['local', 'board']);
  const adaptationId = await submitAdaptation(url, budgetOfTwoDevices(blobs));
  await measure('local', { zoo: 'mobilenet-v2', options: { width: 0.5, resolution: 96 } });
  for (const width of [0.5, 0.75, 1, 1.25]) {
    await Promise.all([measure('local', small(width)), measure('board', small(width))]);
  }
  await Promise.all([
    measure('local', small(1, 160)),
    measureStairs(service, 'local'),
    measureStairs(service, 'board'),
  ]);
  const held = [0.6, 0.85].map((width) => measure('local', small(width), { purpose: 'held-out' }));
  const jobs = (await Promise.all(held)).map(({ id }) => id);
  await service.call('POST', '/fidelity-reports', { device: 'local', family: 'mobilenet-v3-small', jobs });
  const measured = await measure('local', small(0.85), { remeasure: true });
  const failed = await measure('local', DEADLY);
  await service.call('POST', '/devices', { name: 'phone', runtime: 'onnxruntime-web' });
  const waiting = await service.measure('phone', small(1), { priority: 5 });
  const adaptation = await untilEnded(url, adaptationId);
  const cancelledAdaptation = await cancelOne(service, blobs);
  const startLongJob = () => service.measure('board', small(1), { ...LONG, remeasure: true });
  const { jobs: trained } = await service.call<{ jobs: JobView[] }>('GET', '/jobs?kind=train&limit=1');
  return {
    service,
    url,
    measured,
    failed,
    waiting: await service.job(waiting.id),
    training: trained[0]!,
    adaptation,
    cancelledAdaptation,
    earlierEnvironment,
    running: await startLongJob(),
    startLongJob,
    killApi: () => serving.killPart('api', 0),
    stop: async () => {
      await stopChild(board);
      await serving.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The first sessions of `local`, in an environment that it has not any more. */
async function measureBefore(data: string): Promise<string> {
  const serving = await RunningService.start(data, EARLIER);
  const service = new Service(serving.url);
  for (const width of [0.5, 1]) {
    await service.untilFinished((await service.measure('local', small(width), QUICK)).id);
  }
  const { environmentHash } = await service.call<DeviceView>('GET', '/devices/local');
  await measureStairs(service, 'local');
  await serving.stop();
  return environmentHash!;
}

/** One op at many widths: what a staircase and a heat map are made of. */
async function measureStairs(service: Service, device: string): Promise<void> {
  // Two widths are left to be told by their neighbours.
  const outputs = Array.from({ length: 16 }, (_, i) => 8 * (i + 1)).filter(
    (width) => width !== 72 && width !== 104,
  );
  const ops = [16, 24, 40, 64, 96].flatMap((input) =>
    outputs.map((output) => `conv2d:24x24x${input}>${output}:k1x1:s1x1:relu:f32`),
  );
  const { job } = await service.call<{ job: JobView }>('POST', '/measure', { device, ops, ...QUICK });
  await service.untilFinished(job.id);
}

function startBoard(url: string): ChildProcess {
  const options = ['--runtime', 'fake', '--runtime-options', JSON.stringify(BOARD)];
  return fork(WORKER, ['--server', url, '--device', 'board', ...options], { silent: true });
}

function budgetOfTwoDevices(blobs: string) {
  const request = blobsRequest(blobs);
  return {
    ...request,
    candidate: { zoo: 'mobilenet-v3-tiny', options: { classes: 4, width: 2 } },
    macsBaseline: false,
    budget: { ratio: 0.8, devices: { board: { ratio: 0.86 } }, params: { ratio: 0.9 } },
  };
}

async function untilThere(service: Service, names: readonly string[]): Promise<void> {
  for (const name of names) {
    while (
      !(await service.raw('GET', `/devices/${name}`)).ok ||
      (await service.call<DeviceView>('GET', `/devices/${name}`)).environment === null
    ) {
      await sleep(100);
    }
  }
}

async function cancelOne(service: Service, blobs: string): Promise<AdaptationView> {
  const id = await submitAdaptation(service.url, { ...blobsRequest(blobs), randomSeed: 8 });
  await service.call('POST', `/adaptations/${id}/cancel`);
  return untilEnded(service.url, id);
}

async function stopChild(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

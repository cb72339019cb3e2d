import { setTimeout as delay } from 'node:timers/promises';
import type { Environment } from '../../contracts/environment.js';
import type { TrainPayload, TrainResult } from '../../contracts/job.js';
import type { MeasurementPlan, SessionReport, SubjectFailure } from '../../contracts/measurement.js';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { decodeWeights, encodeWeights } from '../../training/weights/weights-codec.js';
import { ENVIRONMENT, sessionReport } from '../db/session-report.js';
import { SimulatedDevice } from './simulated-device.js';
import { evaluationOf } from './simulated-run.js';

export interface SimulatedWorkerOptions {
  readonly dataDirectory: string;
  /** Its evaluations measure what a network has lost of this. */
  readonly seed: Network;
  readonly signal: AbortSignal;
  /** What it measures on; `local` by default, and only its worker trains too. */
  readonly device?: { readonly name: string; readonly simulated: SimulatedDevice };
  /** Ops that the device fails to measure. */
  readonly failingOps?: ReadonlySet<string>;
  /** Whether it runs pinned when it measures these: another environment when not. */
  readonly pinned?: (networks: readonly Network[]) => boolean;
  /** Networks that its reports say nothing of. */
  readonly forgottenNetworks?: (network: Network) => boolean;
  /** Asked before every training; a message makes it fail. */
  readonly trainingFailure?: (payload: TrainPayload) => string | null;
  /** Told of every job before it is done. */
  readonly onJob?: (kind: 'measure' | 'train', jobId: string) => Promise<void> | void;
}

const LEASE_MS = 5_000;
const IDLE_MS = 5;

/** Devices of equal environments would share a table. */
function environmentOf(device: string): Environment {
  return device === 'local' ? ENVIRONMENT : { ...ENVIRONMENT, cpuModel: `CPU of ${device}` };
}

/** A database with described devices. */
export function openWithDevice(dataDirectory: string, names: readonly string[] = ['local']): Database {
  const db = openDatabase(`${dataDirectory}/lutra.db`);
  const devices = new DeviceRepository(db);
  for (const name of names) {
    devices.register({ name, runtime: 'fake', options: { threads: 1 } });
    devices.setEnvironment(name, environmentOf(name));
  }
  return db;
}

/**
 * Does all jobs over the real lease contract: measuring by the simulated device's formula, training without changing
 * the weights. Checks that the weights it is given fit the network.
 */
export async function simulateWorker(db: Database, options: SimulatedWorkerOptions): Promise<void> {
  const blobs = new BlobStore(options.dataDirectory);
  const source = new LocalLeaseSource({
    db,
    queue: new SqliteJobQueue(db),
    blobs,
    worker: 'simulated',
    capabilities:
      options.device === undefined
        ? { device: 'local', hasDataset: () => true }
        : { device: options.device.name, hasDataset: null },
    leaseMs: LEASE_MS,
  });
  while (!options.signal.aborted) {
    const work = await source.claim();
    if (work === null) {
      await delay(IDLE_MS);
      continue;
    }
    await options.onJob?.(work.kind, work.lease.jobId);
    if (work.kind === 'measure') {
      await source.complete(work.lease, { kind: 'measure', report: reportOf(work.plan, options) });
      continue;
    }
    const message = options.trainingFailure?.(work.payload) ?? null;
    if (message !== null) {
      await source.fail(work.lease, { outcome: 'training-failed', message, retry: false });
    } else {
      const result = await train(blobs, work.payload, options.seed);
      await source.complete(work.lease, { kind: 'train', result });
    }
  }
}

function reportOf(
  plan: MeasurementPlan,
  { device, failingOps, forgottenNetworks = () => false, pinned = () => true }: SimulatedWorkerOptions,
): SessionReport {
  const simulated = device?.simulated ?? new SimulatedDevice();
  const networks = plan.subjects.flatMap((subject) =>
    subject.kind === 'network' ? [subject.network as Network] : [],
  );
  const keys = plan.subjects.flatMap((subject) => (subject.kind === 'op' ? [subject.key] : []));
  const failures = keys
    .filter((key) => failingOps?.has(key))
    .map(
      (key): SubjectFailure => ({ subjectId: `op:${key}`, kind: 'unsupported-op', message: 'no such op' }),
    );
  return sessionReport({
    environment: { ...environmentOf(device?.name ?? 'local'), pinned: pinned(networks) },
    networks: networks
      .filter((network) => !forgottenNetworks(network))
      .map((network) => ({
        network,
        latencyNs: Math.round(1e6 * simulated.measure(network).latencyMs),
      })),
    ops: Object.fromEntries(keys.map((key) => [key, Math.round(simulated.opNs(key))])),
    failures,
  });
}

async function train(blobs: BlobStore, payload: TrainPayload, seed: Network): Promise<TrainResult> {
  const network = payload.network as Network;
  const weights =
    payload.weights === null
      ? initializeWeights(network, seededRng(payload.seed))
      : decodeWeights(await blobs.get(payload.weights));
  checkWeights(network, weights);
  const holdout = evaluationOf(seed, network);
  return {
    kind: 'train',
    weights: await blobs.put(encodeWeights(weights)),
    importance: payload.importance ? await blobs.put(encodeWeights(evenImportance(network))) : null,
    finalLossNats: 0.1,
    holdout,
    test: payload.evaluateOn.includes('test') ? holdout : null,
    steps: payload.recipe.steps,
    durationMs: 1,
  };
}

/** Every filter as important as any other. */
function evenImportance(network: Network): Weights {
  return new Map(
    network.nodes.flatMap((node) => {
      if (node.op !== 'conv2d' && node.op !== 'dense') return [];
      const filters = node.op === 'conv2d' ? node.filters : node.units;
      const data = new Float32Array(filters).fill(1);
      return [[`${node.id}/importance`, { shape: [filters], data }] as const];
    }),
  );
}

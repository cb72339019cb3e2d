import type { MeasurePayload, TrainPayload } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL, type MeasurementPlan, type SessionReport } from '../../contracts/measurement.js';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository, type NewJob } from '../../db/repositories/jobs.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import type { Capabilities } from '../../services/lease/capabilities.js';
import type { LeasedWork } from '../../services/lease/lease-source.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { constantProbe, QUIET, sessionReport } from '../db/session-report.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

export const LEASE_MS = 1_000;

/** A database, its queue and a clock that only the test moves; device `local` is registered. */
export function leaseWorld() {
  const directory = temporaryDirectory();
  const db = openDatabase(`${directory}/lutra.db`);
  const clock = { nowMs: 1_750_000_000_000 };
  const now = () => clock.nowMs;
  const queue = new SqliteJobQueue(db, now);
  const blobs = new BlobStore(directory);
  const devices = new DeviceRepository(db, now);
  devices.register({ name: 'local', runtime: 'fake', options: { threads: 1, runtimeOptions: { noise: 0 } } });
  const source = (
    worker: string,
    capabilities: Capabilities = { device: 'local', hasDataset: () => true },
    asked: JobQueue = queue,
  ) => new LocalLeaseSource({ db, queue: asked, blobs, worker, capabilities, leaseMs: LEASE_MS, now });
  return {
    db,
    queue,
    blobs,
    clock,
    devices,
    source,
    jobs: new JobRepository(db, now),
    tables: new LatencyTableRepository(db),
    submit: (job: NewJob) => submitJob(db, queue, job),
  };
}

export type LeaseWorld = ReturnType<typeof leaseWorld>;

export function measureJob(more: Partial<MeasurePayload>, priority = 0): NewJob {
  const payload: MeasurePayload = {
    kind: 'measure',
    device: 'local',
    networks: [],
    ops: [],
    protocol: DEFAULT_PROTOCOL,
    remeasure: false,
    ...more,
  };
  return { kind: 'measure', queue: `device.${payload.device}`, priority, payload };
}

export function trainJob(): NewJob & { readonly payload: TrainPayload } {
  return {
    kind: 'train',
    queue: 'train',
    priority: 0,
    payload: {
      kind: 'train',
      trainer: 'onnxruntime',
      network: { name: 'n', nodes: [] },
      weights: null,
      dataset: { kind: 'mnist' },
      recipe: {
        steps: 1,
        batchSize: 64,
        learningRate: 0.03,
        schedule: 'cosine',
        warmupSteps: 0,
        momentum: 0.9,
        weightDecay: 1e-4,
        batchNormMomentum: 0.97,
        averageStatisticsSteps: 0,
        distillation: 0,
      },
      seed: 1,
      teacher: null,
      evaluateOn: ['holdout'],
    },
  };
}

/** The work, which the test knows to be there, of one kind. */
export function expectWork<K extends LeasedWork['kind']>(work: LeasedWork | null, kind: K) {
  if (work?.kind !== kind) throw new Error(`expected ${kind} work, got ${work?.kind ?? 'none'}`);
  return work as Extract<LeasedWork, { kind: K }>;
}

/** Carries out a plan: everything takes 4 µs, the anchor 300. */
export function carryOut(plan: MeasurementPlan, changes: Partial<SessionReport> = {}): SessionReport {
  const graphOf = (id: string) => `graph of ${id}`;
  return {
    ...sessionReport({ anchorNs: null }),
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: { ...QUIET },
    subjects: plan.subjects,
    probes: plan.subjects.map(({ id, kind }) => constantProbe(graphOf(id), kind === 'op' ? 4_000 : 300_000)),
    terms: plan.subjects.map(({ id }) => ({
      subjectId: id,
      terms: [{ graphId: graphOf(id), coefficient: 1 }],
    })),
    failures: [],
    ...changes,
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { MeasurementPlan, SubjectFailure } from '../../contracts/measurement.js';
import type { Network } from '../../core/network/network.js';
import { BlobStore } from '../../db/blob-store.js';
import type { Database } from '../../db/open-database.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { sessionReport } from '../db/session-report.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { SimulatedDevice } from '../netadapt/simulated-device.js';

/** What becomes of one session, besides figures by the simulated device's formula. */
export interface SessionFate {
  readonly observations?: Readonly<Record<string, unknown>>;
  readonly anchorNs?: number;
  readonly failures?: readonly SubjectFailure[];
}

const IDLE_MS = 5;

/**
 * Does the measure jobs of device `local` over the real lease contract until the signal ends it.
 * @param fateOf asked before every session, which are counted from 0
 */
export async function workMeasureJobs(
  db: Database,
  signal: AbortSignal,
  fateOf: (session: number, plan: MeasurementPlan) => SessionFate | Promise<SessionFate>,
): Promise<void> {
  const source = new LocalLeaseSource({
    db,
    queue: new SqliteJobQueue(db),
    blobs: new BlobStore(temporaryDirectory()),
    worker: 'simulated',
    capabilities: { device: 'local', hasDataset: null },
    leaseMs: 60_000,
  });
  const device = new SimulatedDevice();
  let sessions = 0;
  while (!signal.aborted) {
    const work = await source.claim();
    if (work === null) await delay(IDLE_MS);
    if (work?.kind !== 'measure') continue;
    const { subjects } = work.plan;
    const networks = subjects.flatMap((subject) =>
      subject.kind === 'network' ? [subject.network as Network] : [],
    );
    const keys = subjects.flatMap((subject) => (subject.kind === 'op' ? [subject.key] : []));
    const report = sessionReport({
      networks: networks.map((network) => ({
        network,
        latencyNs: Math.round(1e6 * device.measure(network).latencyMs),
      })),
      ops: Object.fromEntries(keys.map((key) => [key, Math.round(device.opNs(key))])),
      ...(await fateOf(sessions++, work.plan)),
    });
    await source.complete(work.lease, { kind: 'measure', report });
  }
}

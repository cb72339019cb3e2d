import type { FidelityReport } from '../../core/latency/fidelity-report.js';
import type { TimingTarget } from '../../core/latency/timing-target.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';

export interface StoredFidelityReport extends FidelityReport {
  readonly id: number;
  readonly device: string;
  readonly target: TimingTarget;
  readonly family: string;
  readonly reportedAtMs: number;
}

export type NewFidelityReport = Omit<StoredFidelityReport, 'id' | 'reportedAtMs'> & {
  readonly environmentId: number;
};

interface Stored {
  id: number;
  device: string;
  target: TimingTarget;
  reportedAtMs: number;
  report: string;
}

/** How tables met held-out networks. Append-only. */
export class FidelityReportRepository {
  private readonly last;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.last = db.prepare<[number, TimingTarget], Stored>(
      `SELECT fidelity_report.id, device.name AS device, target, reported_at_ms AS reportedAtMs, report
       FROM fidelity_report JOIN device ON device.id = fidelity_report.device_id
       WHERE fidelity_report.environment_id = ? AND target = ? ORDER BY fidelity_report.id DESC LIMIT 1`,
    );
  }

  add({ device, environmentId, target, ...report }: NewFidelityReport): StoredFidelityReport {
    write(this.db, () =>
      this.db
        .prepare(
          `INSERT INTO fidelity_report (device_id, environment_id, target, reported_at_ms, report)
           VALUES ((SELECT id FROM device WHERE name = ?), ?, ?, ?, ?)`,
        )
        .run(device, environmentId, target, this.now(), JSON.stringify(report)),
    );
    return this.latest(environmentId, target)!;
  }

  /** The last report of an environment. */
  latest(environmentId: number, target: TimingTarget): StoredFidelityReport | undefined {
    const stored = this.last.get(environmentId, target);
    if (stored === undefined) return undefined;
    const { report, ...row } = stored;
    return { ...row, ...(JSON.parse(report) as FidelityReport & { family: string }) };
  }

  /** Latencies of held-out networks that jobs measured, at the level of the anchor baseline, in order of time. */
  heldOutLatencies(
    environmentId: number,
    target: TimingTarget,
    jobs: readonly string[],
  ): ReadonlyMap<string, readonly number[]> {
    const latencies = new Map<string, number[]>();
    const rows = this.db
      .prepare<[number, TimingTarget, string], { networkHash: string; latencyNs: number }>(
        `SELECT network_hash AS networkHash, latency_ns AS latencyNs FROM counted_measurement
         WHERE environment_id = ? AND subject_kind = 'network' AND purpose = 'held-out' AND target = ?
           AND job_id IN (SELECT value FROM json_each(?)) ORDER BY measurement_id`,
      )
      .all(environmentId, target, JSON.stringify(jobs));
    for (const { networkHash, latencyNs } of rows) {
      latencies.set(networkHash, [...(latencies.get(networkHash) ?? []), latencyNs]);
    }
    return latencies;
  }
}

import type { MemoryCurve } from '../../core/latency/memory-curve.js';
import type { Database } from '../open-database.js';

/** What sessions found out about the hosts of environments. */
export class HostProbeRepository {
  private readonly latest;

  constructor(db: Database) {
    this.latest = db
      .prepare<[number, string], string>(
        'SELECT data FROM host_probe WHERE environment_id = ? AND kind = ? ORDER BY id DESC LIMIT 9',
      )
      .pluck();
  }

  /** What memory costs there, by as many as nine sessions, the latest first. */
  memoryCurves(environmentId: number): readonly MemoryCurve[] {
    return this.latest.all(environmentId, 'memory-curve').map((data) => JSON.parse(data) as MemoryCurve);
  }
}

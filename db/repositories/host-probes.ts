import type { MemoryCurve } from '../../core/latency/memory-curve.js';
import type { Database } from '../open-database.js';

/** What sessions found out about the hosts of environments. */
export class HostProbeRepository {
  private readonly curves;
  private readonly known;

  constructor(db: Database) {
    this.curves = db
      .prepare<[number], string>(
        `SELECT data FROM host_probe WHERE environment_id = ? AND kind = 'memory-curve' ORDER BY id`,
      )
      .pluck();
    this.known = db.prepare<[number], { readonly count: number; readonly latestAtMs: number | null }>(
      `SELECT count(*) AS count, max(session.ended_at_ms) AS latestAtMs
       FROM host_probe JOIN session ON session.id = host_probe.session_id
       WHERE host_probe.environment_id = ? AND kind = 'memory-curve'`,
    );
  }

  /** What memory costs there, one reading a session, the earliest first. */
  memoryCurves(environmentId: number): readonly MemoryCurve[] {
    return this.curves.all(environmentId).map((data) => JSON.parse(data) as MemoryCurve);
  }

  /** How often it was read there, and when the last session that did so ended. */
  readingsOfMemory(environmentId: number): { readonly count: number; readonly latestAtMs: number | null } {
    return this.known.get(environmentId)!;
  }
}

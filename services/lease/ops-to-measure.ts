import type { MeasurePayload } from '../../contracts/job.js';
import type { Database } from '../../db/open-database.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';

/**
 * Ops of a measure job that the device's table lacks *now*, each once; all of them when the job asks to measure anew.
 * @param environmentId of the device; null: it was never described
 */
export function opsToMeasure(
  db: Database,
  { ops, remeasure }: MeasurePayload,
  environmentId: number | null,
): readonly string[] {
  if (remeasure || environmentId === null) return [...new Set(ops)];
  return new LatencyTableRepository(db).missing(environmentId, ops);
}

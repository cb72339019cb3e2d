import type { MeasurementPlan } from '../../contracts/measurement.js';
import type { Database } from '../../db/open-database.js';
import type { DeviceRow } from '../../db/repositories/devices.js';
import { HostProbeRepository } from '../../db/repositories/host-probes.js';

/**
 * What memory costs on a host moves with its neighbours, by a third within minutes; the middle of all readings counts. The
 * first sessions each read it, as a table is asked from the start; then one session in a while, as long as a table's ops are
 * usually being measured.
 */
const CURVES = { atOnce: 3, most: 15, apartMs: 20_000 } as const;

/** What the next session is to find out about the host. The fake device has none. */
export function hostProbesDue(
  db: Database,
  { runtime, environmentId }: Pick<DeviceRow, 'runtime' | 'environmentId'>,
  nowMs: number,
): NonNullable<MeasurementPlan['hostProbes']> {
  if (runtime === 'fake') return [];
  const { count, latestAtMs } =
    environmentId === null
      ? { count: 0, latestAtMs: null }
      : new HostProbeRepository(db).readingsOfMemory(environmentId);
  const isDue = count < CURVES.atOnce || (count < CURVES.most && nowMs - (latestAtMs ?? 0) >= CURVES.apartMs);
  return isDue ? ['memory-curve'] : [];
}

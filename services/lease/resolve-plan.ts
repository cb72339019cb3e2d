import type { MeasurePayload } from '../../contracts/job.js';
import type { MeasurementPlan } from '../../contracts/measurement.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { HostProbeRepository } from '../../db/repositories/host-probes.js';
import { askedSubjects } from './asked-subjects.js';
import { opsToMeasure } from './ops-to-measure.js';

/**
 * What a measure job comes down to *now*: the anchor, its networks, and the ops that the device's table lacks (all of
 * its ops when it asks to measure anew).
 * @param device where the job is measured
 * @param seed fixes the random order of visits
 * @returns null when the table has every op and no network was asked for
 * @throws LutraError `unknown-device`
 */
export function resolvePlan(
  db: Database,
  payload: MeasurePayload,
  device: string,
  seed: number,
): MeasurementPlan | null {
  const { runtime, options, environmentId, environment } = new DeviceRepository(db).get(device);
  const ops = opsToMeasure(db, payload, environmentId);
  if (ops.length === 0 && payload.networks.length === 0) return null;
  return {
    runtime,
    threads: options.threads,
    dtype: options.dtype,
    seed,
    subjects: [...askedSubjects(payload, ops)],
    protocol: payload.protocol,
    ...(environment === null ? {} : { channelStep: environment.channelStep }),
    ...(knowsHost(db, runtime, environmentId) ? {} : { hostProbes: ['memory-curve' as const] }),
    ...(options.runtimeOptions === undefined ? {} : { runtimeOptions: { ...options.runtimeOptions } }),
  };
}

/** A host's curve moves a little with its neighbours: the middle of three sessions' counts. */
const CURVES = 3;

/** The fake device has no host. */
function knowsHost(db: Database, runtime: string, environmentId: number | null): boolean {
  if (runtime === 'fake') return true;
  return environmentId !== null && new HostProbeRepository(db).memoryCurves(environmentId).length >= CURVES;
}

import type { MeasurePayload } from '../../contracts/job.js';
import type { MeasurementPlan } from '../../contracts/measurement.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { askedSubjects } from './asked-subjects.js';
import { hostProbesDue } from './host-probes-due.js';
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
  const hostProbes = hostProbesDue(db, { runtime, environmentId }, Date.now());
  return {
    runtime,
    threads: options.threads,
    dtype: options.dtype,
    seed,
    subjects: [...askedSubjects(payload, ops)],
    protocol: payload.protocol,
    ...(environment === null ? {} : { channelStep: environment.channelStep }),
    ...(hostProbes.length === 0 ? {} : { hostProbes }),
    ...(options.runtimeOptions === undefined ? {} : { runtimeOptions: { ...options.runtimeOptions } }),
  };
}

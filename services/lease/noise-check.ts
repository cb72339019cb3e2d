import type { MeasurePayload } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { noiseNetworks } from '../../core/measurement/noise-networks.js';
import type { Database } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { submitJobs } from './submit-job.js';

/** Everything that anyone asked for comes first. */
const PRIORITY = -100;
/** Nobody waits for anything, and nothing ended this lately: the next step of a run may be on its way. */
const IDLE_MS = 60_000;

/**
 * Asks for an A/A measurement of a device: the same networks in two sessions, each a job with processes of its own. The
 * second session that is stored yields the noise floor.
 * @param submittedBy absent: nobody asked, the service does by itself
 * @throws LutraError `unknown-device`
 */
export async function submitNoiseCheck(
  db: Database,
  queue: JobQueue,
  deviceName: string,
  priority = PRIORITY,
  submittedBy?: string,
): Promise<readonly JobRow[]> {
  const { name: device } = new DeviceRepository(db).get(deviceName);
  const payload: MeasurePayload = {
    kind: 'measure',
    device,
    networks: [...noiseNetworks()],
    ops: [],
    protocol: DEFAULT_PROTOCOL,
    remeasure: false,
    aim: 'noise-check',
  };
  const submitter = submittedBy === undefined ? {} : { submittedBy };
  const job = { kind: 'measure' as const, queue: `device.${device}`, priority, payload, ...submitter };
  return submitJobs(db, queue, [job, job]);
}

/**
 * Whether a device that has measured before is idle, and its last check older than wanted.
 * @param everyMs wanted time between two checks
 */
export function isNoiseCheckDue(
  db: Database,
  deviceName: string,
  { everyMs, nowMs }: { readonly everyMs: number; readonly nowMs: number },
): boolean {
  const device = new DeviceRepository(db).find(deviceName);
  if (device?.state !== 'active' || device.environmentId === null) return false;
  // Asked for counts like measured: a check that failed is not asked for again the same day.
  const askedAtMs = new JobRepository(db).noiseCheckAskedAtMs(`device.${device.name}`);
  if (nowMs - askedAtMs < everyMs) return false;
  if (new DeviceRepository(db).health(deviceName, 1).baselineNs === null) return false;
  return new JobRepository(db).idleSinceMs() + IDLE_MS < nowMs;
}

/**
 * How often idle devices measure their noise, from the environment: `LUTRA_NOISE_CHECK_HOURS`, 24 unless given.
 * @returns nothing where it is 0: never
 */
export function noiseCheckInterval(environment = process.env): { readonly noiseCheckEveryMs?: number } {
  const hours = Number(environment.LUTRA_NOISE_CHECK_HOURS ?? 24);
  return hours > 0 ? { noiseCheckEveryMs: hours * 3_600_000 } : {};
}

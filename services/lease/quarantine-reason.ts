import type { AnchorCheck } from '../../db/repositories/devices.js';

/** So many sessions in a row, of two jobs at least: the retries of one unlucky job are no verdict on a device. */
const SESSIONS = 3;
const JOBS = 2;

/**
 * Why a device should get no more work: its anchor was off beyond the fail bound in its latest sessions.
 * @param latest the latest first; sessions that someone has looked at since left out
 * @returns null for a device in good standing
 */
export function quarantineReason(latest: readonly AnchorCheck[]): string | null {
  const failing = latest.findIndex(({ failed }) => !failed);
  const inARow = failing === -1 ? latest : latest.slice(0, failing);
  const jobs = new Set(inARow.map(({ jobId }) => jobId));
  if (inARow.length < SESSIONS || jobs.size < JOBS) return null;
  return `the anchor was off its baseline in ${inARow.length} sessions in a row, last: ${inARow[0]!.detail}`;
}

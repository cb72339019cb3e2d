import type { AdaptationStatus } from '../../contracts/adaptation.js';

/** A run that failed or was cancelled can go on for so long; then what only its going on would need may be deleted. */
export const RESUMABLE_DAYS = 30;

/** @param run.updatedAtMs of one that ended: when it did */
export function isBeyondResuming(
  { status, updatedAtMs }: { readonly status: AdaptationStatus; readonly updatedAtMs: number },
  nowMs = Date.now(),
): boolean {
  const hasEnded = status === 'failed' || status === 'cancelled';
  return hasEnded && updatedAtMs < nowMs - RESUMABLE_DAYS * 24 * 3_600_000;
}

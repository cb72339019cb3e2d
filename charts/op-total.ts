import type { OpShare } from '../contracts/report.js';

/** What ops come to, as far as their latencies are known. */
export interface OpTotal {
  /** Sum of the known ones: less than the total where some are not. */
  readonly knownMs: number;
  /** Occurrences whose latency is known, of so many in all. */
  readonly known: number;
  readonly count: number;
  readonly isComplete: boolean;
}

/** An unknown op counts as unknown, never as nothing. */
export function opTotal(ops: readonly OpShare[]): OpTotal {
  const occurrences = (some: readonly OpShare[]) => some.reduce((sum, { count }) => sum + count, 0);
  const [known, count] = [occurrences(ops.filter(({ latencyMs }) => latencyMs !== null)), occurrences(ops)];
  const knownMs = ops.reduce((sum, { latencyMs }) => sum + (latencyMs ?? 0), 0);
  return { knownMs, known, count, isComplete: known === count };
}

/** The total, or the least that it is: `≥ 3.20 µs`. */
export function opTotalText(
  { knownMs, known, isComplete }: OpTotal,
  format: (latencyMs: number) => string,
): string {
  if (isComplete) return format(knownMs);
  return known === 0 ? 'unknown' : `≥\u00a0${format(knownMs)}`;
}

/** Of a total that is known; null: it is not. */
export function shareOf(latencyMs: number, { knownMs, isComplete }: OpTotal): number | null {
  return isComplete && knownMs > 0 ? latencyMs / knownMs : null;
}

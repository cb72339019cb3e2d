import type { Observations } from '../observations.js';
import { quantile } from '../quantile.js';
import { leastParallelRatio, sharedShare } from '../spin-shares.js';
import type { ProbeVisits } from '../visit-values.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** Quiet sessions lose up to 6 %, a busy sibling takes a quarter to a half: where figures are 10 to 30 % off. */
const SHARED = { warn: 0.15, fail: 0.25 } as const;

/**
 * What a sibling thread took of the core around the usual visit: the ratio of parallel work to a chain there, against the
 * least of this session and of the one that set the baseline. Visits that lost more than others are left out by themselves.
 * @param baselineRatio least ratio of the baseline's session; null where it had none, or when this is it
 * @returns null where nothing was read: a browser, or a session of an earlier version
 */
export function coreSharingCheck(
  probes: readonly Pick<ProbeVisits, 'causes'>[],
  { processes }: Observations,
  baselineRatio: number | null,
): SessionCheck | null {
  const leastRatio = leastParallelRatio(processes);
  const ratios = probes.flatMap(({ causes = [] }) =>
    causes.flatMap(({ parallelRatio }) => parallelRatio ?? []),
  );
  if (ratios.length === 0 || leastRatio === null) return null;
  const usual = quantile(ratios, 0.5);
  const shared = Math.max(0, sharedShare(usual, Math.min(leastRatio, baselineRatio ?? leastRatio)));
  return {
    name: 'core-sharing',
    state: stateBeyond(shared, SHARED),
    detail: `${percentOf(shared)} of the core taken by a sibling thread around the usual visit`,
  };
}

import { quantile } from '../quantile.js';
import { sharedShare } from '../spin-shares.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** A busy sibling takes a quarter to a half; what it takes in less than half of the visits they are left out for. */
const SHARED = { warn: 0.15 } as const;

/**
 * What a sibling thread took of the core around the usual visit: work that a core can do much of at once, against the fastest
 * reading of this session and of the one that set the baseline. On a virtual machine the sibling may be another's.
 * @param readingsNs one a visit
 * @param baselineNs the fastest reading of the baseline's session; null where it had none, or when this is it
 * @returns null where nothing was read: a browser, or a session of an earlier version
 */
export function coreSharingCheck(
  readingsNs: readonly number[],
  fastestNs: number | null,
  baselineNs: number | null,
): SessionCheck | null {
  if (readingsNs.length === 0 || fastestNs === null) return null;
  const usualNs = quantile(readingsNs, 0.5);
  const shared = Math.max(0, sharedShare(usualNs, Math.min(fastestNs, baselineNs ?? fastestNs)));
  return {
    name: 'core-sharing',
    state: stateBeyond(shared, SHARED),
    detail:
      `${percentOf(shared)} of the core taken by a sibling thread around the usual visit` +
      (baselineNs === null ? ', as far as this session alone tells' : ''),
  };
}

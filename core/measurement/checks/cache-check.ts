import { type Observations, readObservations } from '../observations.js';
import { quantile } from '../quantile.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/**
 * On a host with strangers one session in thirty is a quarter dearer than is usual there, one in seven 15 %; networks that
 * reach beyond the cache follow its price about half as far.
 */
const DEARER = { warn: 0.25 } as const;

/**
 * What others leave of the last-level cache: the price of reading three quarters of it, between rounds, against what is
 * usual on the host. A cheaper one is no reason to doubt this session.
 * @param baselineNsPerByte the median of earlier sessions; null where it was not read, or when this is the first
 * @returns null where it was not read: no such level, its size unknown, or a session of an earlier version
 */
export function cacheCheck(
  { processes }: Observations,
  baselineNsPerByte: number | null,
): SessionCheck | null {
  const usual = usualCacheNsPerByte({ processes });
  if (usual === null) return null;
  const dearer = baselineNsPerByte === null ? 0 : usual / baselineNsPerByte - 1;
  const compared =
    baselineNsPerByte === null ? 'nothing to compare with yet' : `${percentOf(dearer)} off what is usual`;
  return {
    name: 'cache',
    state: stateBeyond(dearer, DEARER),
    detail: `${(1e3 * usual).toFixed(1)} ps a byte in three quarters of the last-level cache, ${compared}`,
  };
}

/** The middle of a session's readings; null where there is none. */
function usualCacheNsPerByte({ processes }: Pick<Observations, 'processes'>): number | null {
  const prices = processes.flatMap(({ probes }) =>
    probes.flatMap(({ cacheNsPerByte }) => cacheNsPerByte ?? []),
  );
  return prices.length === 0 ? null : quantile(prices, 0.5);
}

/** What a host's cache costs moves by a quarter within minutes: what is usual there is the median over so many sessions. */
export const USUAL_OVER_SESSIONS = 20;

/**
 * @param sessions observations of the latest {@link USUAL_OVER_SESSIONS}, or fewer
 * @returns nanoseconds a byte; null where none read it
 */
export function hostCacheNsPerByte(sessions: readonly Readonly<Record<string, unknown>>[]): number | null {
  const prices = sessions.flatMap(
    (observations) => usualCacheNsPerByte(readObservations(observations)) ?? [],
  );
  return prices.length === 0 ? null : quantile(prices, 0.5);
}

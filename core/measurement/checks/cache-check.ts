import { type Observations, readObservations } from '../observations.js';
import { quantile } from '../quantile.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** What reading a host's last-level cache costs over its latest sessions: nanoseconds a byte. */
export interface HostCache {
  /** The median. */
  readonly usualNsPerByte: number;
  /** What sessions differ by from it: their median deviation, as a standard deviation. */
  readonly spreadNsPerByte: number;
}

/**
 * Networks that reach beyond the cache follow its price about half as far. What sessions of a host usually differ by is in
 * the intervals of its networks; a session beyond three times that is another matter.
 */
const DEARER = { warn: 0.25, spreads: 3 } as const;

/**
 * What others leave of the last-level cache: the price of reading three quarters of it, between rounds, against what is
 * usual on the host. A cheaper one is no reason to doubt this session.
 * @param host null where the cache was not read, or when this is the first session
 * @returns null where it was not read: no such level, its size unknown, or a session of an earlier version
 */
export function cacheCheck({ processes }: Observations, host: HostCache | null): SessionCheck | null {
  const name = 'cache';
  const price = usualCacheNsPerByte({ processes });
  if (price === null) return null;
  const read = `${(1e3 * price).toFixed(1)} ps a byte in three quarters of the last-level cache`;
  if (host === null) return { name, state: 'pass', detail: `${read}, nothing to compare with yet` };
  const dearer = price / host.usualNsPerByte - 1;
  const spread = host.spreadNsPerByte / host.usualNsPerByte;
  return {
    name,
    state: stateBeyond(dearer, { warn: Math.max(DEARER.warn, DEARER.spreads * spread) }),
    detail: `${read}, ${percentOf(dearer)} off what is usual, by which sessions differ by ${percentOf(spread)}`,
  };
}

/** The middle of a session's readings; null where there is none. */
function usualCacheNsPerByte({ processes }: Pick<Observations, 'processes'>): number | null {
  const prices = processes.flatMap(({ probes }) =>
    probes.flatMap(({ cacheNsPerByte }) => cacheNsPerByte ?? []),
  );
  return prices.length === 0 ? null : quantile(prices, 0.5);
}

/** What a host's cache costs moves by a quarter within minutes: what is usual there is seen over so many sessions. */
export const USUAL_OVER_SESSIONS = 20;

/** Of normally distributed values, the standard deviation over the median deviation from the median. */
const DEVIATIONS = 1.4826;

/**
 * @param sessions observations of the latest {@link USUAL_OVER_SESSIONS}, or fewer
 * @returns null where none read it
 * @see Rousseeuw & Croux, "Alternatives to the median absolute deviation", JASA 88 (1993)
 */
export function hostCache(sessions: readonly Readonly<Record<string, unknown>>[]): HostCache | null {
  const prices = sessions.flatMap(
    (observations) => usualCacheNsPerByte(readObservations(observations)) ?? [],
  );
  if (prices.length === 0) return null;
  const usualNsPerByte = quantile(prices, 0.5);
  const deviations = prices.map((price) => Math.abs(price - usualNsPerByte));
  return { usualNsPerByte, spreadNsPerByte: DEVIATIONS * quantile(deviations, 0.5) };
}

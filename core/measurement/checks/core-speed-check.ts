import { extremes } from '../extremes.js';
import type { Observations } from '../observations.js';
import { quantile } from '../quantile.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** A core that does the same arithmetic this much slower runs at another clock. */
const SLOWER = { warn: 0.05, fail: 0.5 } as const;

/**
 * The speed of the core by a fixed chain of multiplications, between rounds: within the session, and against the
 * session that set the baseline.
 * @param baselineNs the fastest chunk of that session; null when this is it
 */
export function coreSpeedCheck({ processes }: Observations, baselineNs: number | null): SessionCheck {
  const name = 'core-speed';
  const chunksNs = processes.flatMap(({ probes }) => probes.map(({ chunkNs }) => chunkNs));
  if (chunksNs.length === 0) return { name, state: 'unobservable', detail: 'no spins between the visits' };
  const usual = quantile(chunksNs, 0.5);
  const fastest = extremes(chunksNs).least;
  const within = quantile(chunksNs, 0.9) / fastest - 1;
  const against = baselineNs === null ? 0 : usual / baselineNs - 1;
  const compared =
    baselineNs === null ? 'the first of this environment' : `${percentOf(against)} off the baseline`;
  return {
    name,
    state: stateBeyond(Math.max(within, Math.abs(against)), SLOWER),
    detail: `${(usual / 1e3).toFixed(2)} µs a piece of work, ${percentOf(within)} apart within the session, ${compared}`,
  };
}

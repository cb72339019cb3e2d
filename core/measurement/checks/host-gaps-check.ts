import type { Observations } from '../observations.js';
import { percentOf, type SessionCheck, stateBeyond } from './session-check.js';

/** Share of all spins that the host took. Every virtual machine loses one or two percent. */
const TAKEN = { warn: 0.1, fail: 0.4 } as const;

/** Ticks of `/proc/stat`. */
const TICK_MS = 10;

/** Time that was taken from the core between rounds of visits, found by spinning, beside what the host admits. */
export function hostGapsCheck({ processes }: Observations): SessionCheck {
  const name = 'host-gaps';
  const spins = processes.flatMap(({ probes }) => probes);
  if (spins.length === 0) return { name, state: 'unobservable', detail: 'no spins between the visits' };
  const taken = spins.reduce((sum, { takenShare }) => sum + takenShare, 0) / spins.length;
  const longestUs = spins.reduce((longest, { longestGapUs }) => Math.max(longest, longestGapUs), 0);
  const steal = stealShare(processes);
  const admitted = steal === null ? '' : `; the host admits ${percentOf(steal)}`;
  return {
    name,
    state: stateBeyond(taken, TAKEN),
    detail: `${percentOf(taken)} of ${spins.length} spins taken, ${longestUs.toFixed(0)} µs at most${admitted}`,
  };
}

function stealShare(processes: Observations['processes']): number | null {
  let stolenMs = 0;
  let timedMs = 0;
  for (const { before, after, timedMs: wallMs = 0 } of processes) {
    if (before.stolenTicks === undefined || after.stolenTicks === undefined) return null;
    stolenMs += (after.stolenTicks - before.stolenTicks) * TICK_MS;
    timedMs += wallMs;
  }
  return timedMs > 0 ? stolenMs / timedMs : null;
}

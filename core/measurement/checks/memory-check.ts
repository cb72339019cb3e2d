import { extremes } from '../extremes.js';
import type { Observations } from '../observations.js';
import { percentOf, type SessionCheck } from './session-check.js';

/** Below this share of free memory the system begins to drop pages that are needed again. */
const LEAST_AVAILABLE = 0.05;

/** Swapping during the visits, memory that is swapped out, memory that is about to run out. */
export function memoryCheck({ processes }: Observations): SessionCheck {
  const name = 'memory';
  const facts = processes.flatMap(({ before, after }) => [before, after]);
  const known = facts.filter(({ availableBytes, totalBytes }) => availableBytes !== undefined && totalBytes);
  if (known.length === 0) return { name, state: 'unobservable', detail: 'free memory cannot be read' };
  const shares = known.map(({ availableBytes, totalBytes }) => availableBytes! / totalBytes!);
  const available = extremes(shares).least;
  const swapped = processes.reduce(
    (sum, { before, after }) => sum + ((after.swappedPages ?? 0) - (before.swappedPages ?? 0)),
    0,
  );
  const ownSwap = extremes(facts.map(({ ownSwapBytes = 0 }) => ownSwapBytes)).most;
  const state = swapped > 0 || ownSwap > 0 || available < LEAST_AVAILABLE ? 'warn' : 'pass';
  return {
    name,
    state,
    detail: `${percentOf(available)} available, ${swapped} pages swapped, ${ownSwap} bytes of this process in swap`,
  };
}

import type { ProbeReading } from '../../../contracts/measurement.js';

/** About a microsecond and a half on a server core: short beside any gap worth finding. */
const CHUNK_STEPS = 1_500;
/** A chunk that takes this much longer than the usual one was interrupted. */
const GAP = { factor: 1.5, plusMs: 0.002 } as const;
const MOST_CHUNKS = 4_096;
const WARM_UP = { calls: 20, steps: 16 } as const;

const chunksMs = new Float64Array(MOST_CHUNKS);
let sink = 0;

/**
 * Spins through equal pieces of work and looks for those that took longer: the time that the host or an interrupt took
 * from this core. A virtual machine's own counters do not show it.
 * @param durationMs length of the spin; one millisecond finds what takes more than a few percent
 */
export function probeMachine(durationMs: number): Omit<ProbeReading, 'atMs'> {
  const count = spin(durationMs, CHUNK_STEPS);
  const sorted = chunksMs.slice(0, count).sort();
  const usualMs = sorted[count >> 1]!;
  let [spunMs, takenMs] = [0, 0];
  for (const chunkMs of sorted) {
    spunMs += chunkMs;
    if (chunkMs > usualMs * GAP.factor + GAP.plusMs) takenMs += chunkMs - usualMs;
  }
  return {
    takenShare: round(takenMs / spunMs, 1e5),
    longestGapUs: round(Math.max(0, sorted[count - 1]! - usualMs) * 1e3, 10),
    chunkNs: round(sorted[0]! * 1e6, 10),
  };
}

/**
 * Runs the spin until the engine has compiled it for good: a compiler that begins its work between two readings takes
 * most of a millisecond from the same core, which looks like the host's doing, and the pieces before it are 5 % slower.
 * Compilers count turns, so short pieces do.
 */
export function warmUpProbe(): void {
  for (let call = 0; call < WARM_UP.calls; call++) spin(Number.POSITIVE_INFINITY, WARM_UP.steps);
}

/** @returns how many pieces were timed, into {@link chunksMs} */
function spin(durationMs: number, steps: number): number {
  const startMs = performance.now();
  let lastMs = startMs;
  let count = 0;
  while (count < MOST_CHUNKS && lastMs - startMs < durationMs) {
    sink = work(sink, steps);
    const nowMs = performance.now();
    chunksMs[count++] = nowMs - lastMs;
    lastMs = nowMs;
  }
  return count;
}

/** A chain of multiplications: one result waits for the other, so that its time is the core's clock. */
function work(seed: number, steps: number): number {
  let x = seed | 1;
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}

function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}

import type { ProbeReading } from '../../../contracts/measurement.js';

/** About a microsecond and a half on a server core: short beside any gap worth finding. */
const CHUNK_STEPS = 1_500;
/** A chunk that takes this much longer than the usual one was interrupted. */
const GAP = { factor: 1.5, plusMs: 0.002 } as const;
const MOST_CHUNKS = 4_096;
const WARM_UP = { calls: 20, steps: 16, readings: 300, readingMs: 0.03 } as const;

/** Fits the first-level cache: three passes take about as long as a chunk. */
const loads = new Float64Array(2_048).fill(1);
const LOAD_PASSES = 3;

const chunksMs = new Float64Array(MOST_CHUNKS);
const piecesMs = new Float64Array(MOST_CHUNKS);
const loaded = new Float64Array(1);
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

/** Of a spin through pieces of parallel work: between stretches of a sibling's work there is always one that is undisturbed. */
export interface ParallelPieces {
  readonly fastestNs: number;
  readonly usualNs: number;
}

/**
 * How long a piece of work takes that a core can do much of at once: loads from the first-level cache, which wait for
 * nothing. A core that works for a sibling thread too has fewer turns left for it, a third fewer where that one is busy; a
 * chain of multiplications leaves turns to spare and shows nothing of it. No counter of a virtual machine does either.
 * @param durationMs length of the spin
 */
export function probeSharing(durationMs: number): ParallelPieces {
  const startMs = performance.now();
  let lastMs = startMs;
  let count = 0;
  while (count < MOST_CHUNKS && lastMs - startMs < durationMs) {
    load(LOAD_PASSES);
    const nowMs = performance.now();
    piecesMs[count++] = nowMs - lastMs;
    lastMs = nowMs;
  }
  const sorted = piecesMs.slice(0, count).sort();
  return { fastestNs: round(sorted[0]! * 1e6, 10), usualNs: round(sorted[count >> 1]! * 1e6, 10) };
}

/**
 * Runs the spin until the engine has compiled it for good: a compiler that begins its work between two readings takes
 * most of a millisecond from the same core, which looks like the host's doing, and the pieces before it are 5 % slower.
 * Compilers count turns, so short pieces do.
 */
export function warmUpProbe(): void {
  for (let call = 0; call < WARM_UP.calls; call++) spin(Number.POSITIVE_INFINITY, WARM_UP.steps);
  for (let call = 0; call < WARM_UP.readings; call++) probeSharing(WARM_UP.readingMs);
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

/** Four sums, so that no addition waits for the one before. */
function load(passes: number): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < loads.length; i += 4) {
      a += loads[i]!;
      b += loads[i + 1]!;
      c += loads[i + 2]!;
      d += loads[i + 3]!;
    }
  }
  loaded[0]! += a + b + c + d;
}

function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}

import { probeMachine } from './machine-probe.js';

const MOST_PIECES = 4_096;
/** 16 KiB, half of the first-level cache; three passes take two microseconds. */
const loads = new Float64Array(2_048).fill(1);
const PASSES = 3;
const CHAIN_SPINS = 3;
const WARM_UP = { calls: 20, values: 16 } as const;

const piecesMs = new Float64Array(MOST_PIECES);
/** What was loaded goes somewhere, so that the compiler cannot leave the loading out. */
const sink = new Float64Array(1);

/**
 * Pieces of parallel work, over the fastest piece of a chain right before. Between stretches of a sibling's work there is always
 * one that it left alone.
 */
export interface ParallelPieces {
  readonly leastRatio: number;
  readonly usualRatio: number;
}

/**
 * How long a piece of work takes that a core can do much of at once: loads from the first-level cache, which wait for
 * nothing. A core that works for a sibling thread too has fewer turns left for it, a third fewer where that one is busy. A
 * chain of multiplications leaves turns to spare and shows nothing of it: it shows the clock, which both follow, and takes
 * it out. No counter of a virtual machine tells.
 * @param durationMs of both, a quarter of it the chain
 */
export function probeSharing(durationMs: number): ParallelPieces {
  const chunkNs = chainNs(durationMs / 4);
  const count = spinLoads((durationMs * 3) / 4, loads.length);
  const sorted = piecesMs.slice(0, count).sort();
  const ratio = (pieceMs: number) => Math.round((pieceMs * 1e10) / chunkNs) / 1e4;
  return { leastRatio: ratio(sorted[0]!), usualRatio: ratio(sorted[count >> 1]!) };
}

/** Of several spins, as one that was interrupted in its first piece holds no other, and would make any work after it look fast. */
function chainNs(durationMs: number): number {
  const spins = Array.from({ length: CHAIN_SPINS }, () => probeMachine(durationMs / CHAIN_SPINS));
  return Math.min(...spins.map(({ chunkNs }) => chunkNs));
}

/** @returns how many pieces of passes over so many values were timed, into {@link piecesMs} */
function spinLoads(durationMs: number, values: number): number {
  const startMs = performance.now();
  let lastMs = startMs;
  let count = 0;
  while (count < MOST_PIECES && lastMs - startMs < durationMs) {
    load(values);
    const nowMs = performance.now();
    piecesMs[count++] = nowMs - lastMs;
    lastMs = nowMs;
  }
  return count;
}

/** Runs the loading until the engine has compiled it for good, as `warmUpProbe` does with the chain, which it needs too. */
export function warmUpSharing(): void {
  for (let call = 0; call < WARM_UP.calls; call++) spinLoads(Number.POSITIVE_INFINITY, WARM_UP.values);
}

/** Four sums, so that no addition waits for the one before. */
function load(values: number): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let pass = 0; pass < PASSES; pass++) {
    for (let i = 0; i < values; i += 4) {
      a += loads[i]!;
      b += loads[i + 1]!;
      c += loads[i + 2]!;
      d += loads[i + 3]!;
    }
  }
  sink[0]! += a + b + c + d;
}

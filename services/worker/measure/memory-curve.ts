import type { HostProbe } from '../../../contracts/measurement.js';
import { LINE_BYTES, readLines, warmUpReading } from './read-lines.js';

const MIB = 2 ** 20;

/** From what every cache holds to what none does, in steps of √2. */
const SMALLEST_BYTES = MIB / 8;
const LARGEST_BYTES = 96 * MIB;

const ROUNDS = 5;
const PASSES = 3;
/** A pass is at least so much reading, or the clock shows its step. */
const PASS_BYTES = 8 * MIB;

/**
 * What a byte costs on this host by the footprint of what is read over and over: caches show as steps. Of each round the
 * fastest pass, of all rounds the median. Takes about a third of a second and 96 MiB, which are given back.
 */
export function memoryCurve(): HostProbe['data'] {
  const lines = new Float64Array(LARGEST_BYTES / Float64Array.BYTES_PER_ELEMENT).fill(1);
  const footprints = footprintsInLines();
  const costs = footprints.map((): number[] => []);
  warmUpReading(lines);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, count] of footprints.entries()) costs[i]!.push(fastestPass(lines, count));
  }
  return footprints.map((count, i) => ({
    footprintBytes: count * LINE_BYTES,
    nsPerByte: costs[i]!.sort((a, b) => a - b)[ROUNDS >> 1]!,
  }));
}

/** Multiples of four, as `readLines` takes four at a time. */
function footprintsInLines(): readonly number[] {
  const counts: number[] = [];
  for (let bytes = SMALLEST_BYTES; bytes <= LARGEST_BYTES; bytes *= Math.SQRT2) {
    counts.push(Math.round(bytes / LINE_BYTES / 4) * 4);
  }
  return counts;
}

function fastestPass(lines: Float64Array, count: number): number {
  const repeats = Math.max(1, Math.ceil(PASS_BYTES / (count * LINE_BYTES)));
  let fastestNs = Number.POSITIVE_INFINITY;
  readLines(lines, count);
  for (let pass = 0; pass < PASSES; pass++) {
    const startMs = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++) readLines(lines, count);
    fastestNs = Math.min(fastestNs, (performance.now() - startMs) * 1e6);
  }
  return fastestNs / (repeats * count * LINE_BYTES);
}

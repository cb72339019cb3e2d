import type { HostProbe } from '../../../contracts/measurement.js';
import { median } from '../../../core/measurement/quantile.js';
import { MAX_LOST_SHARE } from '../../../core/measurement/visit-class.js';
import { probeMachine, warmUpProbe } from './machine-probe.js';
import { LINE_BYTES, readLines, warmUpReading } from './read-lines.js';
import { warmUpSharing } from './sibling-probe.js';
import { SiblingWatch } from './sibling-watch.js';

const MIB = 2 ** 20;

/** From what every cache holds to what none does, in steps of √2. */
const SMALLEST_BYTES = MIB / 8;
const LARGEST_BYTES = 96 * MIB;

const ROUNDS = 5;
const PASSES = 3;
/** A pass is at least so much reading, or the clock shows its step. */
const PASS_BYTES = 8 * MIB;

/** What small and large networks take: time in which others may take the caches. */
const IDLE_MS = [0.3, 1, 4] as const;
/** Areas that are read with pauses, too large for the first levels and not beyond all. */
const PAUSED_BYTES = { from: MIB, to: 48 * MIB } as const;

interface Reading {
  readonly nsPerByte: number;
  /** Of the core, by a sibling thread right before and after. */
  readonly sharedShare: number;
}

/**
 * What a byte costs on this host by the footprint of what is read over and over, and by the time between: caches show as
 * steps, and so does what others on the host do to them meanwhile. Of each round the fastest pass without a pause and the
 * only one after each pause, of all rounds the median. As visits do, readings wait for a sibling thread to go, which would use
 * up the nearest caches, and do not count beside one. Takes a second, two and a half beside a busy sibling, and 96 MiB, which
 * are given back.
 */
export function memoryCurve(): HostProbe['data'] {
  const lines = new Float64Array(LARGEST_BYTES / Float64Array.BYTES_PER_ELEMENT).fill(1);
  warmUpReading(lines);
  warmUpProbe();
  warmUpSharing();
  const sibling = new SiblingWatch();
  const areas: { readonly count: number; readonly idleMs?: number }[] = [
    ...footprintsInLines(SMALLEST_BYTES, LARGEST_BYTES).map((count) => ({ count })),
    ...footprintsInLines(PAUSED_BYTES.from, PAUSED_BYTES.to).flatMap((count) =>
      IDLE_MS.map((idleMs) => ({ count, idleMs })),
    ),
  ];
  const readings = areas.map((): Reading[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { count, idleMs }] of areas.entries()) {
      sibling.begin();
      const nsPerByte = idleMs === undefined ? fastestPass(lines, count) : passAfter(idleMs, lines, count);
      readings[i]!.push({ nsPerByte, ...sibling.end() });
    }
  }
  return areas.map(({ count, idleMs }, i) => ({
    footprintBytes: count * LINE_BYTES,
    ...(idleMs === undefined ? {} : { idleMs }),
    nsPerByte: usual(readings[i]!),
  }));
}

/** Of those beside no sibling; of all where each had one. */
function usual(readings: readonly Reading[]): number {
  const alone = readings.filter(({ sharedShare }) => sharedShare <= MAX_LOST_SHARE);
  const counted = alone.length > 0 ? alone : readings;
  return median(counted.map(({ nsPerByte }) => nsPerByte));
}

/** Multiples of four, as `readLines` takes four at a time. */
function footprintsInLines(from: number, to: number): readonly number[] {
  const counts: number[] = [];
  for (let bytes = from; bytes <= to; bytes *= Math.SQRT2) {
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

function passAfter(idleMs: number, lines: Float64Array, count: number): number {
  readLines(lines, count);
  readLines(lines, count);
  probeMachine(idleMs);
  const startMs = performance.now();
  readLines(lines, count);
  return ((performance.now() - startMs) * 1e6) / (count * LINE_BYTES);
}

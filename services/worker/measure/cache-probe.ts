import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LINE_BYTES, readLines, warmUpReading } from './read-lines.js';

/** Of the last-level cache: what others leave of it on a quiet host, and not on a busy one. */
const SHARE = 0.75;
/** More than that no network of a kind that is measured here fills, and reading it would take longer than the visits. */
const MOST_BYTES = 48 * 2 ** 20;
const PASSES = 2;

/**
 * A reading of what a byte costs in three quarters of the last-level cache, or 48 MiB of a larger one. The cache is shared with every core, and on a
 * virtual machine with strangers: what they take of it, large networks pay for, and no counter of this machine tells.
 * Takes a millisecond for 24 MiB.
 * @param cpu core whose cache it is
 * @param root folder that holds `sys`
 * @returns nanoseconds a byte; null where the system does not tell the size of the cache
 */
export function cacheProbe(cpu: number, root = '/'): (() => number) | null {
  const bytes = lastLevelBytes(join(root, `sys/devices/system/cpu/cpu${cpu}/cache`));
  if (bytes === null) return null;
  const count = 4 * Math.floor(Math.min(MOST_BYTES, SHARE * bytes) / LINE_BYTES / 4);
  const lines = new Float64Array((count * LINE_BYTES) / Float64Array.BYTES_PER_ELEMENT).fill(1);
  warmUpReading(lines);
  return () => {
    let fastestMs = Number.POSITIVE_INFINITY;
    readLines(lines, count);
    for (let pass = 0; pass < PASSES; pass++) {
      const startMs = performance.now();
      readLines(lines, count);
      fastestMs = Math.min(fastestMs, performance.now() - startMs);
    }
    return (fastestMs * 1e6) / (count * LINE_BYTES);
  };
}

/** Level 3; without one there is nothing that others could take. */
function lastLevelBytes(folder: string): number | null {
  try {
    if (readFileSync(join(folder, 'index3/level'), 'utf8').trim() !== '3') return null;
    const size = /^(\d+)K$/.exec(readFileSync(join(folder, 'index3/size'), 'utf8').trim())?.[1];
    return size === undefined ? null : Number(size) * 1024;
  } catch {
    return null;
  }
}

/** Twice the last-level cache of a server's core complex; what a desktop's or a phone's core can reach is less. */
const EVICTED_BYTES = 64 * 2 ** 20;

const LINE_BYTES = 64;

/**
 * A function that takes the data caches from whatever filled them, by writing to every line of a buffer larger than
 * they are. The buffer is made at the first call: most sessions have no cold subject.
 */
export function cacheEvictor(): () => void {
  let lines: Float64Array | undefined;
  return () => {
    lines ??= new Float64Array(EVICTED_BYTES / Float64Array.BYTES_PER_ELEMENT);
    const step = LINE_BYTES / Float64Array.BYTES_PER_ELEMENT;
    for (let i = 0; i < lines.length; i += step) lines[i]! += 1;
  };
}

import { OTHER_WORK_BYTES } from '../../../core/latency/timing-target.js';
import { LINE_BYTES } from './read-lines.js';

/**
 * A function that does other work: writes to every line of a buffer, which takes the caches from whatever filled them. The
 * buffer is made at the first call: most sessions have no cold subject.
 */
export function cacheEvictor(): () => void {
  let lines: Float64Array | undefined;
  return () => {
    lines ??= new Float64Array(OTHER_WORK_BYTES / Float64Array.BYTES_PER_ELEMENT);
    const step = LINE_BYTES / Float64Array.BYTES_PER_ELEMENT;
    for (let i = 0; i < lines.length; i += step) lines[i]! += 1;
  };
}

import type { Executable } from '../tensor-runtime.js';
import type { OrtSession } from './binding/ort-session.js';

/** Times executions one by one with the process's monotonic clock, whose step is a nanosecond. */
export function timedExecutable(session: OrtSession): Executable {
  return {
    async sample(count) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const startMs = performance.now();
        const pending = session.run();
        if (pending !== undefined) await pending;
        durationsNs[i] = Math.round((performance.now() - startMs) * 1e6);
      }
      return durationsNs;
    },
    close: () => session.close(),
  };
}

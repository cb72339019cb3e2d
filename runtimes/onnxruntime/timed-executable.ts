import type { Executable } from '../tensor-runtime.js';
import type { OrtSession } from './binding/ort-session.js';

/** Times executions, one by one or in rows, with the process's monotonic clock. */
export function timedExecutable(session: OrtSession): Executable {
  return {
    async sample(count, runsPerSample = 1) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const startMs = performance.now();
        for (let run = 0; run < runsPerSample; run++) {
          const pending = session.run();
          if (pending !== undefined) await pending;
        }
        durationsNs[i] = Math.round((performance.now() - startMs) * 1e6) / runsPerSample;
      }
      return durationsNs;
    },
    close: () => session.close(),
  };
}

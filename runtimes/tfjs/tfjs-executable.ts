import type { Executable } from '../tensor-runtime.js';
import type { PreparedOp } from './prepare-op.js';
import type { Tensor } from './tfjs-core.js';

/**
 * Times an op or network on resident tensors. Every call of the CPU backends, native and WebAssembly, returns when it
 * is done, so nothing has to be read back. Disposing of the result is part of it, as it is in a network.
 */
export function tfjsExecutable(op: PreparedOp, inputs: readonly Tensor[]): Executable {
  return {
    async sample(count, runsPerSample = 1) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const startMs = performance.now();
        for (let run = 0; run < runsPerSample; run++) op.call(inputs).dispose();
        durationsNs[i] = Math.round((performance.now() - startMs) * 1e6) / runsPerSample;
      }
      return durationsNs;
    },
    async close() {
      op.dispose();
      for (const input of inputs) input.dispose();
    },
  };
}

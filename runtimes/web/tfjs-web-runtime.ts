import type { Executable, TensorRuntime } from '../tensor-runtime.js';
import { type CallStyle, type PreparedOp, WASM_CALLS } from '../tfjs/prepare-op.js';
import type { Tensor, Tfjs } from '../tfjs/tfjs-core.js';
import { tfjsRuntime } from '../tfjs/tfjs-runtime.js';
import { type BrowserFacts, webEnvironment } from './web-environment.js';

export type TfjsWebBackend = 'wasm' | 'webgl' | 'webgpu';

/**
 * tfjs in a browser. The backend has been registered and chosen before.
 * @param tf the core package, with a backend ready
 */
export function tfjsWebRuntime(tf: Tfjs, backend: TfjsWebBackend, facts: BrowserFacts): TensorRuntime {
  const isGpu = backend !== 'wasm';
  // The two ways were not timed on a GPU; fewer calls launch fewer programs.
  const style: CallStyle = isGpu ? 'fused' : WASM_CALLS;
  return tfjsRuntime({
    tf,
    name: 'tfjs-web',
    style,
    environment: async () =>
      webEnvironment(facts, {
        name: 'tfjs-web',
        version: tf.version_core,
        threads: 1,
        flags: { backend, calls: style },
      }),
    ...(isGpu ? { executable: readBackExecutable } : {}),
  });
}

/** Times calls on a GPU: a sample ends when the last result has been read back, with all that was queued before it. */
function readBackExecutable(op: PreparedOp, inputs: readonly Tensor[]): Executable {
  return {
    async sample(count, runsPerSample = 1) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const startMs = performance.now();
        for (let run = 1; run < runsPerSample; run++) op.call(inputs).dispose();
        const last = op.call(inputs);
        await last.data();
        durationsNs[i] = Math.round((performance.now() - startMs) * 1e6) / runsPerSample;
        last.dispose();
      }
      return durationsNs;
    },
    async close() {
      op.dispose();
      for (const input of inputs) input.dispose();
    },
  };
}

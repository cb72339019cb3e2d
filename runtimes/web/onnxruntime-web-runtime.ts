import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { LutraError } from '../../core/errors.js';
import { inputData } from '../input-data.js';
import type { OrtModel } from '../onnxruntime/graphs/ort-model.js';
import { onnxProbes } from '../onnxruntime/onnx-probes.js';
import type { Executable, TensorRuntime } from '../tensor-runtime.js';
import { type BrowserFacts, webEnvironment } from './web-environment.js';

/** The package, which differs by backend: only the page's worker loads it. */
export type OrtWeb = typeof import('onnxruntime-web');
export type OrtWebBackend = 'wasm' | 'webgpu';

/**
 * onnxruntime in a browser. More than one thread needs an isolated page, and is wasm's alone; the threads are the
 * package's own workers. A run ends when its result is in memory, so that a GPU's work is timed whole.
 */
export function onnxruntimeWebRuntime(
  ort: OrtWeb,
  backend: OrtWebBackend,
  threads: number,
  facts: BrowserFacts,
): TensorRuntime {
  if (threads > 1 && (backend !== 'wasm' || facts.isolation !== 'isolated')) {
    throw new LutraError('invalid-request', `${threads} threads need WebAssembly in an isolated page`, {
      pointer: '/threads',
    });
  }
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return {
    name: 'onnxruntime-web',
    environment: async () =>
      webEnvironment(facts, {
        name: 'onnxruntime-web',
        version: ort.env.versions.web ?? '',
        threads,
        flags: { backend, graphOptimizationLevel: 'all' },
      }),
    ...onnxProbes(async (model) => {
      const executable = await openModel(ort, backend, model);
      // What the package falls back to where it cannot start threads would be another device.
      if (ort.env.wasm.numThreads !== threads)
        throw new Error(`onnxruntime started ${ort.env.wasm.numThreads} of ${threads} threads`);
      return executable;
    }, 'float32'),
    close: async () => undefined,
  };
}

async function openModel(ort: OrtWeb, backend: OrtWebBackend, model: OrtModel): Promise<Executable> {
  const session = await ort.InferenceSession.create(model.bytes, {
    executionProviders: [backend],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
  });
  const feeds = Object.fromEntries(
    model.inputs.map(({ name, dims, data }): [string, Tensor] => {
      const count = dims.reduce((product, dim) => product * dim, 1);
      return [name, new ort.Tensor('float32', data ?? inputData(count), dims)];
    }),
  );
  return timedSession(session, feeds);
}

function timedSession(session: InferenceSession, feeds: Readonly<Record<string, Tensor>>): Executable {
  return {
    async sample(count, runsPerSample = 1) {
      const durationsNs = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        const startMs = performance.now();
        for (let run = 0; run < runsPerSample; run++) await session.run(feeds);
        durationsNs[i] = Math.round((performance.now() - startMs) * 1e6) / runsPerSample;
      }
      return durationsNs;
    },
    close: () => session.release(),
  };
}

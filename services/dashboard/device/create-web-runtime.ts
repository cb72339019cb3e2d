import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import type { Tfjs } from '../../../runtimes/tfjs/tfjs-core.js';
import { type OrtWeb, onnxruntimeWebRuntime } from '../../../runtimes/web/onnxruntime-web-runtime.js';
import { type TfjsWebBackend, tfjsWebRuntime } from '../../../runtimes/web/tfjs-web-runtime.js';
import type { BrowserFacts } from '../../../runtimes/web/web-environment.js';
import { findGpu } from './gpu-adapter.js';
import { timerStepUs } from './timer-step.js';
import { WEB_RUNTIMES, type WebRuntimeChoice } from './worker-message.js';

/** Loads one runtime, in a worker; the others are not even fetched. @throws Error where the browser lacks its backend */
export async function createWebRuntime({ runtime: id, threads }: WebRuntimeChoice): Promise<TensorRuntime> {
  const facts = browserFacts();
  const { backend } = WEB_RUNTIMES.find((one) => one.id === id)!;
  if (backend === 'webgpu' && (await findGpu()) !== 'there')
    throw new Error(`${id}: this browser has no WebGPU adapter`);
  switch (id) {
    case 'onnxruntime-web/wasm':
      return onnxruntimeWebRuntime(
        (await import('onnxruntime-web/wasm')) as unknown as OrtWeb,
        'wasm',
        threads,
        facts,
      );
    case 'onnxruntime-web/webgpu':
      return onnxruntimeWebRuntime(
        (await import('onnxruntime-web/webgpu')) as unknown as OrtWeb,
        'webgpu',
        1,
        facts,
      );
    case 'tfjs-web/wasm':
      return tfjsOn('wasm', facts);
    case 'tfjs-web/webgl':
      return tfjsOn('webgl', facts);
    case 'tfjs-web/webgpu':
      return tfjsOn('webgpu', facts);
  }
}

/** The package wants to be told where all of them are, and fetches one. */
const WASM_FILES = [
  'tfjs-backend-wasm.wasm',
  'tfjs-backend-wasm-simd.wasm',
  'tfjs-backend-wasm-threaded-simd.wasm',
] as const;

async function tfjsOn(backend: TfjsWebBackend, facts: BrowserFacts): Promise<TensorRuntime> {
  const tf = (await import('@tensorflow/tfjs-core')) as unknown as Tfjs;
  if (backend === 'webgl') await import('@tensorflow/tfjs-backend-webgl');
  if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  if (backend === 'wasm') {
    const [{ setWasmPaths }, ...files] = await Promise.all([
      import('@tensorflow/tfjs-backend-wasm'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
    ]);
    setWasmPaths(Object.fromEntries(files.map(({ default: url }, i) => [WASM_FILES[i]!, url])));
    // One thread: the threaded library starts workers from blobs and spreads over all cores.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`this browser has no ${backend}`);
  await tf.ready();
  return tfjsWebRuntime(tf, backend, facts);
}

function browserFacts(): BrowserFacts {
  return {
    userAgent: navigator.userAgent,
    isolation: self.crossOriginIsolated ? 'isolated' : 'not isolated',
    timerStepUs: timerStepUs(),
    logicalCores: navigator.hardwareConcurrency,
  };
}

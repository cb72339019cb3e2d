import { createRequire } from 'node:module';
import { Tensor } from 'onnxruntime-node';
import type { OrtModel } from '../graphs/ort-model.js';
import { elementCount, inputTensors } from './input-tensors.js';
import { type OrtBinding, type OrtSession, sessionOptions } from './ort-session.js';

/** The native session class behind the package's public one; synchronous, and takes memory for its outputs. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  run(feeds: Record<string, Tensor>, fetches: Record<string, Tensor>, options: object): unknown;
  dispose(): void;
}

interface NativeModule {
  readonly initOrt: () => void;
  readonly binding: { readonly InferenceSession: new () => NativeSession };
}

const NATIVE_METHODS = ['loadModel', 'run', 'dispose'] as const;

/** The package's inner binding, or null when this release of the package is not built as expected. */
export function loadInternalBinding(): OrtBinding | null {
  let native: unknown;
  try {
    native = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js');
  } catch {
    return null;
  }
  if (!isNativeModule(native)) return null;
  const { initOrt, binding } = native;
  initOrt();
  return {
    name: 'internal',
    open: async (model, threads) => openSession(new binding.InferenceSession(), model, threads),
  };
}

function openSession(session: NativeSession, model: OrtModel, threads: number): OrtSession {
  const { bytes } = model;
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, sessionOptions(threads));
  const result = new Float32Array(elementCount(model.outputDims));
  const feeds = inputTensors(model);
  const fetches = { [model.outputName]: new Tensor('float32', result, model.outputDims) };
  const options = {};
  return {
    run: () => {
      session.run(feeds, fetches, options);
      return undefined;
    },
    output: () => result,
    close: async () => session.dispose(),
  };
}

function isNativeModule(value: unknown): value is NativeModule {
  if (typeof value !== 'object' || value === null) return false;
  const { initOrt, binding } = value as Partial<NativeModule>;
  const prototype: unknown = binding?.InferenceSession?.prototype;
  return (
    typeof initOrt === 'function' &&
    typeof prototype === 'object' &&
    prototype !== null &&
    NATIVE_METHODS.every((method) => typeof (prototype as Record<string, unknown>)[method] === 'function')
  );
}

import type { DTypeName } from '../contracts/environment.js';
import { LutraError } from '../core/errors.js';
import type { TensorRuntime } from './tensor-runtime.js';

export interface RuntimeChoice {
  /** One of `RUNTIME_NAMES` that runs in Node. */
  readonly runtime: string;
  readonly threads: number;
  /** Element type that networks run in; default float32. */
  readonly dtype?: DTypeName | undefined;
  /** Options of the runtime's own. */
  readonly runtimeOptions?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Loads one runtime; the others stay out of the process.
 * @throws LutraError `invalid-request` for an unknown runtime or option
 */
export async function createRuntime(choice: RuntimeChoice): Promise<TensorRuntime> {
  switch (choice.runtime) {
    case 'onnxruntime': {
      const { createOnnxruntimeRuntime } = await import('./onnxruntime/onnxruntime-runtime.js');
      return createOnnxruntimeRuntime(choice);
    }
    case 'tfjs-wasm': {
      const { createWasmRuntime } = await import('./tfjs/wasm/wasm-runtime.js');
      return createWasmRuntime();
    }
    case 'tfjs-node': {
      const { createNativeRuntime } = await import('./tfjs/node/native-runtime.js');
      return createNativeRuntime(choice);
    }
    case 'fake': {
      const { createFakeRuntime } = await import('./fake/fake-runtime.js');
      return createFakeRuntime(choice);
    }
    default:
      throw new LutraError(
        'invalid-request',
        `expected onnxruntime, tfjs-node, tfjs-wasm or fake, got ${JSON.stringify(choice.runtime)}`,
        { pointer: '/runtime' },
      );
  }
}

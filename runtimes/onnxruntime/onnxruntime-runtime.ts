import type { DType } from '../../core/ops/op.js';
import type { TensorRuntime } from '../tensor-runtime.js';
import { chooseBinding } from './binding/choose-binding.js';
import { onnxruntimeEnvironment } from './environment.js';
import { infer } from './infer.js';
import { onnxProbes } from './onnx-probes.js';
import { timedExecutable } from './timed-executable.js';

/**
 * onnxruntime on this machine's processor.
 * @param options.threads threads within one op
 * @param options.dtype element type of whole networks; default float32. Ops name theirs
 */
export async function createOnnxruntimeRuntime(options: {
  readonly threads: number;
  readonly dtype?: DType | undefined;
}): Promise<TensorRuntime> {
  const binding = await chooseBinding();
  const { threads, dtype = 'float32' } = options;
  return {
    name: 'onnxruntime',
    environment: () => onnxruntimeEnvironment(binding, threads, dtype),
    ...onnxProbes(async (model) => timedExecutable(await binding.open(model, threads)), dtype),
    infer: (network, weights, image) => infer(binding, dtype, network, weights, image),
    close: async () => undefined,
  };
}

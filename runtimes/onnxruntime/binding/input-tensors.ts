import { Tensor } from 'onnxruntime-node';
import { inputData } from '../../input-data.js';
import type { OrtModel } from '../graphs/ort-model.js';

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function inputTensors({ inputs }: OrtModel): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dims, type, data = inputData(elementCount(dims)) }) => [
      name,
      type === 'uint8' ? new Tensor('uint8', toBytes(data), dims) : new Tensor('float32', data, dims),
    ]),
  );
}

/** [−1, 1) as 0 to 255. */
function toBytes(data: Float32Array): Uint8Array {
  return Uint8Array.from(data, (value) => Math.floor((value + 1) * 128));
}

import { Tensor } from 'onnxruntime-node';
import { inputData } from '../../input-data.js';
import type { OrtModel } from '../graphs/ort-model.js';

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function inputTensors({ inputs }: OrtModel): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dims, data = inputData(elementCount(dims)) }) => [
      name,
      new Tensor('float32', data, dims),
    ]),
  );
}

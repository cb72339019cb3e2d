import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxGraph } from '../../formats/onnx/onnx-graph.js';
import { TensorOps } from '../../training/onnxruntime/graph/tensor-ops.js';
import { TRAINING_OPTIONS } from '../../training/onnxruntime/session-options.js';

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Writes a small graph with the training graph's own helpers and runs it once.
 * @param write returns the tensors to read, by a name of the test's choice
 */
export async function runGraph(
  inputs: Readonly<Record<string, NamedTensor>>,
  write: (ops: TensorOps) => Readonly<Record<string, string>>,
): Promise<Record<string, Float32Array>> {
  const graph = new OnnxGraph({ '': 18, 'com.microsoft': 1, 'com.microsoft.nchwc': 1 });
  for (const [name, { shape }] of Object.entries(inputs)) graph.input(name, shape);
  const outputs = write(new TensorOps(graph));
  for (const name of new Set(Object.values(outputs))) graph.output(name, []);
  const session = await InferenceSession.create(graph.encode(), { ...TRAINING_OPTIONS, logSeverityLevel: 4 });
  const feeds = Object.entries(inputs).map(([name, { shape, data }]): [string, Tensor] => [
    name,
    new Tensor('float32', data, [...shape]),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  const read = Object.entries(outputs).map(([key, name]): [string, Float32Array] => [
    key,
    results[name]!.data as Float32Array,
  ]);
  return Object.fromEntries(read);
}

import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Network } from '../../core/network/network.js';
import type { WeightSource } from '../weights/weight-source.js';
import type { ValueRange } from './graphs/graph-emitter.js';
import { emitNetwork } from './graphs/network-graph.js';
import { RangeEmitter } from './graphs/range-emitter.js';
import { dimsOf } from './graphs/tensor.js';

/**
 * Least and largest value of every result that is quantised, in the order of the quantised graph.
 * @param image row-major `[channels, height, width]`
 */
export async function observeRanges(
  network: Network,
  weightsOf: (fused: { readonly nodes: readonly string[] }) => WeightSource,
  image: Float32Array,
): Promise<readonly ValueRange[]> {
  const emitter = new RangeEmitter(weightsOf({ nodes: [] }));
  const output = emitNetwork(emitter, network, weightsOf);
  const outputs = new Map([...emitter.settled, output].map((tensor) => [tensor.name, tensor]));
  for (const tensor of outputs.values()) emitter.graph.output(tensor.name, dimsOf(tensor));
  const session = await InferenceSession.create(emitter.graph.encode(), { logSeverityLevel: 3 });
  const [input] = emitter.declaredInputs;
  const results = await session.run({ [input!.name]: new Tensor('float32', image, input!.dims) });
  await session.release();
  return emitter.settled.map(({ name }) => rangeOf(results[name]!.data as Float32Array));
}

function rangeOf(values: Float32Array): ValueRange {
  return values.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: 0, high: 0 },
  );
}

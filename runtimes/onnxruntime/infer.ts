import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import type { DType } from '../../core/ops/op.js';
import { imageShape } from '../image-shape.js';
import { givenWeights } from '../weights/given-weights.js';
import type { OrtBinding } from './binding/ort-session.js';
import { channelsFirst, channelsLast } from './channel-order.js';
import { GraphEmitter } from './graphs/graph-emitter.js';
import { emitNetwork } from './graphs/network-graph.js';
import { QuantizedEmitter } from './graphs/quantized-emitter.js';
import { observeRanges } from './observe-ranges.js';

/**
 * One inference of a network through the graph that is timed. Quantised ranges are those of the image itself, found by
 * a run in float32.
 */
export async function infer(
  binding: OrtBinding,
  dtype: DType,
  network: Network,
  weights: Weights,
  image: Float32Array,
): Promise<Float32Array> {
  const weightsOf = givenWeights(network, weights);
  const data = channelsFirst(image, imageShape(network));
  // Replaced before the first layer asks.
  const none = weightsOf({ nodes: [] });
  const emitter =
    dtype === 'int8'
      ? new QuantizedEmitter(none, await observeRanges(network, weightsOf, data))
      : new GraphEmitter(none);
  const model = emitter.model(emitNetwork(emitter, network, weightsOf));
  const inputs = model.inputs.map((input) => ({ ...input, data }));
  const session = await binding.open({ ...model, inputs }, 1);
  await session.run();
  const output = channelsLast(session.output(), inferShapes(network).get(network.nodes.at(-1)!.id)!);
  await session.close();
  return output;
}

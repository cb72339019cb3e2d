import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { imageShape } from '../image-shape.js';
import { givenWeights } from '../weights/given-weights.js';
import type { OrtBinding } from './binding/ort-session.js';
import { channelsFirst, channelsLast } from './channel-order.js';
import { buildNetworkGraph } from './graphs/network-graph.js';

/** One inference of a network through the graph that is timed. */
export async function infer(
  binding: OrtBinding,
  network: Network,
  weights: Weights,
  image: Float32Array,
): Promise<Float32Array> {
  const model = buildNetworkGraph(network, givenWeights(network, weights));
  const data = channelsFirst(image, imageShape(network));
  const inputs = model.inputs.map((input) => ({ ...input, data }));
  const session = await binding.open({ ...model, inputs }, 1);
  await session.run();
  const output = channelsLast(session.output(), inferShapes(network).get(network.nodes.at(-1)!.id)!);
  await session.close();
  return output;
}

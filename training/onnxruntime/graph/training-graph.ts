import { LutraError } from '../../../core/errors.js';
import type { Network, Shape } from '../../../core/network/network.js';
import { inferShapes } from '../../../core/network/shapes.js';
import { OnnxGraph } from '../../../formats/onnx/onnx-graph.js';
import { type FlatParameters, flatParameters } from '../flat-parameters.js';
import { depthwise } from './depthwise/depthwise.js';
import type { FeatureMap } from './feature-map.js';
import { fullConv } from './full-conv/full-conv.js';
import type { BlockSize, LayerContext } from './layer-context.js';
import { fuseLayers, type Layer } from './layers.js';
import { ParameterTensors } from './parameter-tensors.js';
import { pointwise } from './pointwise/pointwise.js';
import { singleLayer } from './single-layer.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';
import { Statistics } from './statistics.js';
import { Tape } from './tape.js';
import { TensorOps } from './tensor-ops.js';

/** A model that computes, for one batch, the loss, all gradients and the batch norms' statistics. */
export interface TrainingGraph {
  readonly model: Uint8Array;
  readonly parameters: FlatParameters;
  /** `[height, width, channels]` of the images. */
  readonly imageShape: Shape;
  readonly classes: number;
  /** Shapes of the inputs: `images` `[channels, batch · height · width]`, `targets` `[batch, classes]`, `weights` flat. */
  readonly inputs: {
    readonly images: readonly number[];
    readonly targets: readonly number[];
    readonly weights: readonly number[];
  };
  /** Names of the output tensors; `statistics` is undefined in a network without batch norm. */
  readonly outputs: {
    readonly loss: string;
    readonly gradient: string;
    readonly statistics: string | undefined;
  };
  readonly nodeCount: number;
}

/**
 * Writes forward and backward pass of a network into one ONNX graph, every activation in channel-major layout
 * (./feature-map.ts).
 * @param block channels of a block of the runtime's blocked layout, 0 to do without
 * @throws LutraError `unsupported-op` naming the node
 */
export function buildTrainingGraph(network: Network, batch: number, block: BlockSize): TrainingGraph {
  const parameters = flatParameters(network);
  const imageShape = inferShapes(network).get(network.nodes[0]!.id)!;
  const layers = fuseLayers(network);
  const classes = classesOf(layers.at(-1)!);
  const inputs = {
    images: [imageShape[2], batch * imageShape[0] * imageShape[1]],
    targets: [batch, classes],
    weights: [parameters.trainable.length],
  };

  const graph = new OnnxGraph({ '': 18, 'com.microsoft': 1, 'com.microsoft.nchwc': 1 });
  const ops = new TensorOps(graph);
  const context: LayerContext = {
    ops,
    batch,
    block,
    tape: new Tape(ops, batch),
    parameters: new ParameterTensors(ops, parameters.trainable, graph.input('weights', inputs.weights)),
    statistics: new Statistics(ops, parameters.statistics),
  };
  const images: FeatureMap = {
    tensor: graph.input('images', inputs.images),
    channels: imageShape[2],
    height: imageShape[0],
    width: imageShape[1],
    scale: 1,
    needsGradient: false,
  };
  const logits = writeLayers(context, layers, images);
  ops.scope = 'loss';
  const loss = softmaxCrossEntropy(context, logits, graph.input('targets', inputs.targets));
  context.tape.run();

  ops.scope = 'result';
  const gradient = context.parameters.flatGradient();
  const statistics = context.statistics.flat();
  graph.output(loss, []);
  graph.output(gradient, inputs.weights);
  if (statistics !== undefined) graph.output(statistics, [parameters.statistics.length]);
  return {
    model: graph.encode(),
    parameters,
    imageShape,
    classes,
    inputs,
    outputs: { loss, gradient, statistics },
    nodeCount: graph.nodeCount,
  };
}

function classesOf(last: Layer): number {
  const [height, width, classes] = last.shape;
  if (height === 1 && width === 1) return classes;
  throw new LutraError(
    'unsupported-op',
    `node '${last.output}': expected an output of 1x1xclasses to train on, got ${last.shape.join('x')}`,
  );
}

/** @returns the output of the last layer */
function writeLayers(context: LayerContext, layers: readonly Layer[], images: FeatureMap): FeatureMap {
  const features = new Map<string, FeatureMap>();
  let last = images;
  for (const layer of layers) {
    context.ops.scope = layer.output;
    const isInput = layer.kind === 'single' && layer.node.op === 'input';
    const inputs = layer.inputs.map((id) => features.get(id)!);
    last = isInput ? images : writeLayer(context, layer, inputs);
    features.set(layer.output, last);
  }
  return last;
}

function writeLayer(context: LayerContext, layer: Layer, inputs: readonly FeatureMap[]): FeatureMap {
  const x = inputs[0]!;
  switch (layer.kind) {
    case 'pointwise':
      return pointwise(context, layer, x);
    case 'depthwise':
      return depthwise(context, layer, x);
    case 'fullConv':
      return fullConv(context, layer, x);
    case 'single':
      return singleLayer(context, layer, inputs);
  }
}

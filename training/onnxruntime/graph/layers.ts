import { LutraError } from '../../../core/errors.js';
import { isDepthwise } from '../../../core/network/is-depthwise.js';
import type {
  ActivationKind,
  BatchNormNode,
  Conv2dNode,
  DenseNode,
  LayerNode,
  Network,
  Shape,
} from '../../../core/network/network.js';
import { inferShapes } from '../../../core/network/shapes.js';
import { topologyOf } from '../../../core/network/topology.js';
import { type WindowGeometry, windowGeometry } from '../../../core/network/window-geometry.js';

interface LayerBase {
  /** Ids of the nodes whose outputs it reads. */
  readonly inputs: readonly string[];
  /** Id of the last node it covers. */
  readonly output: string;
  /** `[height, width, channels]` of its output. */
  readonly shape: Shape;
  /** The activation that ends it. */
  readonly activation: ActivationKind | null;
}

/** A product with weights, and the batch norm that follows it. */
interface WeightedLayer extends LayerBase {
  readonly node: Conv2dNode | DenseNode;
  readonly inputShape: Shape;
  readonly batchNorm: BatchNormNode | null;
}

/** 1×1 convolution of stride 1, or a fully connected layer: one matrix product either way. */
export interface PointwiseLayer extends WeightedLayer {
  readonly kind: 'pointwise';
}

/** A convolution with a window, depthwise or full. */
export interface WindowedLayer extends WeightedLayer {
  readonly kind: 'depthwise' | 'fullConv';
  readonly node: Conv2dNode;
  readonly geometry: WindowGeometry;
}

/** A node on its own. */
export interface SingleLayer extends LayerBase {
  readonly kind: 'single';
  readonly node: Exclude<LayerNode, Conv2dNode | DenseNode>;
}

export type Layer = PointwiseLayer | WindowedLayer | SingleLayer;

/**
 * Joins each convolution or dense node with the batch norm and activation that only it feeds. A softmax at the end is
 * left out: the loss contains it.
 * @throws LutraError `unsupported-op` naming the node
 */
export function fuseLayers(network: Network): readonly Layer[] {
  const shapes = inferShapes(network);
  const { soleReader } = topologyOf(network);
  const covered = new Set<number>();
  const layers: Layer[] = [];

  const follower = <Op extends LayerNode['op']>(position: number, op: Op) => {
    const next = network.nodes[soleReader[position]!];
    return next?.op === op ? (next as Extract<LayerNode, { op: Op }>) : null;
  };

  network.nodes.forEach((node, position) => {
    if (covered.has(position)) return;
    let end = position;
    const take = <N extends LayerNode>(next: N | null): N | null => {
      if (next === null) return null;
      end = soleReader[end]!;
      covered.add(end);
      return next;
    };
    const weighted = node.op === 'conv2d' || node.op === 'dense';
    const batchNorm = weighted ? take(follower(end, 'batchNorm')) : null;
    const next = weighted || node.op === 'batchNorm' ? follower(end, 'activation') : null;
    const activation = next?.activation === 'softmax' ? null : take(next);
    const base = {
      inputs: node.inputs,
      output: network.nodes[end]!.id,
      shape: shapes.get(node.id)!,
      activation: activation?.activation ?? null,
    };
    if (isFinalSoftmax(node, position, network)) return;
    if (weighted) layers.push(weightedLayer(node, position, batchNorm, base, shapes));
    else layers.push({ ...base, kind: 'single', node });
  });
  return layers;
}

function isFinalSoftmax(node: LayerNode, position: number, network: Network): boolean {
  return node.op === 'activation' && node.activation === 'softmax' && position === network.nodes.length - 1;
}

/** The transposed product takes away what a window reaches over the border, which is less than the window. */
function checkDepthwisePads({ id, kernel }: Conv2dNode, pads: readonly number[], position: number): void {
  if (pads.every((pad, side) => pad < kernel[side % 2]!)) return;
  throw new LutraError(
    'unsupported-op',
    `node '${id}': expected a depthwise convolution padded by less than its kernel of ${kernel.join('x')}, got ${pads.join(', ')}`,
    { pointer: `/nodes/${position}/padding` },
  );
}

function weightedLayer(
  node: Conv2dNode | DenseNode,
  position: number,
  batchNorm: BatchNormNode | null,
  base: LayerBase,
  shapes: ReadonlyMap<string, Shape>,
): Layer {
  const inputShape = shapes.get(node.inputs[0]!)!;
  const layer = { ...base, inputShape, batchNorm };
  if (node.op === 'dense') return { ...layer, kind: 'pointwise', node };
  const geometry = windowGeometry(inputShape, node.kernel, node.stride, node.padding);
  if (isDepthwise(node, inputShape[2])) {
    checkDepthwisePads(node, geometry.pads, position);
    return { ...layer, kind: 'depthwise', node, geometry };
  }
  if (node.groups !== 1) {
    throw new LutraError(
      'unsupported-op',
      `node '${node.id}': expected a convolution of 1 group or a depthwise one, got ${node.groups} groups`,
      { pointer: `/nodes/${position}/groups` },
    );
  }
  const window = [...node.kernel, ...node.stride];
  const isPointwise = window.every((size) => size === 1) && geometry.pads.every((pad) => pad === 0);
  if (isPointwise) return { ...layer, kind: 'pointwise', node };
  return { ...layer, kind: 'fullConv', node, geometry };
}

import type { LayerNode, Network, Shape } from '../network/network.js';
import { shapesByPosition } from '../network/shapes.js';
import { type Topology, topologyOf } from '../network/topology.js';
import type { DType } from './op.js';

/** A network by position: nodes, shapes, inputs and readers, for matching without look-ups by id. */
export class NetworkView {
  private readonly nodes: readonly LayerNode[];
  private readonly shapes: readonly Shape[];
  private readonly topology: Topology;

  /**
   * @param dtype of the ops that are found in it
   * @throws LutraError `invalid-network`
   */
  constructor(
    network: Network,
    readonly dtype: DType,
  ) {
    this.nodes = network.nodes;
    this.shapes = shapesByPosition(network);
    this.topology = topologyOf(network);
  }

  node(position: number): LayerNode {
    return this.nodes[position]!;
  }

  /** Shape `[height, width, channels]` of a node's output. */
  shape(position: number): Shape {
    return this.shapes[position]!;
  }

  inputs(position: number): readonly number[] {
    return this.topology.inputs[position]!;
  }

  /** Shape `[height, width, channels]` of a node's first input. */
  inputShape(position: number): Shape {
    return this.shape(this.inputs(position)[0]!);
  }

  /** The only reader of a node's result if it is of that kind, else undefined. */
  soleReader<Kind extends LayerNode['op']>(
    position: number,
    kind: Kind,
  ): { readonly position: number; readonly node: Extract<LayerNode, { op: Kind }> } | undefined {
    const reader = this.topology.soleReader[position]!;
    if (reader === -1) return undefined;
    const node = this.nodes[reader]!;
    return isKind(node, kind) ? { position: reader, node } : undefined;
  }
}

function isKind<Kind extends LayerNode['op']>(
  node: LayerNode,
  kind: Kind,
): node is Extract<LayerNode, { op: Kind }> {
  return node.op === kind;
}

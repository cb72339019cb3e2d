import {
  type ChannelLayout,
  flattenedLayout,
  joinedLayout,
  layoutOf,
  sameBoundaries,
  spansOf,
  variablesOf,
} from './channel-layout.js';
import { isDepthwise } from './is-depthwise.js';
import type { Conv2dNode, DenseNode, LayerNode, Network, Shape } from './network.js';
import { inferShapes } from './shapes.js';
import { UnionFind } from './union-find.js';
import type { WeightCut, WidthGroup } from './width-groups.js';

/** A node whose own width attribute changes with a group: by `occurrences` for each channel of the group. */
export interface WidthBearer {
  /** Index in `network.nodes`. */
  readonly position: number;
  readonly occurrences: number;
}

export interface WidthAnalysis {
  readonly groups: readonly WidthGroup[];
  readonly groupById: ReadonlyMap<string, WidthGroup>;
  /** By group id. */
  readonly bearers: ReadonlyMap<string, readonly WidthBearer[]>;
}

const known = new WeakMap<Network, WidthAnalysis>();

/**
 * Finds what changes with each width, by one union-find over the channel equalities that the nodes impose.
 * @throws LutraError `invalid-network`
 */
export function analyseWidths(network: Network): WidthAnalysis {
  const remembered = known.get(network);
  if (remembered !== undefined) return remembered;
  const analysis = new WidthConstraints(network).solve();
  known.set(network, analysis);
  return analysis;
}

/** Walks the nodes once: gives each new width a variable, ties variables that must be equal, notes what they cut. */
class WidthConstraints {
  private readonly sets = new UnionFind();
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly layouts = new Map<string, ChannelLayout>();
  /** By variable: the node that introduced it, its channels. */
  private readonly origins: { readonly node: LayerNode; readonly channels: number }[] = [];
  private readonly frozen = new Map<number, string>();
  private readonly cuts: { readonly variable: number; readonly cut: WeightCut }[] = [];
  private readonly bearers: {
    readonly variable: number;
    readonly bearer: WidthBearer;
    readonly sole: boolean;
  }[] = [];

  constructor(private readonly network: Network) {
    this.shapes = inferShapes(network);
  }

  solve(): WidthAnalysis {
    this.network.nodes.forEach((node, position) => {
      this.layouts.set(node.id, this.visit(node, position));
    });
    const output = this.network.nodes.at(-1)!;
    this.freeze(this.layouts.get(output.id)!, `the output has ${this.shapes.get(output.id)![2]} channels`);
    return this.collect();
  }

  private visit(node: LayerNode, position: number): ChannelLayout {
    const inputs = node.inputs.map((id) => this.layouts.get(id)!);
    const [first, second] = inputs as [ChannelLayout, ChannelLayout];
    switch (node.op) {
      case 'input': {
        const layout = this.introduce(node, node.shape[2]);
        this.freeze(layout, `the input has ${node.shape[2]} channels`);
        return layout;
      }
      case 'conv2d':
        return this.visitConv(node, position, first);
      case 'dense':
        return this.visitProducer(node, position, first, node.units);
      case 'batchNorm':
        for (const role of ['gamma', 'beta', 'mean', 'variance']) this.cut(`${node.id}/${role}`, 0, first);
        return first;
      case 'add':
      case 'mul':
        this.tie(first, second, node);
        return first;
      case 'concat':
        return joinedLayout(inputs);
      case 'flatten':
        return this.visitFlatten(node, first);
      default:
        return first;
    }
  }

  private visitConv(node: Conv2dNode, position: number, input: ChannelLayout): ChannelLayout {
    const inputChannels = this.shapes.get(node.inputs[0]!)![2];
    if (isDepthwise(node, inputChannels)) {
      this.cutOutputs(node, input);
      this.bear(position, input);
      return input;
    }
    const output = this.visitProducer(node, position, input, node.filters);
    if (node.groups > 1) {
      const reason = `'${node.id}' is a convolution in ${node.groups} groups`;
      this.freeze(input, reason);
      this.freeze(output, reason);
    }
    return output;
  }

  private visitProducer(
    node: Conv2dNode | DenseNode,
    position: number,
    input: ChannelLayout,
    width: number,
  ): ChannelLayout {
    const output = this.introduce(node, width);
    this.cut(`${node.id}/kernel`, 1, input);
    this.cutOutputs(node, output);
    this.bear(position, output);
    return output;
  }

  private visitFlatten(node: LayerNode, input: ChannelLayout): ChannelLayout {
    const flattened = flattenedLayout(input, this.shapes.get(node.inputs[0]!)!);
    if (flattened !== undefined) return flattened;
    const opaque = this.introduce(node, this.shapes.get(node.id)![2]);
    const reason = `'${node.id}' flattens channels that were flattened before`;
    this.freeze(input, reason);
    this.freeze(opaque, reason);
    return opaque;
  }

  private introduce(node: LayerNode, channels: number): ChannelLayout {
    this.origins.push({ node, channels });
    return layoutOf(this.sets.add(), channels);
  }

  private tie(a: ChannelLayout, b: ChannelLayout, node: LayerNode): void {
    if (sameBoundaries(a, b)) {
      const others = variablesOf(b);
      variablesOf(a).forEach((variable, index) => {
        this.sets.union(variable, others[index]!);
      });
      return;
    }
    const reason = `'${node.id}' joins channels that are concatenated differently`;
    this.freeze(a, reason);
    this.freeze(b, reason);
  }

  private freeze(layout: ChannelLayout, reason: string): void {
    for (const variable of variablesOf(layout)) {
      if (!this.frozen.has(variable)) this.frozen.set(variable, reason);
    }
  }

  private cutOutputs(node: Conv2dNode | DenseNode, layout: ChannelLayout): void {
    this.cut(`${node.id}/kernel`, 0, layout);
    if (node.bias) this.cut(`${node.id}/bias`, 0, layout);
  }

  private cut(weight: string, axis: number, layout: ChannelLayout): void {
    for (const { variable, offset, repeat, stride } of spansOf(layout)) {
      this.cuts.push({ variable, cut: { weight, axis, offset, repeat, stride } });
    }
  }

  private bear(position: number, layout: ChannelLayout): void {
    const spans = spansOf(layout);
    const sole = spans.length === 1 && spans[0]!.repeat === 1;
    for (const { variable, repeat } of spans) {
      this.bearers.push({ variable, bearer: { position, occurrences: repeat }, sole });
    }
  }

  private collect(): WidthAnalysis {
    const frozenBecause = new Map<number, string>();
    for (const [variable, reason] of this.frozen) {
      const root = this.sets.find(variable);
      if (!frozenBecause.has(root)) frozenBecause.set(root, reason);
    }
    const cuts = groupBy(this.cuts, ({ variable }) => this.sets.find(variable));
    const bearers = groupBy(this.bearers, ({ variable }) => this.sets.find(variable));
    const groups = new Map<string, WidthGroup>();
    const bearersById = new Map<string, readonly WidthBearer[]>();
    this.origins.forEach(({ node, channels }, variable) => {
      if (this.sets.find(variable) !== variable) return;
      const mine = bearers.get(variable) ?? [];
      const reason = frozenBecause.get(variable);
      groups.set(node.id, {
        id: node.id,
        width: channels,
        frozen: reason !== undefined,
        ...(reason !== undefined && { frozenBecause: reason }),
        producers: mine
          .filter(({ sole }) => sole)
          .map(({ bearer }) => this.network.nodes[bearer.position]!.id),
        cuts: (cuts.get(variable) ?? []).map(({ cut }) => cut),
      });
      bearersById.set(
        node.id,
        mine.map(({ bearer }) => bearer),
      );
    });
    return { groups: [...groups.values()], groupById: groups, bearers: bearersById };
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): ReadonlyMap<number, readonly T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

import { checkLimits } from '../network/check-limits.js';
import type { ActivationKind, LayerNode, Network, Shape } from '../network/network.js';

/** Epsilon of every batch norm in the zoo, as in the published MobileNetV3. */
const BATCH_NORM_EPSILON = 1e-3;

export interface ConvOptions {
  readonly filters: number;
  /** Rows and columns of the square kernel. */
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Null = none. */
  readonly activation: ActivationKind | null;
}

/** Adds nodes one after the other; every method takes and returns the id of a node whose output it reads or makes. */
export class NetworkBuilder {
  private readonly nodes: LayerNode[] = [];
  private readonly channels = new Map<string, number>();

  constructor(private readonly name: string) {}

  /** Channels of a node's output. */
  channelsOf(id: string): number {
    return this.channels.get(id)!;
  }

  /** @param shape `[height, width, channels]` */
  input(shape: Shape): string {
    return this.push({ id: 'input', op: 'input', inputs: [], shape }, shape[2]);
  }

  /** Convolution, batch norm and activation: `<prefix>/conv`, `/bn`, and the activation's name. */
  convBlock(prefix: string, input: string, options: ConvOptions): string {
    return this.normalized(prefix, input, options, 1);
  }

  /** Depthwise convolution, batch norm and activation, named as in {@link convBlock}. */
  depthwiseBlock(prefix: string, input: string, options: Omit<ConvOptions, 'filters'>): string {
    const filters = this.channelsOf(input);
    return this.normalized(prefix, input, { ...options, filters }, filters);
  }

  /** 1×1 convolution with bias, without batch norm. */
  biasedPointwise(id: string, input: string, filters: number): string {
    const [kernel, stride] = [[1, 1] as const, [1, 1] as const];
    return this.push(
      { id, op: 'conv2d', inputs: [input], filters, kernel, stride, padding: 'same', groups: 1, bias: true },
      filters,
    );
  }

  activation(id: string, input: string, activation: ActivationKind): string {
    return this.push({ id, op: 'activation', inputs: [input], activation }, this.channelsOf(input));
  }

  add(id: string, first: string, second: string): string {
    return this.push({ id, op: 'add', inputs: [first, second] }, this.channelsOf(first));
  }

  /** Product; the second input may be `[1, 1, C]`. */
  mul(id: string, first: string, second: string): string {
    return this.push({ id, op: 'mul', inputs: [first, second] }, this.channelsOf(first));
  }

  globalAvgPool(id: string, input: string): string {
    return this.push({ id, op: 'globalAvgPool', inputs: [input] }, this.channelsOf(input));
  }

  /** Fully connected layer with bias. */
  dense(id: string, input: string, units: number): string {
    return this.push({ id, op: 'dense', inputs: [input], units, bias: true }, units);
  }

  /**
   * The network whose output is the node added last. What the builder adds is well-formed (a test parses every zoo
   * network); options can only make it too large.
   * @throws LutraError `invalid-network` when the options lead beyond the limits of a network
   */
  build(): Network {
    const network = { name: this.name, nodes: this.nodes };
    checkLimits(network, '');
    return network;
  }

  private normalized(prefix: string, input: string, options: ConvOptions, groups: number): string {
    const { filters, kernel, stride = 1, activation } = options;
    const conv = this.push(
      {
        id: `${prefix}/conv`,
        op: 'conv2d',
        inputs: [input],
        filters,
        kernel: [kernel, kernel],
        stride: [stride, stride],
        padding: 'same',
        groups,
        bias: false,
      },
      filters,
    );
    const norm = this.push(
      { id: `${prefix}/bn`, op: 'batchNorm', inputs: [conv], epsilon: BATCH_NORM_EPSILON },
      filters,
    );
    return activation === null ? norm : this.activation(`${prefix}/${activation}`, norm, activation);
  }

  private push(node: LayerNode, channels: number): string {
    this.nodes.push(node);
    this.channels.set(node.id, channels);
    return node.id;
  }
}

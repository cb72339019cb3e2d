/**
 * The typed graph that Lutra reasons about. One input, nodes in topological order, the last node is the
 * output. Weights live apart ({@link ./weights.ts}); widths are attributes of `conv2d` and `dense` nodes, every
 * other shape follows from them.
 */

/** A feature map without its batch axis: `[height, width, channels]`. A vector of n values is `[1, 1, n]`. */
export type Shape = readonly [height: number, width: number, channels: number];

/**
 * `same` is TensorFlow's rule: output = ceil(input / stride), an odd surplus goes to the bottom and right.
 * `valid` pads nothing. A tuple pads explicitly, in pixels.
 */
export type Padding = 'same' | 'valid' | readonly [top: number, right: number, bottom: number, left: number];

export type ActivationKind = 'relu' | 'relu6' | 'hswish' | 'hsigmoid' | 'swish' | 'sigmoid' | 'softmax';

interface NodeBase {
  /** Unique within the network: 1–128 characters of `[A-Za-z0-9_./-]`, starting with a letter or digit. */
  readonly id: string;
  /** Ids of earlier nodes. */
  readonly inputs: readonly string[];
}

export interface InputNode extends NodeBase {
  readonly op: 'input';
  readonly shape: Shape;
}

export interface Conv2dNode extends NodeBase {
  readonly op: 'conv2d';
  /** Output channels. */
  readonly filters: number;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: Padding;
  /** 1 = dense convolution; equal to the input channels *and* `filters` = depthwise. */
  readonly groups: number;
  readonly bias: boolean;
}

export interface BatchNormNode extends NodeBase {
  readonly op: 'batchNorm';
  readonly epsilon: number;
}

export interface ActivationNode extends NodeBase {
  readonly op: 'activation';
  readonly activation: ActivationKind;
}

/** Element-wise sum of equal shapes. */
export interface AddNode extends NodeBase {
  readonly op: 'add';
}

/** Element-wise product; one input may be `[1, 1, C]`, spread over height and width (squeeze-excite). */
export interface MulNode extends NodeBase {
  readonly op: 'mul';
}

/** Joins channels. */
export interface ConcatNode extends NodeBase {
  readonly op: 'concat';
}

/** `[H, W, C]` → `[1, 1, C]`. */
export interface GlobalAvgPoolNode extends NodeBase {
  readonly op: 'globalAvgPool';
}

export interface PoolNode extends NodeBase {
  readonly op: 'avgPool' | 'maxPool';
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** `[H, W, C]` → `[1, 1, H·W·C]`, row by row, channels last. */
export interface FlattenNode extends NodeBase {
  readonly op: 'flatten';
}

/** Fully connected layer over a `[1, 1, C]` input. */
export interface DenseNode extends NodeBase {
  readonly op: 'dense';
  readonly units: number;
  readonly bias: boolean;
}

export type LayerNode =
  | InputNode
  | Conv2dNode
  | BatchNormNode
  | ActivationNode
  | AddNode
  | MulNode
  | ConcatNode
  | GlobalAvgPoolNode
  | PoolNode
  | FlattenNode
  | DenseNode;

export interface Network {
  /** For people; no part of the content hash. */
  readonly name: string;
  /** Topological order; the first is the only `input`, the last is the output. */
  readonly nodes: readonly LayerNode[];
}

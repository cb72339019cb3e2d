import type { ActivationKind, Padding, Shape } from '../network/network.js';

/** Element type that an op computes in. `int8`: 8-bit activations and weights, 32-bit sums and biases. */
export type DType = 'float32' | 'int8';

interface OpBase {
  readonly dtype: DType;
}

interface WindowFields {
  readonly input: Shape;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly padding: Padding;
}

interface ConvFields extends WindowFields {
  /** Whether a tensor of the output's shape is added to the result, before the activation. */
  readonly residual: boolean;
  /** Applied last; null = none. */
  readonly activation: ActivationKind | null;
}

/** Convolution with batch norm or bias, residual add and activation folded in. */
export interface Conv2dOp extends OpBase, ConvFields {
  readonly kind: 'conv2d';
  readonly filters: number;
  readonly groups: number;
}

/** Convolution that filters every channel on its own, with the same things folded in; 2 channels or more. */
export interface DepthwiseOp extends OpBase, ConvFields {
  readonly kind: 'depthwise';
}

/**
 * Squeeze-excite as a whole: global average pool, 1×1 to `squeeze` channels with bias and `activation`, 1×1 back with
 * bias and `gate`, and the product with the input.
 */
export interface SqueezeExciteOp extends OpBase {
  readonly kind: 'squeezeExcite';
  readonly input: Shape;
  readonly squeeze: number;
  readonly activation: ActivationKind;
  readonly gate: ActivationKind;
}

export interface GlobalAvgPoolOp extends OpBase {
  readonly kind: 'globalAvgPool';
  readonly input: Shape;
}

export interface PoolOp extends OpBase, WindowFields {
  readonly kind: 'avgPool' | 'maxPool';
}

/** Fully connected layer with batch norm or bias and activation folded in. */
export interface DenseOp extends OpBase {
  readonly kind: 'dense';
  /** Input channels. */
  readonly inputs: number;
  readonly units: number;
  readonly activation: ActivationKind | null;
}

/** An activation that follows nothing it could be folded into. */
export interface ActivationOp extends OpBase {
  readonly kind: 'activation';
  readonly input: Shape;
  readonly activation: ActivationKind;
}

/** A sum of equal shapes that no convolution takes in. */
export interface AddOp extends OpBase {
  readonly kind: 'add';
  readonly input: Shape;
}

/** A product that is no part of a squeeze-excite. */
export interface MulOp extends OpBase {
  readonly kind: 'mul';
  /** The larger of the two inputs. */
  readonly input: Shape;
  /** Whether the other input is `[1, 1, C]` and spread over height and width. */
  readonly spread: boolean;
}

export interface ConcatOp extends OpBase {
  readonly kind: 'concat';
  /** Equal height and width, 2 inputs or more. */
  readonly inputs: readonly Shape[];
}

export interface FlattenOp extends OpBase {
  readonly kind: 'flatten';
  readonly input: Shape;
}

/** A batch norm that follows nothing it could be folded into. */
export interface BatchNormOp extends OpBase {
  readonly kind: 'batchNorm';
  readonly input: Shape;
}

/** What a runtime executes as one unit, as far as its latency depends on it. Never a layer's name. */
export type Op =
  | Conv2dOp
  | DepthwiseOp
  | SqueezeExciteOp
  | GlobalAvgPoolOp
  | PoolOp
  | DenseOp
  | ActivationOp
  | AddOp
  | MulOp
  | ConcatOp
  | FlattenOp
  | BatchNormOp;

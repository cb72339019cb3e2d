/**
 * Weights of a network, by `<node id>/<role>`. Output channels always come first, so keeping filters is keeping rows.
 *
 * | node | role → shape |
 * | --- | --- |
 * | conv2d | `kernel` `[filters, inChannels / groups, kernelHeight, kernelWidth]`, `bias` `[filters]` |
 * | dense | `kernel` `[units, inChannels]`, `bias` `[units]` |
 * | batchNorm | `gamma`, `beta`, `mean`, `variance`: `[channels]` each |
 */
export interface WeightTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export type Weights = ReadonlyMap<string, WeightTensor>;

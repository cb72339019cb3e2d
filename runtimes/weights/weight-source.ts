/**
 * Where an op's parameters come from while a runtime builds it, batch norm folded. An op asks for them in the order in
 * which it computes: kernel, bias, next kernel, …
 */
export interface WeightSource {
  /** @param shape `[filters, channels / groups, height, width]` or `[units, channels]`; row-major, like the result */
  kernel(shape: readonly number[]): Float32Array;
  bias(length: number): Float32Array;
  /** Of a batch norm that stands alone. */
  batchNorm(channels: number): BatchNormParameters;
}

/** `[channels]` each; {@link BATCH_NORM_EPSILON} is to be added to the variance. */
export interface BatchNormParameters {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

export const BATCH_NORM_EPSILON = 1e-5;

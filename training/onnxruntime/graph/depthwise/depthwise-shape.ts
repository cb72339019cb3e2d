/** Extents of a depthwise convolution on a batch in channel-major layout. */
export interface DepthwiseShape {
  readonly batch: number;
  readonly channels: number;
  /** Input `[height, width]`. */
  readonly input: readonly [height: number, width: number];
  /** Output `[height, width]`. */
  readonly output: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly pads: readonly [top: number, right: number, bottom: number, left: number];
}

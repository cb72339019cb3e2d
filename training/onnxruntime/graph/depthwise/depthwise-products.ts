/** What the products read: the input's tensor and a kernel for it. */
export interface DepthwiseOperands {
  /** `[channels, batch · height · width]` */
  readonly x: string;
  /** The kernel w, `[channels, taps]`; a tap is one position of the window, row by row. */
  readonly kernel: string;
  /** Factor on the kernel in `forward` only: undoes the scale of x's tensor, applies that of z's. */
  readonly forwardScale: number;
}

/** The three products of a depthwise convolution z = x ∗ w on channel-major maps. */
export interface DepthwiseProducts {
  /** z = x ∗ w, `[channels, batch · outputHeight · outputWidth]` */
  forward(): string;
  /**
   * dx = dz ⋆ w, the transposed convolution.
   * @param factor `[channels, 1]` on each channel's kernel; null for none
   */
  inputGradient(dz: string, factor: string | null): string;
  /** dw = x ⋆ dz, summed over the batch: `[channels, taps]`, of x's tensor as it is. */
  kernelGradient(dz: string): string;
}

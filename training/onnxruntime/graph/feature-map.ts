/**
 * What the last row of a feature map's tensor holds beside its channels. A row of ones makes biases, means and bias
 * gradients come out of the matrix products of the next 1×1 convolution; zeros are what a residual branch adds to it.
 */
export type ExtraRow = 'none' | 'ones' | 'zeros';

/**
 * A node's output in channel-major layout: `[channels (+ 1 extra row), batch · height · width]`, so that a 1×1
 * convolution of the whole batch is one matrix product. The value of a channel is `scale · tensor`: constant factors
 * of activations travel here until a layer can fold them into its weights. The extra row holds its value as it is.
 */
export interface FeatureMap {
  readonly tensor: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  readonly extraRow: ExtraRow;
  /** False for the images: nothing before them learns. */
  readonly needsGradient: boolean;
}

/** Rows of the tensor. */
export function rowsOf(feature: FeatureMap): number {
  return feature.channels + (feature.extraRow === 'none' ? 0 : 1);
}

export function pixelsOf(feature: FeatureMap): number {
  return feature.height * feature.width;
}

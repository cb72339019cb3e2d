/**
 * A node's output in channel-major layout: `[channels, batch · height · width]`, so that a 1×1 convolution of the whole
 * batch is one matrix product. The value of a channel is `scale · tensor`: constant factors of activations travel here
 * until a layer can fold them into its weights.
 */
export interface FeatureMap {
  readonly tensor: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  /** False for the images: nothing before them learns. */
  readonly needsGradient: boolean;
}

export function pixelsOf(feature: FeatureMap): number {
  return feature.height * feature.width;
}

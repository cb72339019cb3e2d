import type { PointwiseLayer } from '../layers.js';

/**
 * Folding costs two products of input channels × input channels for each pixel, and saves about eight passes over the
 * output: it pays where the input is narrow, as in expansions, stems and heads.
 */
const MOST_SQUARE_PER_OUTPUT = 24;
/** Beyond this the moments themselves stop being small. */
const MOST_CHANNELS = 128;

/** Whether a layer's batch norm is folded into its product (./folded-pointwise.ts). */
export function foldsBatchNorm(layer: PointwiseLayer): boolean {
  if (layer.batchNorm === null || layer.node.bias) return false;
  const inputChannels = layer.inputShape[2];
  const outputChannels = layer.shape[2];
  return inputChannels <= MOST_CHANNELS && inputChannels ** 2 <= MOST_SQUARE_PER_OUTPUT * outputChannels;
}

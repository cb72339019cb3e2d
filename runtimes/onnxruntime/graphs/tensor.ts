import type { Shape } from '../../../core/network/network.js';
import type { Dims } from './ort-model.js';

/**
 * A tensor of a measured graph. A `[1, 1, C]` shape is `[1, C]` behind a fully connected layer (`vector`) and
 * `[1, C, 1, 1]` elsewhere (`map`).
 */
export interface GraphTensor {
  readonly name: string;
  /** `[height, width, channels]` */
  readonly shape: Shape;
  readonly rank: 'map' | 'vector';
}

/** Dimensions as onnxruntime sees them: `[1, channels, height, width]` or `[1, channels]`. */
export function dimsOf({
  shape: [height, width, channels],
  rank,
}: Pick<GraphTensor, 'shape' | 'rank'>): Dims {
  return rank === 'map' ? [1, channels, height, width] : [1, channels];
}

import type { DType } from '../../../core/ops/op.js';
import type { WeightSource } from '../../weights/weight-source.js';
import { GraphEmitter } from './graph-emitter.js';
import { QuantizedEmitter } from './quantized-emitter.js';

/** Builds graphs that are only timed. */
export function emitterFor(dtype: DType, weights: WeightSource): GraphEmitter {
  return dtype === 'int8' ? new QuantizedEmitter(weights) : new GraphEmitter(weights);
}

import { GraphEmitter, type ValueRange } from './graph-emitter.js';
import type { OrtInput } from './ort-model.js';
import type { GraphTensor } from './tensor.js';

/** Builds the float32 graph and notes every result that a {@link QuantizedEmitter} would quantise, in its order. */
export class RangeEmitter extends GraphEmitter {
  readonly settled: GraphTensor[] = [];

  get declaredInputs(): readonly OrtInput[] {
    return this.inputs;
  }

  protected override settle(result: GraphTensor, _range?: ValueRange): GraphTensor {
    this.settled.push(result);
    return result;
  }
}

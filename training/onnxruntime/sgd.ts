import type { StepOptions } from '../trainer.js';
import type { FlatLayout } from './flat-parameters.js';

/** SGD with momentum over flat vectors: `v ← momentum·v + g + weightDecay·w; w ← w − learningRate·v`. */
export class Sgd {
  private readonly velocity: Float32Array;

  constructor(private readonly layout: FlatLayout) {
    this.velocity = new Float32Array(layout.length);
  }

  /** Changes `weights` in place. Only kernels decay. */
  step(weights: Float32Array, gradients: Float32Array, options: StepOptions): void {
    const { learningRate, momentum = 0.9, weightDecay = 0 } = options;
    const { velocity } = this;
    for (const { name, offset, length } of this.layout.entries) {
      const decay = name.endsWith('/kernel') ? weightDecay : 0;
      const end = offset + length;
      for (let i = offset; i < end; i++) {
        const v = momentum * velocity[i]! + gradients[i]! + decay * weights[i]!;
        velocity[i] = v;
        weights[i] = weights[i]! - learningRate * v;
      }
    }
  }
}

import { seededRng } from '../../core/random.js';
import type { BatchNormParameters, WeightSource } from './weight-source.js';

const POOL_LENGTH = 1 << 20;
const pool = makePool();

function makePool(): Float32Array {
  const rng = seededRng(1);
  return Float32Array.from({ length: POOL_LENGTH }, () => rng() * 2 - 1);
}

/**
 * Weights for graphs that are only timed: scaled so that activations neither vanish nor explode, since denormal numbers
 * would take longer. Drawn from one pool, as drawing millions of numbers would take longer than measuring.
 */
export class RandomWeights implements WeightSource {
  private offset = 0;

  /** A kernel of uniform numbers with variance 1 / fan-in. */
  kernel(shape: readonly number[]): Float32Array {
    const length = shape.reduce((product, dim) => product * dim, 1);
    return this.draw(length, Math.sqrt((3 * shape[0]!) / length));
  }

  bias(length: number): Float32Array {
    return this.draw(length, 0.1);
  }

  batchNorm(channels: number): BatchNormParameters {
    const positive = () => this.draw(channels, 0.5).map((value) => value + 1);
    return {
      gamma: positive(),
      beta: this.bias(channels),
      mean: this.bias(channels),
      variance: positive(),
    };
  }

  private draw(length: number, scale: number): Float32Array {
    const drawn = new Float32Array(length);
    for (let i = 0; i < length; i++) drawn[i] = pool[(this.offset + i) % POOL_LENGTH]! * scale;
    this.offset = (this.offset + length + 7919) % POOL_LENGTH;
    return drawn;
  }
}

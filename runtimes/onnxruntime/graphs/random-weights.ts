import { seededRng } from '../../../core/random.js';
import type { OnnxGraph } from '../../../formats/onnx/onnx-graph.js';

const POOL_LENGTH = 1 << 20;
const pool = makePool();

function makePool(): Float32Array {
  const rng = seededRng(1);
  return Float32Array.from({ length: POOL_LENGTH }, () => rng() * 2 - 1);
}

/**
 * Makes weights for graphs that are only timed: scaled so that activations neither vanish nor explode, since
 * denormal numbers would take longer. Drawn from one pool, as drawing millions of numbers would take longer than
 * measuring.
 */
export class RandomWeights {
  private offset = 0;

  constructor(private readonly graph: OnnxGraph) {}

  /** A kernel of uniform numbers with variance 1 / fan-in. */
  kernel(shape: readonly number[], fanIn: number): string {
    return this.graph.initializer(shape, this.draw(count(shape), Math.sqrt(3 / fanIn)));
  }

  bias(length: number): string {
    return this.graph.initializer([length], this.draw(length, 0.1));
  }

  /** Numbers in [0.5, 1.5): variances and scales. */
  positive(length: number): string {
    return this.graph.initializer(
      [length],
      this.draw(length, 0.5).map((value) => value + 1),
    );
  }

  private draw(length: number, scale: number): Float32Array {
    const drawn = new Float32Array(length);
    for (let i = 0; i < length; i++) drawn[i] = pool[(this.offset + i) % POOL_LENGTH]! * scale;
    this.offset = (this.offset + length + 7919) % POOL_LENGTH;
    return drawn;
  }
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

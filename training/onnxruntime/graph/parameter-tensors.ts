import type { FlatLayout } from '../flat-parameters.js';
import type { TensorOps } from './tensor-ops.js';

/** The weights as tensors inside the graph (one flat input, split), and their gradients on the way out. */
export class ParameterTensors {
  private readonly vectors = new Map<string, string>();
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly gradients = new Map<string, string>();
  private readonly matrices = new Map<string, string>();

  /** @param flat the graph input that holds all weights of `layout` */
  constructor(
    private readonly ops: TensorOps,
    private readonly layout: FlatLayout,
    flat: string,
  ) {
    const { entries } = layout;
    const lengths = ops.graph.ints(entries.map(({ length }) => length));
    const parts = ops.outputsOf('Split', [flat, lengths], entries.length, { axis: { int: 0 } });
    entries.forEach(({ name, shape }, index) => {
      this.vectors.set(name, parts[index]!);
      this.shapes.set(name, shape);
    });
  }

  /** All elements of a weight, in one axis. */
  vector(name: string): string {
    return this.vectors.get(name)!;
  }

  /** Rows of outputs, columns of everything that one output reads: a vector becomes a column. */
  matrix(name: string): string {
    const known = this.matrices.get(name);
    if (known !== undefined) return known;
    const [rows, ...rest] = this.shapes.get(name)! as [number, ...number[]];
    const columns = rest.reduce((product, size) => product * size, 1);
    const matrix = this.ops.reshape(this.vector(name), [rows, columns]);
    this.matrices.set(name, matrix);
    return matrix;
  }

  /** @param gradient a tensor with the weight's elements in their order, of any shape */
  setGradient(name: string, gradient: string): void {
    this.gradients.set(name, gradient);
  }

  /** All gradients in the order of the layout, as one vector. */
  flatGradient(): string {
    const parts = this.layout.entries.map(({ name }) => this.ops.reshape(this.gradients.get(name)!, [-1]));
    return this.ops.concat(parts, 0);
  }
}

import type { FlatLayout } from '../flat-parameters.js';
import type { TensorOps } from './tensor-ops.js';

/** Means and variances of the batch, collected from all batch norms. */
export class Statistics {
  private readonly vectors = new Map<string, string>();

  constructor(
    private readonly ops: TensorOps,
    private readonly layout: FlatLayout,
  ) {}

  /**
   * @param node id of the batch norm
   * @param mean `[channels]`, any rank
   * @param variance the batch's own, not Bessel's
   */
  set(node: string, mean: string, variance: string): void {
    this.vectors.set(`${node}/mean`, mean);
    this.vectors.set(`${node}/variance`, variance);
  }

  /** All of them in the order of the layout; undefined when the network has no batch norm. */
  flat(): string | undefined {
    if (this.layout.length === 0) return undefined;
    const parts = this.layout.entries.map(({ name }) => this.ops.reshape(this.vectors.get(name)!, [-1]));
    return this.ops.concat(parts, 0);
  }
}

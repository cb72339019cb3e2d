import type { FeatureMap } from './feature-map.js';
import { type GradientTerm, sumOfTerms } from './gradient-terms.js';
import type { TensorOps } from './tensor-ops.js';

/**
 * Reverse-mode bookkeeping: layers record how they pass gradients on, in forward order; `run` calls them backwards.
 * The gradient of a feature map is that of its *values* (`scale · tensor`).
 */
export class Tape {
  private readonly rules: { readonly scope: string; readonly rule: () => void }[] = [];
  private readonly terms = new Map<FeatureMap, GradientTerm[]>();

  constructor(
    private readonly ops: TensorOps,
    private readonly batch: number,
  ) {}

  /** Records the backward rule of what the layer has just built. */
  onBackward(rule: () => void): void {
    this.rules.push({ scope: `${this.ops.scope}/backward`, rule });
  }

  /** Adds one consumer's share to the gradient of a feature map. */
  addGradient(feature: FeatureMap, term: GradientTerm): void {
    const known = this.terms.get(feature);
    if (known === undefined) this.terms.set(feature, [term]);
    else known.push(term);
  }

  /** The gradient of a feature map, all consumers' shares summed: `[channels, batch · height · width]`. */
  gradientOf(feature: FeatureMap): string {
    const terms = this.terms.get(feature) ?? [];
    return sumOfTerms(this.ops, feature, this.batch, terms);
  }

  run(): void {
    for (const { scope, rule } of this.rules.reverse()) {
      this.ops.scope = scope;
      rule();
    }
  }
}

import type { TensorOps } from '../tensor-ops.js';

/** An activation as it was written into the graph. */
export interface Activated {
  /** Values divided by `scale`. */
  readonly tensor: string;
  readonly scale: number;
  /**
   * @param gradient of the values
   * @returns the gradient of the pre-activation's values
   */
  backward(gradient: string): string;
}

/** How one kind of activation is written, forward and backward, in as few passes over the tensor as can be. */
export interface ActivationRule {
  /** The pre-activation comes as `value / inputScale`: the layer before folds the factor into its weights. */
  readonly inputScale: number;
  apply(ops: TensorOps, preActivation: string): Activated;
  /** For functions whose derivative follows from the output: what a fused product computes, and the rest. */
  readonly fused?: FusedActivation;
}

export interface FusedActivation {
  /** Attributes of `FusedGemm`. */
  readonly attributes: Readonly<Record<string, { readonly string: string } | { readonly float: number }>>;
  /** @param output tensor that already went through the activation */
  fromOutput(ops: TensorOps, output: string): Activated;
}

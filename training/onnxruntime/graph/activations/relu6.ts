import type { TensorOps } from '../tensor-ops.js';
import type { Activated, ActivationRule } from './activation-rule.js';

/** So steep that the least number above 0, or below 1, is beyond the clamp. */
const STEEP = 1e30;

/**
 * y = min(max(u, 0), 6), held as v = y / 6 = clamp(u / 6, 0, 1); du = dy where 0 < v < 1.
 * The mask is two clamps, each 1 on one side of its end: v·∞ and (1 − v)·∞.
 */
export const relu6: ActivationRule = {
  inputScale: 6,
  apply: (ops, u) => fromOutput(ops, ops.clamped(u, 1, 0)),
  fused: {
    attributes: {
      activation: { string: 'HardSigmoid' },
      activation_alpha: { float: 1 },
      activation_beta: { float: 0 },
    },
    fromOutput,
  },
};

function fromOutput(ops: TensorOps, v: string): Activated {
  return {
    tensor: v,
    scale: 6,
    backward: (dy) => ops.mul(ops.mul(dy, ops.clamped(v, STEEP, 0)), ops.clamped(v, -STEEP, STEEP)),
  };
}

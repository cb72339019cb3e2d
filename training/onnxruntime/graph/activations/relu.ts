import type { TensorOps } from '../tensor-ops.js';
import type { Activated, ActivationRule } from './activation-rule.js';

/** So steep that any positive number becomes 1: a mask in half the time of a comparison and a choice. */
const STEEP = 1e30;

/** y = max(u, 0); du = dy where y > 0. */
export const relu: ActivationRule = {
  inputScale: 1,
  apply: (ops, u) => fromOutput(ops, ops.node('Relu', [u])),
  fused: { attributes: { activation: { string: 'Relu' } }, fromOutput },
};

function fromOutput(ops: TensorOps, y: string): Activated {
  return { tensor: y, scale: 1, backward: (dy) => ops.mul(dy, ops.clamped(y, STEEP, 0)) };
}

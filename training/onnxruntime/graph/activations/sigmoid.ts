import type { ActivationRule } from './activation-rule.js';

/** y = 1 / (1 + e^−u); du = dy · (y − y²). */
export const sigmoid: ActivationRule = {
  inputScale: 1,
  apply: (ops, u) => {
    const y = ops.node('Sigmoid', [u]);
    return { tensor: y, scale: 1, backward: (dy) => ops.mul(dy, ops.sub(y, ops.mul(y, y))) };
  },
};

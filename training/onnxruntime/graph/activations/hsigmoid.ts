import type { ActivationRule } from './activation-rule.js';

/** Slope of the mask |u| < 3. */
const STEEP = 1e6;

/** y = clamp(u/6 + 1/2, 0, 1); du = dy/6 where |u| < 3. */
export const hsigmoid: ActivationRule = {
  inputScale: 1,
  apply: (ops, u) => ({
    tensor: ops.clamped(u, 1 / 6, 0.5),
    scale: 1,
    backward: (dy) => {
      const m = ops.clamped(ops.node('Abs', [u]), -STEEP, 3 * STEEP);
      return ops.mul(ops.scaled(dy, 1 / 6), m);
    },
  }),
};

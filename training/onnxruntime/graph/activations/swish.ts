import type { ActivationRule } from './activation-rule.js';

/** s = 1 / (1 + e^−u), y = u·s; du = dy · (s + y − y·s). */
export const swish: ActivationRule = {
  inputScale: 1,
  apply: (ops, u) => {
    const s = ops.node('Sigmoid', [u]);
    const y = ops.mul(u, s);
    const backward = (dy: string) => ops.mul(dy, ops.sub(ops.add(s, y), ops.mul(y, s)));
    return { tensor: y, scale: 1, backward };
  },
};

import type { ActivationRule } from './activation-rule.js';

/** No activation: y = u, du = dy. */
export const identity: ActivationRule = {
  inputScale: 1,
  apply: (_ops, u) => ({ tensor: u, scale: 1, backward: (dy) => dy }),
};

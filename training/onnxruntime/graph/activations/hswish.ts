import type { ActivationRule } from './activation-rule.js';

/** Slope of the mask |u| < 1/2: 1 below the end, 0 above it, within the precision of float32. */
const STEEP = 1e7;

/**
 * y = x · clamp(x/6 + 1/2, 0, 1) on u = x/6: h = clamp(u + 1/2, 0, 1), y = 6·u·h.
 * dx = dy · (h + u·m), m = 1 where |u| < 1/2, since dh/du = m and y = 6·u·h with u = x/6.
 */
export const hswish: ActivationRule = {
  inputScale: 6,
  apply: (ops, u) => {
    const h = ops.clamped(u, 1, 0.5);
    const m = ops.clamped(ops.node('Abs', [u]), -STEEP, STEEP / 2);
    // Now and not in backward: u and h are still in the cache, and need not be kept.
    const slope = ops.add(h, ops.mul(u, m));
    return { tensor: ops.after(ops.mul(u, h), slope), scale: 6, backward: (dy) => ops.mul(dy, slope) };
  },
};

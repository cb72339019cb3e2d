import { LutraError } from '../errors.js';
import type { Weights } from '../network/weights.js';
import type { WidthGroup } from '../network/width-groups.js';

/**
 * What makes a filter worth keeping: `l2-norm` of its kernel (Yang et al. 2018, section 3.3), or `taylor`, what the loss is
 * expected to gain without it ({@link ../../training/recipe/taylor-importance.ts}).
 */
export type Importance = 'l2-norm' | 'taylor';

/**
 * The filters that a group keeps at a smaller width: those of the largest importance, summed over all layers that the group
 * ties together; of equal ones the earlier.
 * @param width how many to keep, at most `group.width`
 * @param scores importance of every filter as `<node>/importance` `[filters]`; without them, the squared L2 norm of its kernel
 * @returns rising channel indices
 * @throws LutraError `missing-weights` when a kernel, or a layer's importance, is absent
 * @see Yang et al. 2018, "NetAdapt", section 3.3
 */
export function strongestFilters(
  weights: Weights,
  group: WidthGroup,
  width: number,
  scores: Weights | null = null,
): readonly number[] {
  const energy = scores === null ? energyOf(weights, group) : scoresOf(scores, group);
  return [...energy.keys()]
    .sort((a, b) => energy[b]! - energy[a]! || a - b)
    .slice(0, width)
    .sort((a, b) => a - b);
}

function scoresOf(scores: Weights, group: WidthGroup): Float64Array {
  const sum = new Float64Array(group.width);
  for (const producer of group.producers) {
    const score = scores.get(`${producer}/importance`);
    if (score?.data.length !== group.width) {
      throw new LutraError(
        'missing-weights',
        `importance of '${producer}': expected ${group.width} filters, got ${score?.data.length ?? 'none'}`,
      );
    }
    score.data.forEach((value, channel) => {
      sum[channel]! += value;
    });
  }
  return sum;
}

function energyOf(weights: Weights, group: WidthGroup): Float64Array {
  const energy = new Float64Array(group.width);
  for (const producer of group.producers) {
    const kernel = weights.get(`${producer}/kernel`);
    if (kernel === undefined) {
      throw new LutraError('missing-weights', `weight '${producer}/kernel': expected a tensor, got none`);
    }
    const rowLength = kernel.data.length / group.width;
    kernel.data.forEach((weight, i) => {
      energy[Math.floor(i / rowLength)]! += weight * weight;
    });
  }
  return energy;
}

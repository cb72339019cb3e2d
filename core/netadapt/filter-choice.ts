import { LutraError } from '../errors.js';
import type { Weights } from '../network/weights.js';
import type { WidthGroup } from '../network/width-groups.js';

/**
 * The filters that a group keeps at a smaller width: those with the largest L2 norm, taken over the kernels of all
 * layers that the group ties together; of equal norms the earlier one.
 * @param width how many to keep, at most `group.width`
 * @returns rising channel indices
 * @throws LutraError `missing-weights` when a kernel is absent
 * @see Yang et al. 2018, "NetAdapt", section 3.3
 */
export function strongestFilters(weights: Weights, group: WidthGroup, width: number): readonly number[] {
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
  return [...energy.keys()]
    .sort((a, b) => energy[b]! - energy[a]! || a - b)
    .slice(0, width)
    .sort((a, b) => a - b);
}

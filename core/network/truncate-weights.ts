import { LutraError } from '../errors.js';
import type { Network } from './network.js';
import { resizeGroup } from './resize-group.js';
import type { Weights, WeightTensor } from './weights.js';
import type { WeightCut, WidthGroup } from './width-groups.js';

/**
 * Shrinks one width group to the channels that are kept, weights included. Only tensors that lose entries are copied,
 * all others are shared with the weights given.
 * @param group a group of `widthGroups(network)` that is not frozen
 * @param keep indices of channels within the group, rising, at least one
 * @throws LutraError `invalid-request` for a frozen group or bad indices, `missing-weights` when a tensor is absent
 */
export function takeChannels(
  network: Network,
  weights: Weights,
  group: WidthGroup,
  keep: readonly number[],
): { readonly network: Network; readonly weights: Weights } {
  checkKeep(group, keep);
  const kept = new Map(weights);
  for (const [weight, cutsByAxis] of cutsByWeight(group.cuts)) {
    let tensor = kept.get(weight);
    if (tensor === undefined) {
      throw new LutraError('missing-weights', `weight '${weight}': expected a tensor, got none`);
    }
    for (const [axis, cuts] of cutsByAxis) {
      tensor = takeIndices(tensor, axis, keptIndices(tensor.shape[axis]!, cuts, group.width, keep));
    }
    kept.set(weight, tensor);
  }
  return { network: resizeGroup(network, group.id, keep.length), weights: kept };
}

function checkKeep(group: WidthGroup, keep: readonly number[]): void {
  const rising = keep.every((channel, i) => i === 0 || channel > keep[i - 1]!);
  const within = keep.every((channel) => Number.isInteger(channel) && channel >= 0 && channel < group.width);
  if (keep.length > 0 && rising && within) return;
  throw new LutraError(
    'invalid-request',
    `width group '${group.id}': expected rising channel indices below ${group.width}, got [${keep}]`,
  );
}

function cutsByWeight(cuts: readonly WeightCut[]): Map<string, Map<number, WeightCut[]>> {
  const byWeight = new Map<string, Map<number, WeightCut[]>>();
  for (const cut of cuts) {
    const byAxis = byWeight.get(cut.weight) ?? new Map<number, WeightCut[]>();
    byAxis.set(cut.axis, [...(byAxis.get(cut.axis) ?? []), cut]);
    byWeight.set(cut.weight, byAxis);
  }
  return byWeight;
}

/** Indices of an axis that stay when `keep` of the group's `width` channels do, at every place the cuts name. */
function keptIndices(
  axisLength: number,
  cuts: readonly WeightCut[],
  width: number,
  keep: readonly number[],
): readonly number[] {
  const stays = new Uint8Array(axisLength).fill(1);
  for (const { offset, repeat, stride } of cuts) {
    for (let i = 0; i < repeat; i++) {
      const start = offset + i * stride;
      stays.fill(0, start, start + width);
      for (const channel of keep) stays[start + channel] = 1;
    }
  }
  return Array.from(stays.keys()).filter((index) => stays[index] === 1);
}

function takeIndices(tensor: WeightTensor, axis: number, indices: readonly number[]): WeightTensor {
  const outer = tensor.shape.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = tensor.shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const length = tensor.shape[axis]!;
  const data = new Float32Array(outer * indices.length * inner);
  for (let o = 0; o < outer; o++) {
    indices.forEach((index, i) => {
      const from = (o * length + index) * inner;
      data.set(tensor.data.subarray(from, from + inner), (o * indices.length + i) * inner);
    });
  }
  return { shape: tensor.shape.with(axis, indices.length), data };
}

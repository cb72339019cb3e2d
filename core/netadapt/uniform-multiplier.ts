import type { Network } from '../network/network.js';
import type { GroupWidth } from '../network/resize-groups.js';
import { widthGroups } from '../network/width-groups.js';
import { makeDivisible } from '../zoo/make-divisible.js';

/**
 * How a multiplied width becomes a whole number. `as-given`: as MobileNets round it, to the nearest multiple of 8 that is
 * not more than a tenth smaller. `stepped`: up to the device's channel step, where the channels added cost nothing.
 */
export type UniformRounding = 'as-given' | 'stepped';

/**
 * Every width of the network under one multiplier: the rival that costs no search. No group becomes wider than it is.
 * @param multiplier above 0, at most 1
 * @param channelStep of the device
 * @returns the groups that change
 */
export function uniformWidths(
  network: Network,
  multiplier: number,
  rounding: UniformRounding,
  channelStep: number,
): readonly GroupWidth[] {
  return widthGroups(network).flatMap(({ id, width, frozen }) => {
    const wanted = multiplier * width;
    // The small excess of a floating-point product must not cost a whole step.
    const rounded =
      rounding === 'stepped' ? channelStep * Math.ceil(wanted / channelStep - 1e-9) : makeDivisible(wanted);
    return frozen || rounded >= width ? [] : [{ group: id, width: rounded }];
  });
}

/** One uniform network as measured in a session with the network that it is compared with. */
export interface UniformTrial {
  readonly multiplier: number;
  readonly latencyMs: number;
}

const COARSE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
const FINE = [0.02, 0.04, 0.06, 0.08];

/**
 * Multipliers that the next session must measure: first the tenths, then the fiftieths above the widest tenth that is
 * fast enough.
 * @param round from 0
 * @param trials of the rounds before
 * @param limitMs latency not to exceed
 */
export function multipliersToTry(
  round: 0 | 1,
  trials: readonly UniformTrial[],
  limitMs: number,
): readonly number[] {
  if (round === 0) return COARSE;
  const base = widestWithin(trials, limitMs)?.multiplier ?? 0;
  return FINE.map((part) => Math.round(100 * (base + part)) / 100);
}

/** The largest multiplier that was measured at or below the limit, if any. */
export function widestWithin(trials: readonly UniformTrial[], limitMs: number): UniformTrial | undefined {
  return trials
    .filter(({ latencyMs }) => latencyMs <= limitMs)
    .reduce<UniformTrial | undefined>(
      (widest, trial) => (widest === undefined || trial.multiplier > widest.multiplier ? trial : widest),
      undefined,
    );
}

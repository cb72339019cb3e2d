import type { Network } from './network.js';
import { analyseWidths } from './width-analysis.js';

/** One place on one weight axis that loses entries when a group shrinks. */
export interface WeightCut {
  /** `<node id>/<role>`. */
  readonly weight: string;
  readonly axis: number;
  /** Index on the axis where this group's channels begin. */
  readonly offset: number;
  /** How often they occur: height × width positions behind a `flatten`, otherwise 1. */
  readonly repeat: number;
  /** Distance between two occurrences: channel c of occurrence i has index `offset + i · stride + c`. */
  readonly stride: number;
}

/** Channel dimensions that must stay equal: what NetAdapt shrinks as one. */
export interface WidthGroup {
  /** Id of the first node, in topological order, whose channels are of this group. */
  readonly id: string;
  /** Channels now. */
  readonly width: number;
  /** Whether nothing may change the width. */
  readonly frozen: boolean;
  /** For people: what freezes it. */
  readonly frozenBecause?: string;
  /** Ids of the `conv2d` and `dense` nodes whose filters or units are this width, depthwise convolutions included. */
  readonly producers: readonly string[];
  readonly cuts: readonly WeightCut[];
}

/**
 * All width groups of a network, in topological order of their first node. The input's channels, the output's and those
 * of grouped (not depthwise) convolutions are frozen. Remembered for each network object.
 * @throws LutraError `invalid-network`
 */
export function widthGroups(network: Network): readonly WidthGroup[] {
  return analyseWidths(network).groups;
}

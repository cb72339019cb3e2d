import { contentHash } from '../../network/content-hash.js';
import type { Network } from '../../network/network.js';
import type { GroupWidth } from '../../network/resize-groups.js';
import { variantOf } from '../../network/variant-of.js';
import type { Command } from '../command.js';
import type { RunState } from '../run-state.js';
import {
  multipliersToTry,
  type UniformRounding,
  type UniformTrial,
  uniformWidths,
  widestWithin,
} from '../uniform-multiplier.js';
import { measureWhole } from './measure-whole.js';
import type { Opening } from './opening.js';
import type { Rival } from './rival.js';
import type { Standing } from './standing.js';

export type RivalSearch =
  | { readonly kind: 'pending'; readonly commands: readonly Command[] }
  | { readonly kind: 'found'; readonly rivals: readonly Rival[] };

interface Uniform {
  readonly rounding: UniformRounding;
  readonly multiplier: number;
  readonly widths: readonly GroupWidth[];
  readonly network: Network;
}

const ROUNDINGS: readonly UniformRounding[] = ['as-given', 'stepped'];

/**
 * The widest uniform multiplier that is no slower than the limit, for each rounding: two sessions on the first device, each
 * with the adapted network in it.
 * @param limitMs latency not to exceed
 */
export function uniformRivals(
  state: RunState,
  opening: Opening,
  standing: Standing,
  limitMs: number,
  path: string,
): RivalSearch {
  const device = state.settings.devices[0]!;
  const standingMs = standing.measured.get(device)!.latencyMs;
  const trials = new Map<UniformRounding, readonly UniformTrial[]>();
  for (const round of [0, 1] as const) {
    const uniforms = ROUNDINGS.flatMap((rounding) =>
      multipliersToTry(round, trials.get(rounding) ?? [], limitMs).map((multiplier) =>
        uniformAt(opening, rounding, multiplier),
      ),
    );
    const networks = distinct([standing.network, ...uniforms.map(({ network }) => network)]);
    const session = measureWhole(state, `${path}/uniform-${round}`, networks, [device]);
    if (session.kind === 'pending') return session;
    const latencyByHash = new Map(
      session.latencies.get(device)!.map((latency) => [latency.networkHash, latency]),
    );
    const adaptedMs = latencyByHash.get(contentHash(standing.network))!.latencyMs;
    for (const { rounding, multiplier, network } of uniforms) {
      // Sessions are compared through the network that both hold.
      const measuredMs = latencyByHash.get(contentHash(network))!.latencyMs;
      const latencyMs = (measuredMs * standingMs) / adaptedMs;
      trials.set(rounding, [...(trials.get(rounding) ?? []), { multiplier, latencyMs }]);
    }
  }
  const rivals = ROUNDINGS.flatMap((rounding) => {
    const widest = widestWithin(trials.get(rounding)!, limitMs);
    return widest === undefined ? [] : [rivalOf(uniformAt(opening, rounding, widest.multiplier))];
  });
  return { kind: 'found', rivals };
}

function uniformAt({ seed, channelStep }: Opening, rounding: UniformRounding, multiplier: number): Uniform {
  const widths = uniformWidths(seed.network, multiplier, rounding, channelStep);
  return { rounding, multiplier, widths, network: variantOf(seed.network, widths) };
}

function rivalOf({ rounding, multiplier, widths, network }: Uniform): Rival {
  return {
    name: rounding === 'as-given' ? 'uniform' : 'uniform-stepped',
    multiplier,
    iterations: null,
    network,
    start: { kind: 'seed', widths },
    stepsSinceSeed: 0,
  };
}

function distinct(networks: readonly Network[]): readonly Network[] {
  return [...new Map(networks.map((network) => [contentHash(network), network])).values()];
}

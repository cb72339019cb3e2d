import { contentHash } from '../../network/content-hash.js';
import type { Network } from '../../network/network.js';
import { type GroupWidth, resizeGroups } from '../../network/resize-groups.js';
import type { MeasureCommand } from '../command.js';
import type { MeasuredLatency } from '../run-event.js';
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
import type { Standing } from './standing.js';

/** The seed under one uniform multiplier, as fast as the adapted network. */
export interface UniformRival {
  readonly rounding: UniformRounding;
  readonly multiplier: number;
  readonly widths: readonly GroupWidth[];
  readonly network: Network;
}

/** The last session: everything that is compared, measured side by side. */
export interface Closing {
  readonly seed: MeasuredLatency;
  readonly adapted: MeasuredLatency;
  readonly rivals: readonly { readonly rival: UniformRival; readonly measured: MeasuredLatency }[];
}

export type ClosingStage =
  | { readonly kind: 'pending'; readonly command: MeasureCommand }
  | { readonly kind: 'closed'; readonly closing: Closing };

/** Rivals may be slower than the adapted network by this share: two equal networks differ as much when measured. */
const BENEFIT_OF_DOUBT = 0.02;

const ROUNDINGS: readonly UniformRounding[] = ['as-given', 'stepped'];

/**
 * Measures what the run came to against its budget, beside the seed and its uniform rivals.
 * @param round tells apart repeated closings: an earlier one may have missed the budget
 */
export function closingStage(
  state: RunState,
  opening: Opening,
  standing: Standing,
  round: number,
): ClosingStage {
  const path = `closing/${round}`;
  const search = state.settings.baselines
    ? findRivals(state, opening, standing, path)
    : { kind: 'found' as const, rivals: [] };
  if (search.kind === 'pending') return search;
  const networks = [opening.seed.network, standing.network, ...search.rivals.map(({ network }) => network)];
  const session = measureWhole(state, `${path}/session`, networks);
  if (session.kind === 'pending') return session;
  const [seed, adapted, ...others] = session.latencies;
  const rivals = search.rivals.map((rival, i) => ({ rival, measured: others[i]! }));
  return { kind: 'closed', closing: { seed: seed!, adapted: adapted!, rivals } };
}

type RivalSearch =
  | { readonly kind: 'pending'; readonly command: MeasureCommand }
  | { readonly kind: 'found'; readonly rivals: readonly UniformRival[] };

/** Two sessions, each with the adapted network in it: the widest multiplier that is no slower than it. */
function findRivals(state: RunState, opening: Opening, standing: Standing, path: string): RivalSearch {
  const trials = new Map<UniformRounding, readonly UniformTrial[]>();
  let limitMs = 0;
  for (const round of [0, 1] as const) {
    const rivals = ROUNDINGS.flatMap((rounding) =>
      multipliersToTry(round, trials.get(rounding) ?? [], limitMs).map((multiplier) =>
        rivalAt(opening, rounding, multiplier),
      ),
    );
    const networks = distinct([standing.network, ...rivals.map(({ network }) => network)]);
    const session = measureWhole(state, `${path}/uniform-${round}`, networks);
    if (session.kind === 'pending') return session;
    const latencyByHash = new Map(session.latencies.map((latency) => [latency.networkHash, latency]));
    const adaptedMs = latencyByHash.get(contentHash(standing.network))!.latencyMs;
    limitMs = standing.measured.latencyMs * (1 + BENEFIT_OF_DOUBT);
    for (const { rounding, multiplier, network } of rivals) {
      // Sessions are compared through the network that both hold.
      const measuredMs = latencyByHash.get(contentHash(network))!.latencyMs;
      const latencyMs = (measuredMs * standing.measured.latencyMs) / adaptedMs;
      trials.set(rounding, [...(trials.get(rounding) ?? []), { multiplier, latencyMs }]);
    }
  }
  const rivals = ROUNDINGS.flatMap((rounding) => {
    const widest = widestWithin(trials.get(rounding)!, limitMs);
    return widest === undefined ? [] : [rivalAt(opening, rounding, widest.multiplier)];
  });
  return { kind: 'found', rivals };
}

function rivalAt(
  { seed, channelStep }: Opening,
  rounding: UniformRounding,
  multiplier: number,
): UniformRival {
  const widths = uniformWidths(seed.network, multiplier, rounding, channelStep);
  return { rounding, multiplier, widths, network: resizeGroups(seed.network, widths) };
}

function distinct(networks: readonly Network[]): readonly Network[] {
  return [...new Map(networks.map((network) => [contentHash(network), network])).values()];
}

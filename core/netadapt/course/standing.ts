import type { Network } from '../../network/network.js';
import type { Evaluation } from '../evaluation.js';
import { countOf, type Resource } from '../resource.js';
import type { MeasuredLatency } from '../run-event.js';

/** Trained weights by content address, and how good they are. */
export interface TrainedWeights {
  readonly weights: string;
  readonly importance?: string | null;
  readonly holdout: Evaluation | null;
}

/** The network that a run has come to. */
export interface Standing {
  readonly network: Network;
  /** On every device of the run, by its name. */
  readonly measured: ReadonlyMap<string, MeasuredLatency>;
  /** What it was expected to need of the resource that its iteration reduced; null for the seed. */
  readonly estimate: { readonly resource: Resource; readonly amount: number } | null;
  /** Null while they are being trained; measuring does not wait for them. */
  readonly trained: TrainedWeights | null;
  /** Optimisation steps that its weights saw since the seed. */
  readonly stepsSinceSeed: number;
}

/** What a network needs of a resource: as measured, or counted. */
export function amountOf({ network, measured }: Standing, resource: Resource): number {
  if (resource.kind !== 'latency') return countOf(resource.kind, network);
  return measured.get(resource.device)!.latencyMs;
}

/** The same with the benefit of no doubt: the upper end of the interval where the amount was measured. */
export function mostOf(standing: Standing, resource: Resource): number {
  if (resource.kind !== 'latency') return countOf(resource.kind, standing.network);
  return standing.measured.get(resource.device)!.highMs;
}

import type { Network } from '../../network/network.js';
import type { Evaluation } from '../evaluation.js';
import type { MeasuredLatency } from '../run-event.js';

/** Trained weights by content address, and how good they are. */
export interface TrainedWeights {
  readonly weights: string;
  readonly holdout: Evaluation | null;
}

/** The network that a run has come to. */
export interface Standing {
  readonly network: Network;
  readonly measured: MeasuredLatency;
  /** Of the table, before it was measured; null for the seed. */
  readonly estimateMs: number | null;
  /** Null while they are being trained; measuring does not wait for them. */
  readonly trained: TrainedWeights | null;
  /** Optimisation steps that its weights saw since the seed. */
  readonly stepsSinceSeed: number;
}

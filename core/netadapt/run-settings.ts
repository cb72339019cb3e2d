import type { Network } from '../network/network.js';
import type { Ranking } from './ranking.js';
import type { ReductionSchedule } from './schedule.js';

/** What a run was asked to do, complete. */
export interface RunSettings {
  /** The network to start from. */
  readonly seed: Network;
  /** Content address of its trained weights; null: it is trained first. */
  readonly seedWeights: string | null;
  /** Milliseconds, or a share of the seed's measured latency. */
  readonly budget: { readonly latencyMs: number } | { readonly ratio: number };
  readonly schedule: ReductionSchedule;
  readonly ranking: Ranking;
  /** Null: the device's channel step. */
  readonly widthStep: number | null;
  /** Proposals that do not interact and are taken at once while far from the budget; 1 = as published. */
  readonly maxChosenPerIteration: number;
  readonly maxIterations: number;
  /** Whether the seed under uniform width multipliers is trained and measured too. */
  readonly baselines: boolean;
  /** Optimisation steps of each recipe. */
  readonly steps: { readonly seed: number; readonly fineTune: number; readonly final: number };
  /** Fixes initial weights and the order of batches. */
  readonly randomSeed: number;
}

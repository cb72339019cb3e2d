import type { Network } from '../network/network.js';
import type { Importance } from './filter-choice.js';
import type { Ranking } from './ranking.js';
import type { Resource } from './resource.js';
import type { ReductionSchedule } from './schedule.js';

/** One line of a budget. */
export interface BudgetLine {
  readonly resource: Resource;
  /** In the resource's unit, or a share of what the seed needs. */
  readonly limit: { readonly amount: number } | { readonly ratio: number };
}

/** What a run was asked to do, complete. */
export interface RunSettings {
  /** The network to start from. */
  readonly seed: Network;
  /** Content address of its trained weights; null: it is trained first. */
  readonly seedWeights: string | null;
  /** Where networks are measured, at least one; baselines are compared on the first. */
  readonly devices: readonly string[];
  /** All of them must hold. At least one; latencies are of `devices`. */
  readonly budget: readonly BudgetLine[];
  readonly schedule: ReductionSchedule;
  readonly ranking: Ranking;
  /** How filters are chosen. */
  readonly importance: Importance;
  /** Null: the devices' channel steps, 8 where they have none. */
  readonly widthStep: number | null;
  /** Proposals that do not interact and are taken at once while far from the budget; 1 = as published. */
  readonly maxChosenPerIteration: number;
  readonly maxIterations: number;
  /** Whether the seed under uniform width multipliers is trained and measured too. */
  readonly baselines: boolean;
  /** Whether the same algorithm, driven by MACs to the same measured latency, is run for comparison. */
  readonly macsBaseline: boolean;
  /** Optimisation steps of each recipe. */
  readonly steps: { readonly seed: number; readonly fineTune: number; readonly final: number };
  /** Fixes initial weights and the order of batches. */
  readonly randomSeed: number;
}

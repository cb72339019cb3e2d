import type { Network } from '../network/network.js';
import type { GroupWidth } from '../network/resize-groups.js';
import type { Resource } from './resource.js';
import type { RunEvent } from './run-event.js';

/** Weights that a training starts from. */
export type WeightSource =
  | { readonly kind: 'initial' }
  | { readonly kind: 'stored'; readonly weights: string }
  /** Of `network`, cut to the strongest filters. */
  | {
      readonly kind: 'cut';
      readonly weights: string;
      /** Content address of the filters' importance; null: their L2 norms tell. */
      readonly importance: string | null;
      readonly network: Network;
      readonly widths: readonly GroupWidth[];
    };

/** `evaluate` trains nothing. */
export type RecipeName = 'seed' | 'fine-tune' | 'final' | 'evaluate';

interface CommandBase {
  /** Identity within the run: the same after every crash. */
  readonly key: string;
}

/** Train a network and evaluate it. */
export interface TrainCommand extends CommandBase {
  readonly kind: 'train';
  readonly recipe: RecipeName;
  readonly network: Network;
  readonly start: WeightSource;
  /** Steps beyond the recipe's own. */
  readonly extraSteps: number;
  /** Equal seeds see equal batches. */
  readonly batchSeed: number;
  /** For recipes that distil; of no use to others. */
  readonly teacher: { readonly network: Network; readonly weights: string } | null;
  /** Whether to find out how important its filters are: it may be cut. */
  readonly importance: boolean;
  /** Whether the test set is read too: at the end only. */
  readonly test: boolean;
  /** What follows when it fails: `training-failed` or the end of the run. */
  readonly vital: boolean;
}

/** Measure networks whole, in one session. */
export interface MeasureCommand extends CommandBase {
  readonly kind: 'measure';
  readonly device: string;
  /** Of the device when the run began: figures of another environment do not compare. */
  readonly environmentHash: string;
  readonly networks: readonly Network[];
}

/** Find the width of every group that meets the target, measuring the ops that are needed to tell. */
export interface ProposeCommand extends CommandBase {
  readonly kind: 'propose';
  readonly network: Network;
  readonly resource: Resource;
  /** What the network needs of it: measured, or counted. */
  readonly amount: number;
  /** Ambitious first: the next one is for when no group meets the one before. */
  readonly targets: readonly number[];
  readonly widthStep: number;
  /** As of a measurement; null for what is counted. */
  readonly environmentHash: string | null;
}

/** Find out which environment a device has. */
export interface DescribeDeviceCommand extends CommandBase {
  readonly kind: 'describe-device';
  readonly device: string;
}

/** Append a decision that needs nothing more. */
export interface RecordCommand extends CommandBase {
  readonly kind: 'record';
  readonly event: RunEvent;
}

/** What a run needs next. Commands that stand at the same time do not depend on each other. */
export type Command = TrainCommand | MeasureCommand | ProposeCommand | DescribeDeviceCommand | RecordCommand;

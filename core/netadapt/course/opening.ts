import type { Command, TrainCommand } from '../command.js';
import { narrowestNetworks } from '../narrowest-networks.js';
import type { RunState } from '../run-state.js';
import { measureWhole } from './measure-whole.js';
import { refusal } from './refusal.js';
import type { Standing } from './standing.js';

/** What the run must know before it can iterate. */
export interface Opening {
  readonly budgetMs: number;
  readonly widthStep: number;
  readonly channelStep: number;
  readonly seed: Standing;
}

export type OpeningStage =
  | { readonly kind: 'pending'; readonly commands: readonly Command[] }
  /** The seed's weights may still be in training. */
  | { readonly kind: 'open'; readonly opening: Opening; readonly commands: readonly Command[] };

/** Trains and measures the seed, side by side, and refuses a budget that no widths can reach. */
export function openingStage(state: RunState): OpeningStage {
  const { settings, device } = state;
  const trained = state.trained.get('seed/train') ?? null;
  const training = trained === null ? [seedTraining(state)] : [];
  if (device === null) {
    return { kind: 'pending', commands: [...training, { kind: 'describe-device', key: 'device' }] };
  }
  const widthStep = settings.widthStep ?? device.channelStep;
  const narrowest = narrowestNetworks(settings.seed, widthStep, device.channelStep);
  const measurement = measureWhole(state, 'seed/measure', [settings.seed, ...narrowest]);
  if (measurement.kind === 'pending') {
    return { kind: 'pending', commands: [...training, measurement.command] };
  }
  const [measured, ...least] = measurement.latencies;
  const budgetMs = budgetOf(state, measured!.latencyMs);
  const leastMs = Math.min(...least.map(({ latencyMs }) => latencyMs));
  if (Math.min(...least.map(({ lowMs }) => lowMs)) > budgetMs) {
    const message = `budget ${budgetMs.toFixed(3)} ms: with every width at its least the network takes ${leastMs.toFixed(3)} ms`;
    return { kind: 'pending', commands: [refusal('budget', 'unreachable-budget', message, { leastMs })] };
  }
  const seed = { network: settings.seed, measured: measured!, estimateMs: null, trained, stepsSinceSeed: 0 };
  return {
    kind: 'open',
    opening: { budgetMs, widthStep, channelStep: device.channelStep, seed },
    commands: training,
  };
}

function budgetOf({ settings: { budget } }: RunState, seedMs: number): number {
  return 'ratio' in budget ? budget.ratio * seedMs : budget.latencyMs;
}

function seedTraining({ settings }: RunState): TrainCommand {
  const { seedWeights } = settings;
  return {
    kind: 'train',
    key: 'seed/train',
    recipe: seedWeights === null ? 'seed' : 'evaluate',
    network: settings.seed,
    start: seedWeights === null ? { kind: 'initial' } : { kind: 'stored', weights: seedWeights },
    extraSteps: 0,
    batchSeed: settings.randomSeed,
    teacher: null,
    test: false,
    vital: true,
  };
}

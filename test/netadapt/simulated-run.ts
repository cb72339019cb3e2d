import type { Command, TrainCommand } from '../../core/netadapt/command.js';
import { courseOf } from '../../core/netadapt/course/course.js';
import type { Evaluation } from '../../core/netadapt/evaluation.js';
import { propose } from '../../core/netadapt/proposals.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState, type RunState } from '../../core/netadapt/run-state.js';
import { PUBLISHED_SCHEDULES } from '../../core/netadapt/schedule.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { type Rng, seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { CHANNEL_STEP, type SimulatedDevice } from './simulated-device.js';

export const TINY = buildZooNetwork('mobilenet-v3-tiny', { width: 2.5 });

export function settingsFor(changes: Partial<RunSettings> = {}): RunSettings {
  return {
    seed: TINY,
    seedWeights: null,
    budget: { ratio: 0.6 },
    schedule: PUBLISHED_SCHEDULES.netadapt,
    ranking: 'loss-per-latency',
    widthStep: null,
    maxChosenPerIteration: 3,
    maxIterations: 100,
    baselines: true,
    steps: { seed: 1500, fineTune: 100, final: 1000 },
    randomSeed: 7,
    ...changes,
  };
}

/** Loss grows with the square of what a group has lost, each group with a weight of its own. */
export function evaluationOf(seed: Network, network: Network): Evaluation {
  const widthBefore = new Map(widthGroups(seed).map(({ id, width }) => [id, width]));
  const loss = widthGroups(network).reduce((sum, { id, width }) => {
    const sensitivity = 0.02 + 0.2 * seededRng([...id].reduce((hash, c) => 31 * hash + c.charCodeAt(0), 7))();
    return sum + sensitivity * (1 - width / widthBefore.get(id)!) ** 2;
  }, 0.05);
  return {
    accuracy: 1 - loss / 3,
    lossNats: 1.1 * loss,
    calibratedLossNats: loss,
    temperature: 1.2,
    count: 5000,
  };
}

export interface SimulationOptions {
  /** Picks which of the commands under way is done next. */
  readonly rng?: Rng;
  readonly trainingFails?: (command: TrainCommand) => boolean;
  /** Stops after so many further events, as a killed orchestrator does. */
  readonly maxEvents?: number;
}

/** Carries a run on, in memory, on a simulated device and with synthetic evaluations. */
export function simulate(
  settings: RunSettings,
  device: SimulatedDevice,
  history: readonly RunEvent[],
  options: SimulationOptions = {},
): { readonly events: readonly RunEvent[]; readonly state: RunState } {
  const { rng = () => 0, maxEvents = Number.POSITIVE_INFINITY } = options;
  const events = [...history];
  let state = events.reduce(applyEvent, initialState(settings));
  for (let added = 0; added < maxEvents; added++) {
    const { commands } = courseOf(state);
    if (commands.length === 0) break;
    const command = commands[Math.floor(rng() * commands.length)]!;
    const event = answer(command, settings, device, options);
    events.push(event);
    state = applyEvent(state, event);
  }
  return { events, state };
}

function answer(
  command: Command,
  settings: RunSettings,
  device: SimulatedDevice,
  { trainingFails = () => false }: SimulationOptions,
): RunEvent {
  const { key } = command;
  switch (command.kind) {
    case 'record':
      return command.event;
    case 'describe-device':
      return { type: 'device-described', key, environmentHash: 'e', channelStep: CHANNEL_STEP };
    case 'measure':
      return { type: 'measured', key, networks: command.networks.map((network) => device.measure(network)) };
    case 'train': {
      if (trainingFails(command)) return { type: 'training-failed', key, message: 'training-failed: NaN' };
      const holdout = evaluationOf(settings.seed, command.network);
      const weights = `${key}:${contentHash(command.network).slice(0, 12)}`;
      return { type: 'trained', key, weights, holdout, test: command.test ? holdout : null };
    }
    case 'propose':
      for (const targetMs of command.targetsMs) {
        for (;;) {
          const outcome = propose(device.table(), { ...command, targetMs, unmeasurable: new Set() });
          if (outcome.kind === 'missing') {
            device.learn(outcome.ops);
            continue;
          }
          if (outcome.proposals.length === 0 && targetMs !== command.targetsMs.at(-1)) break;
          return { type: 'proposed', key, targetMs, proposals: outcome.proposals };
        }
      }
      throw new Error('unreachable');
  }
}

import type { Command, ProposeCommand, TrainCommand } from '../../core/netadapt/command.js';
import { proposeCountedStep } from '../../core/netadapt/counted-proposals.js';
import { courseOf } from '../../core/netadapt/course/course.js';
import type { Evaluation } from '../../core/netadapt/evaluation.js';
import { type Proposal, propose } from '../../core/netadapt/proposals.js';
import type { Resource } from '../../core/netadapt/resource.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState, type RunState } from '../../core/netadapt/run-state.js';
import { PUBLISHED_SCHEDULES } from '../../core/netadapt/schedule.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { type Rng, seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { SimulatedDevice } from './simulated-device.js';

export const TINY = buildZooNetwork('mobilenet-v3-tiny', { width: 2.5 });

export function settingsFor(changes: Partial<RunSettings> = {}): RunSettings {
  return {
    seed: TINY,
    seedWeights: null,
    devices: ['local'],
    budget: latencyRatio(0.6),
    schedule: PUBLISHED_SCHEDULES.netadapt,
    ranking: 'loss-per-latency',
    importance: 'l2-norm',
    widthStep: null,
    maxChosenPerIteration: 3,
    maxIterations: 100,
    baselines: true,
    macsBaseline: false,
    steps: { seed: 1500, fineTune: 100, final: 1000 },
    randomSeed: 7,
    ...changes,
  };
}

/** Of the seed's latency on the first device. */
export function latencyRatio(ratio: number): RunSettings['budget'] {
  return [{ resource: LATENCY, limit: { ratio } }];
}

export const LATENCY: Resource = { kind: 'latency', device: 'local' };

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
  /** A/A noise that devices report when they describe themselves. */
  readonly noise?: number | null;
  /** Devices beside the first, by name. */
  readonly others?: Readonly<Record<string, SimulatedDevice>>;
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

/** What the simulated device and trainer say to a command. */
export function answer(
  command: Command,
  settings: RunSettings,
  device: SimulatedDevice,
  { trainingFails = () => false, noise = 0, others = {} }: SimulationOptions,
): RunEvent {
  const { key } = command;
  const deviceOf = (name: string): SimulatedDevice => others[name] ?? device;
  switch (command.kind) {
    case 'record':
      return command.event;
    case 'describe-device':
      return {
        type: 'device-described',
        key,
        environmentHash: `e-${command.device}`,
        channelStep: deviceOf(command.device).channelStep,
        noise,
      };
    case 'measure':
      if (command.environmentHash !== `e-${command.device}`)
        throw new Error(`environment of ${command.environmentHash}`);
      return {
        type: 'measured',
        key,
        networks: command.networks.map((network) => deviceOf(command.device).measure(network)),
      };
    case 'train': {
      if (trainingFails(command)) return { type: 'training-failed', key, message: 'training-failed: NaN' };
      const holdout = evaluationOf(settings.seed, command.network);
      const weights = `${key}:${contentHash(command.network).slice(0, 12)}`;
      const importance = command.importance ? `importance of ${weights}` : null;
      return { type: 'trained', key, weights, importance, holdout, test: command.test ? holdout : null };
    }
    case 'propose':
      if (command.resource.kind !== 'latency') {
        const { network, widthStep, targets, resource } = command;
        const step = proposeCountedStep({ network, kind: resource.kind, targets, widthStep });
        return { type: 'proposed', key, resource, ...step };
      }
      for (const target of command.targets) {
        const proposals = proposalsAt(command, target, deviceOf);
        if (proposals.length === 0 && target !== command.targets.at(-1)) continue;
        return { type: 'proposed', key, resource: command.resource, target, proposals };
      }
      throw new Error('unreachable');
  }
}

function proposalsAt(
  { network, resource, amount: measuredMs, widthStep, environmentHash }: ProposeCommand,
  target: number,
  deviceOf: (name: string) => SimulatedDevice,
): readonly Proposal[] {
  if (resource.kind !== 'latency') throw new Error(`a table knows no ${resource.kind}`);
  if (environmentHash !== `e-${resource.device}`) throw new Error(`environment of ${environmentHash}`);
  const device = deviceOf(resource.device);
  for (;;) {
    const request = { network, measuredMs, targetMs: target, widthStep, unmeasurable: new Set<string>() };
    const outcome = propose(device.table(), request);
    if (outcome.kind === 'proposals') return outcome.proposals;
    device.learn(outcome.ops);
  }
}

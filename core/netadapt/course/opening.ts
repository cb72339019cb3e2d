import type { Network } from '../../network/network.js';
import { fuse } from '../../ops/fuse.js';
import type { DType } from '../../ops/op.js';
import type { Command, TrainCommand } from '../command.js';
import { defaultWidthStep } from '../default-width-step.js';
import { narrowestNetworks } from '../narrowest-networks.js';
import { type Resource, sameResource } from '../resource.js';
import type { RunEventOf } from '../run-event.js';
import type { RunState } from '../run-state.js';
import { buysNothing, littleWidthWorth } from '../width-worth.js';
import { isWithin, type Limit, limitsOf } from './budget.js';
import { deviceKey } from './device-key.js';
import { measuredAt, measureWhole } from './measure-whole.js';
import { refusal } from './refusal.js';
import type { Standing } from './standing.js';
import { unreachableWords } from './unreachable-words.js';
import { type WidthReach, widthReach } from './width-reach.js';

/** What the run must know before it can iterate. */
export interface Opening {
  readonly limits: readonly Limit[];
  readonly widthStep: number;
  /** Of the first device: what uniform rivals are rounded to. */
  readonly channelStep: number;
  /** A/A noise of each device as it was when the run began, as a share of a latency. */
  readonly noise: ReadonlyMap<string, number>;
  /** What each device computes in; without those that were described by earlier versions. */
  readonly dtypes: ReadonlyMap<string, DType>;
  readonly seed: Standing;
  /** How far widths alone can go: for the latency on every device, then for everything else that the budget limits. */
  readonly reach: readonly WidthReach[];
  /** Every group at its least: the faster of the ways to do so. */
  readonly narrowest: Network;
  /** Fused ops of the seed: what a latency that no width changes is spent on. */
  readonly ops: number;
}

export type OpeningStage =
  | { readonly kind: 'pending'; readonly commands: readonly Command[] }
  /** The seed's weights may still be in training. */
  | { readonly kind: 'open'; readonly opening: Opening; readonly commands: readonly Command[] };

/** Until a device has shown its own, and for runs that began before devices did: as whole networks repeat elsewhere. */
const ASSUMED_NOISE = 0.01;

/** Trains and measures the seed, side by side, and refuses a budget that no widths can reach. */
export function openingStage(state: RunState): OpeningStage {
  const { settings } = state;
  const trained = state.trained.get('seed/train') ?? null;
  const training = trained === null ? [seedTraining(state)] : [];
  const described = describedDevices(state);
  if (Array.isArray(described)) return { kind: 'pending', commands: [...training, ...described] };
  const channelSteps = [...described.values()].map(({ channelStep }) => channelStep);
  const commonStep = channelSteps.reduce(leastCommonMultiple);
  const widthStep = settings.widthStep ?? defaultWidthStep(commonStep);
  const narrowest = narrowestNetworks(settings.seed, widthStep, commonStep);
  const measurement = measureWhole(state, 'seed/measure', [settings.seed, ...narrowest]);
  if (measurement.kind === 'pending') {
    return { kind: 'pending', commands: [...training, ...measurement.commands] };
  }
  const standings = [settings.seed, ...narrowest].map((network, i) => ({
    network,
    measured: measuredAt(measurement.latencies, i),
    estimate: null,
    trained: null,
    stepsSinceSeed: 0,
  }));
  const seed: Standing = { ...standings[0]!, trained };
  const opening: Opening = {
    limits: limitsOf(settings.budget, seed),
    widthStep,
    channelStep: channelSteps[0]!,
    noise: new Map([...described].map(([device, { noise }]) => [device, noise ?? ASSUMED_NOISE])),
    dtypes: new Map(
      [...described].flatMap(([device, { dtype }]) => (dtype === undefined ? [] : [[device, dtype]])),
    ),
    seed,
    reach: resourcesOf(state).map((resource) => widthReach(resource, seed, standings.slice(1))),
    narrowest: fastest(standings.slice(1), settings.devices[0]!).network,
    ops: fuse(settings.seed).length,
  };
  const beyond = opening.limits.find((limit) => !standings.some((narrow) => mayKeep(narrow, limit, opening)));
  if (beyond === undefined) return { kind: 'open', opening, commands: training };
  const words = unreachableWords(opening, beyond);
  return { kind: 'pending', commands: [refusal({ key: 'budget', code: 'unreachable-budget', ...words })] };
}

/** What every device says of itself, in the order of the settings; else the commands that find out. */
function describedDevices(state: RunState): Command[] | ReadonlyMap<string, RunEventOf<'device-described'>> {
  const commands: Command[] = [];
  const described = new Map<string, RunEventOf<'device-described'>>();
  for (const device of state.settings.devices) {
    const key = deviceKey(state, 'device', device);
    const event = state.described.get(key);
    if (event === undefined) commands.push({ kind: 'describe-device', key, device });
    else described.set(device, event);
  }
  return commands.length > 0 ? commands : described;
}

function resourcesOf({ settings }: RunState): readonly Resource[] {
  return [
    ...settings.devices.map((device): Resource => ({ kind: 'latency', device })),
    ...settings.budget.flatMap(({ resource }) => (resource.kind === 'latency' ? [] : [resource])),
  ];
}

/**
 * Whether some of the interval lies within: then the run has to find out. Not where widths buy nothing: only noise could
 * take such a run to its budget, iteration by iteration.
 */
function mayKeep(standing: Standing, limit: Limit, { reach, noise }: Opening): boolean {
  const { resource } = limit;
  if (resource.kind !== 'latency') return isWithin(standing, limit);
  const { share } = reach.find((other) => sameResource(other.resource, resource))!;
  const { latencyMs, lowMs } = standing.measured.get(resource.device)!;
  const nothing = buysNothing({ widthShare: share, noise: noise.get(resource.device)! });
  return (nothing ? latencyMs : lowMs) <= limit.amount;
}

/** What to say of a device whose latency counts ops; null where widths are worth their while. */
export function littleWorthOf({ reach, noise }: Opening, resource: Resource): string | null {
  if (resource.kind !== 'latency') return null;
  const { device } = resource;
  const { share } = reach.find((other) => sameResource(other.resource, resource))!;
  return littleWidthWorth({ device, widthShare: share, noise: noise.get(device)! });
}

function fastest(standings: readonly Standing[], device: string): Standing {
  const latencyMs = ({ measured }: Standing): number => measured.get(device)!.latencyMs;
  return standings.reduce((a, b) => (latencyMs(b) < latencyMs(a) ? b : a));
}

function leastCommonMultiple(a: number, b: number): number {
  let multiple = Math.max(a, b);
  while (multiple % a !== 0 || multiple % b !== 0) multiple += Math.max(a, b);
  return multiple;
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
    importance: settings.importance === 'taylor',
    test: false,
    vital: true,
  };
}

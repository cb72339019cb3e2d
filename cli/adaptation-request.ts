import type { Command } from 'commander';
import type { AdaptationRequest } from '../contracts/adaptation.js';
import type { Surroundings } from './context.js';
import { type BudgetFlags, budgetInput, collectDeviceLimit, countLimit } from './input/budget-input.js';
import { type CandidateOptions, candidateInput, withCandidateOptions } from './input/candidate-input.js';
import { datasetInput } from './input/dataset-input.js';
import { integerValue, latencyValue, numberValue } from './input/option-values.js';
import { readDocument } from './input/read-document.js';

/** A run as the command line describes it; what is left out, the server fills in. */
export interface AdaptationFlags extends CandidateOptions, BudgetFlags {
  readonly device: string;
  readonly dataset: string;
  readonly weights?: string;
  readonly trainer?: string;
  readonly policy?: string;
  readonly ranking?: string;
  readonly importance?: string;
  readonly biasCompensation?: true;
  readonly initialReduction?: number;
  readonly reductionDecay?: number;
  readonly widthStep?: number;
  readonly maxChosen?: number;
  readonly maxIterations?: number;
  readonly randomSeed?: number;
  readonly baselines: boolean;
  readonly macsBaseline: boolean;
  readonly request?: string;
}

export function withAdaptationFlags(command: Command): Command {
  return withCandidateOptions(command)
    .option('-d, --device <name>', 'where the budget holds', 'local')
    .option('--dataset <name>', 'mnist, or a folder of IDX files', 'mnist')
    .option('--budget <latency>', 'e.g. 12ms or 800us', latencyValue)
    .option(
      '--ratio <share>',
      'instead of --budget: share of the seed’s measured latency, e.g. 0.6',
      numberValue,
    )
    .option(
      '--budget-on <device=limit>',
      'a latency on another device too: phone=30ms or phone=60%',
      collectDeviceLimit,
    )
    .option('--macs <limit>', 'most MACs: a count, or a share of the seed’s such as 60%', countLimit)
    .option('--params <limit>', 'most parameters, likewise', countLimit)
    .option('--memory <limit>', 'most bytes of activations at a time, likewise', countLimit)
    .option(
      '--weights <sha256>',
      'trained weights of the seed, already on the server; else it is trained first',
    )
    .option('--trainer <name>', 'onnxruntime (default) or tfjs')
    .option('--policy <name>', 'netadapt (default) or mobilenet-v3')
    .option('--ranking <name>', 'loss-per-latency (default), accuracy, accuracy-per-latency')
    .option('--initial-reduction <share>', 'first step as a share of the seed’s latency', numberValue)
    .option('--reduction-decay <factor>', 'each step is this times the one before', numberValue)
    .option(
      '--width-step <channels>',
      'widths are multiples of this (default: the device’s channel step, 8 where it has none)',
      integerValue,
    )
    .option(
      '--max-chosen <count>',
      'proposals taken at once while far from the budget; 1 as published',
      integerValue,
    )
    .option('--max-iterations <count>', 'give up after so many', integerValue)
    .option('--random-seed <number>', 'equal seeds give equal decisions', integerValue)
    .option('--importance <name>', 'which filters stay: taylor (default) or l2-norm, as published')
    .option('--bias-compensation', 'fold what removed channels contribute on average into biases')
    .option(
      '--no-macs-baseline',
      'without the same algorithm driven by MACs, which takes as long as the run itself',
    )
    .option('--no-baselines', 'without the uniform width multipliers at the same latency')
    .option('--request <file>', 'the whole request as JSON instead of these options; - reads standard input');
}

/** The body of `POST /adaptations`. The server checks it; only what the command line itself gets wrong is refused here. */
export async function adaptationRequest(
  zooName: string | undefined,
  flags: AdaptationFlags,
  stdin: Surroundings['stdin'],
): Promise<AdaptationRequest> {
  if (flags.request !== undefined) return (await readDocument(flags.request, stdin)) as AdaptationRequest;
  const candidate = await candidateInput(zooName, flags, stdin);
  const given = {
    weights: flags.weights,
    trainer: flags.trainer,
    policy: flags.policy,
    ranking: flags.ranking,
    importance: flags.importance,
    biasCompensation: flags.biasCompensation,
    initialReduction: flags.initialReduction,
    reductionDecay: flags.reductionDecay,
    widthStep: flags.widthStep,
    maxChosenPerIteration: flags.maxChosen,
    maxIterations: flags.maxIterations,
    randomSeed: flags.randomSeed,
    baselines: flags.baselines ? undefined : false,
    macsBaseline: flags.macsBaseline ? undefined : false,
  };
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    device: flags.device,
    candidate,
    dataset: datasetInput(flags.dataset),
    budget: budgetInput(flags),
    ...chosen,
  };
}

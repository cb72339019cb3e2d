import type { Network } from '../../network/network.js';
import { type GroupWidth, resizeGroups } from '../../network/resize-groups.js';
import { variantOf } from '../../network/variant-of.js';
import type { Command, TrainCommand } from '../command.js';
import type { Evaluation } from '../evaluation.js';
import { chosenProposals, cutsOf, type Proposal } from '../proposals.js';
import type { Resource } from '../resource.js';
import type { RunEventOf } from '../run-event.js';
import type { RunState } from '../run-state.js';
import { targetAt } from '../schedule.js';
import { type EvaluatedProposal, select } from '../selection.js';
import type { StepAim } from './budget.js';
import type { DeadEnd } from './dead-end.js';
import { environmentHashOf } from './environment-hash-of.js';
import { measuredAt, measureWhole } from './measure-whole.js';
import { littleWorthOf, type Opening } from './opening.js';
import { seedAsTeacher } from './seed-as-teacher.js';
import { amountOf, type Standing, type TrainedWeights } from './standing.js';

/** A proposal and what came of it. */
export interface ProposalOutcome extends Proposal {
  readonly trained: TrainedWeights | null;
  readonly failure: string | null;
}

/** One iteration, as far as it has come. */
export interface Iteration {
  /** From 0. */
  readonly index: number;
  /** What it reduces. */
  readonly resource: Resource;
  readonly from: Standing;
  readonly proposed: RunEventOf<'proposed'> | null;
  readonly proposals: readonly ProposalOutcome[];
  /** Of the uncut network after the same fine-tuning; null when not asked for, not there yet, or failed. */
  readonly nullProposal: Evaluation | null;
  readonly chosen: RunEventOf<'chosen'> | null;
  /** The network chosen, once measured. */
  readonly next: Standing | null;
  /** What must be done before or beside the next iteration. */
  readonly commands: readonly Command[];
  readonly deadEnd: DeadEnd | null;
}

export interface IterationRequest {
  /** Begins the keys of all its commands. */
  readonly prefix: string;
  /** From 0. */
  readonly index: number;
  /** The network that the iteration starts from. */
  readonly standing: Standing;
  readonly aim: StepAim;
  /** Whether the run ends with it when trainings fail that nothing can stand in for. */
  readonly vital: boolean;
}

/**
 * One round of NetAdapt: propose, fine-tune all proposals on the same batches, choose, measure what was chosen.
 * @see Yang et al. 2018, "NetAdapt", algorithm 1
 */
export function iterationStage(state: RunState, opening: Opening, request: IterationRequest): Iteration {
  return new IterationStage(state, opening, request).run();
}

/** Weights of the network that an iteration took, and what is still to be done for them. */
interface Taken {
  readonly trained: TrainedWeights | null;
  readonly commands: readonly Command[];
  readonly deadEnd?: DeadEnd;
}

/** Shares of the step to fall back to when no group alone can take away all of it. */
const FALLBACKS = [1, 1 / 2, 1 / 4, 1 / 8];

class IterationStage {
  private readonly path: string;
  private readonly standing: Standing;
  private readonly aim: StepAim;
  private readonly proposed: RunEventOf<'proposed'> | null;
  private readonly proposals: readonly ProposalOutcome[];
  private readonly chosen: RunEventOf<'chosen'> | null;

  constructor(
    private readonly state: RunState,
    private readonly opening: Opening,
    private readonly request: IterationRequest,
  ) {
    this.path = `${request.prefix}iteration/${request.index + 1}`;
    this.standing = request.standing;
    this.aim = request.aim;
    this.proposed = state.proposed.get(`${this.path}/propose`) ?? null;
    this.proposals = (this.proposed?.proposals ?? []).map((proposal) => {
      const key = this.proposalKey(proposal);
      const failure = state.trainingFailures.get(key) ?? null;
      return { ...proposal, trained: state.trained.get(key) ?? null, failure };
    });
    this.chosen = state.chosen.get(`${this.path}/choose`) ?? null;
  }

  run(): Iteration {
    if (this.proposed === null) return this.report({ commands: [this.proposeCommand()] });
    if (this.proposals.length === 0) return this.report({ deadEnd: this.noProposals() });
    const { trained } = this.standing;
    if (trained === null) return this.report({});
    if (this.chosen === null) {
      const trainings = this.pendingTrainings(trained);
      return this.report(trainings.length > 0 ? { commands: trainings } : this.choose(trained));
    }
    return this.take(this.chosen, trained);
  }

  private report(end: Partial<Pick<Iteration, 'commands' | 'next' | 'deadEnd'>>): Iteration {
    const { proposed, proposals, chosen } = this;
    return {
      index: this.request.index,
      resource: proposed?.resource ?? this.aim.resource,
      from: this.standing,
      proposed,
      proposals,
      nullProposal: this.state.trained.get(this.nullKey)?.holdout ?? null,
      chosen,
      next: null,
      commands: [],
      deadEnd: null,
      ...end,
    };
  }

  private get nullKey(): string {
    return `${this.path}/null`;
  }

  private proposalKey({ group }: Proposal): string {
    return `${this.path}/proposal/${group}`;
  }

  private proposeCommand(): Command {
    const { resource, step, aim } = this.aim;
    const amount = amountOf(this.standing, resource);
    return {
      kind: 'propose',
      key: `${this.path}/propose`,
      network: this.standing.network,
      resource,
      amount,
      targets: FALLBACKS.map((share) => targetAt(amount, share * step, aim)),
      widthStep: this.opening.widthStep,
      environmentHash: resource.kind === 'latency' ? environmentHashOf(this.state, resource.device) : null,
    };
  }

  private noProposals(): DeadEnd {
    const { resource } = this.proposed!;
    const amount = amountOf(this.standing, resource);
    const [words, details] =
      resource.kind === 'latency'
        ? [`${amount.toFixed(3)} ms on ${resource.device}`, { leastMs: amount }]
        : [`${amount} ${resource.kind}`, { least: amount }];
    const worth = littleWorthOf(this.opening, resource);
    const because = worth === null ? '' : `; ${worth}`;
    const message = `at ${words} no width group can take away any more on its own${because}`;
    return { key: `${this.path}/propose`, code: 'unreachable-budget', message, details };
  }

  /** The paper's rankings compare proposals with the network as it stands and need no null proposal. */
  private pendingTrainings(trained: TrainedWeights): readonly TrainCommand[] {
    const { network } = this.standing;
    const commands = this.proposals.map((proposal) =>
      this.fineTuning(this.proposalKey(proposal), trained, cutsOf(proposal)),
    );
    if (this.state.settings.ranking === 'loss-per-latency') {
      commands.unshift({
        ...this.fineTuning(this.nullKey, trained, []),
        network,
        start: { kind: 'stored', weights: trained.weights },
      });
    }
    return commands.filter(
      ({ key }) => !this.state.trained.has(key) && !this.state.trainingFailures.has(key),
    );
  }

  private fineTuning(key: string, trained: TrainedWeights, widths: readonly GroupWidth[]): TrainCommand {
    const { network } = this.standing;
    const wanted = widths.map(({ group, width }) => ({ group, width }));
    return {
      kind: 'train',
      key,
      recipe: 'fine-tune',
      network: resizeGroups(network, wanted),
      start: {
        kind: 'cut',
        weights: trained.weights,
        importance: trained.importance ?? null,
        network,
        widths: wanted,
      },
      extraSteps: 0,
      batchSeed: this.state.settings.randomSeed + 1 + this.request.index,
      teacher: seedAsTeacher(this.opening),
      importance: false,
      test: false,
      vital: false,
    };
  }

  private choose(trained: TrainedWeights): Partial<Iteration> {
    const key = `${this.path}/choose`;
    const evaluated = this.proposals.flatMap((proposal): readonly EvaluatedProposal[] => {
      const holdout = proposal.trained?.holdout;
      return holdout ? [{ ...proposal, holdout }] : [];
    });
    const present = trained.holdout ?? evaluated[0]?.holdout;
    if (evaluated.length === 0 || present === undefined) {
      const first = this.proposals.find(({ failure }) => failure !== null)?.failure;
      const message = `fine-tuning of every proposal failed, the first with: ${first}`;
      return { deadEnd: { key, code: 'training-failed', message } };
    }
    const { resource } = this.proposed!;
    const nullProposal = this.state.trained.get(this.nullKey)?.holdout ?? present;
    const { chosen, estimate, scores } = select(evaluated, {
      ranking: this.state.settings.ranking,
      reference: { nullProposal, present },
      amount: amountOf(this.standing, resource),
      aim: this.aim.aim,
      noise: resource.kind === 'latency' ? this.opening.noise.get(resource.device)! : 0,
      maxChosen: this.maxChosen(resource),
    });
    const widths = chosen.flatMap((proposal) =>
      cutsOf(proposal).map(({ group, width }) => ({ group, width })),
    );
    return {
      commands: [{ kind: 'record', key, event: { type: 'chosen', key, widths, estimate, scores } }],
    };
  }

  /** Where the most memory is needed moves with every cut: reductions of it do not add up. */
  private maxChosen({ kind }: Resource): number {
    return kind === 'peakActivationBytes' ? 1 : this.state.settings.maxChosenPerIteration;
  }

  /** Measures the chosen network; trains several proposals together meanwhile. */
  private take({ widths, estimate }: RunEventOf<'chosen'>, trained: TrainedWeights): Iteration {
    const network = variantOf(this.standing.network, widths);
    const [first, ...others] = chosenProposals(this.proposals, widths);
    const taken =
      first !== undefined && others.length === 0
        ? this.trainedAlone(network, first)
        : this.jointTraining(widths, trained);
    if (taken.deadEnd) return this.report({ deadEnd: taken.deadEnd });
    const measurement = measureWhole(this.state, `${this.path}/measure`, [network]);
    if (measurement.kind === 'pending') {
      return this.report({ commands: [...taken.commands, ...measurement.commands] });
    }
    return this.report({
      commands: taken.commands,
      next: {
        network,
        measured: measuredAt(measurement.latencies, 0),
        estimate: { resource: this.proposed!.resource, amount: estimate },
        trained: taken.trained,
        stepsSinceSeed: this.standing.stepsSinceSeed + this.state.settings.steps.fineTune,
      },
    });
  }

  /** As fine-tuned; the importance of its filters, which only a network that is taken needs, is found out by itself. */
  private trainedAlone(network: Network, { trained }: ProposalOutcome): Taken {
    if (trained === null || this.state.settings.importance !== 'taylor') return { trained, commands: [] };
    const key = `${this.path}/importance`;
    const scored = this.state.trained.get(key);
    if (scored !== undefined) {
      return { trained: { ...trained, importance: scored.importance ?? null }, commands: [] };
    }
    // Without it, L2 norms will do.
    if (this.state.trainingFailures.has(key)) return { trained, commands: [] };
    const start = { kind: 'stored', weights: trained.weights } as const;
    const command = this.fineTuning(key, trained, []);
    return {
      trained: null,
      commands: [{ ...command, recipe: 'evaluate', network, start, importance: true }],
    };
  }

  /** If it fails, the cuts are taken as they are: the next iteration trains them on. */
  private jointTraining(widths: readonly GroupWidth[], trained: TrainedWeights): Taken {
    const { settings, trainingFailures } = this.state;
    const command = {
      ...this.fineTuning(`${this.path}/joint`, trained, widths),
      importance: settings.importance === 'taylor',
    };
    const untrained: TrainCommand = {
      ...command,
      key: `${this.path}/joint-untrained`,
      recipe: 'evaluate',
      vital: this.request.vital,
    };
    const failure = trainingFailures.get(untrained.key);
    if (failure !== undefined) {
      const deadEnd: DeadEnd = { key: untrained.key, code: 'training-failed', message: failure };
      return { trained: null, commands: [], deadEnd };
    }
    const next = trainingFailures.has(command.key) ? untrained : command;
    const done = this.state.trained.get(next.key) ?? null;
    return { trained: done, commands: done === null ? [next] : [] };
  }
}

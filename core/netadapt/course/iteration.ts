import { type GroupWidth, resizeGroups } from '../../network/resize-groups.js';
import type { Command, TrainCommand } from '../command.js';
import type { Evaluation } from '../evaluation.js';
import type { Proposal } from '../proposals.js';
import type { RunEventOf } from '../run-event.js';
import type { RunState } from '../run-state.js';
import { aimMs, reductionMs, targetMs } from '../schedule.js';
import { type EvaluatedProposal, select } from '../selection.js';
import { measureWhole } from './measure-whole.js';
import type { Opening } from './opening.js';
import { refusal } from './refusal.js';
import type { Standing, TrainedWeights } from './standing.js';

/** A proposal and what came of it. */
export interface ProposalOutcome extends Proposal {
  readonly trained: TrainedWeights | null;
  readonly failure: string | null;
}

/** One iteration, as far as it has come. */
export interface Iteration {
  /** From 0. */
  readonly index: number;
  readonly proposed: RunEventOf<'proposed'> | null;
  readonly proposals: readonly ProposalOutcome[];
  /** Of the uncut network after the same fine-tuning; null when not asked for, not there yet, or failed. */
  readonly nullProposal: Evaluation | null;
  readonly chosen: RunEventOf<'chosen'> | null;
  /** The network chosen, once measured. */
  readonly next: Standing | null;
  /** What must be done before or beside the next iteration. */
  readonly commands: readonly Command[];
}

/**
 * One round of NetAdapt: propose, fine-tune all proposals on the same batches, choose, measure what was chosen.
 * @param standing the network that the iteration starts from
 * @see Yang et al. 2018, "NetAdapt", algorithm 1
 */
export function iterationStage(
  state: RunState,
  opening: Opening,
  standing: Standing,
  index: number,
): Iteration {
  return new IterationStage(state, opening, standing, index).run();
}

/** Shares of the step to fall back to when no group alone can take away all of it. */
const FALLBACKS = [1, 1 / 2, 1 / 4, 1 / 8];

class IterationStage {
  private readonly path: string;
  private readonly stepMs: number;
  private readonly proposed: RunEventOf<'proposed'> | null;
  private readonly proposals: readonly ProposalOutcome[];
  private readonly chosen: RunEventOf<'chosen'> | null;

  constructor(
    private readonly state: RunState,
    private readonly opening: Opening,
    private readonly standing: Standing,
    private readonly index: number,
  ) {
    this.path = `iteration/${index + 1}`;
    this.stepMs = reductionMs(state.settings.schedule, opening.seed.measured.latencyMs, index);
    this.proposed = state.proposed.get(`${this.path}/propose`) ?? null;
    this.proposals = (this.proposed?.proposals ?? []).map((proposal) => {
      const key = this.proposalKey(proposal);
      const failure = state.trainingFailures.get(key) ?? null;
      return { ...proposal, trained: state.trained.get(key) ?? null, failure };
    });
    this.chosen = state.chosen.get(`${this.path}/choose`) ?? null;
  }

  run(): Iteration {
    if (this.proposed === null) return this.report([this.proposeCommand()]);
    if (this.proposals.length === 0) return this.report([this.noProposals()]);
    const { trained } = this.standing;
    if (trained === null) return this.report([]);
    if (this.chosen === null) {
      const trainings = this.pendingTrainings(trained);
      return this.report(trainings.length > 0 ? trainings : [this.choose(trained)]);
    }
    return this.take(this.chosen, trained);
  }

  private report(commands: readonly Command[], next: Standing | null = null): Iteration {
    const { index, proposed, proposals, chosen } = this;
    const nullProposal = this.state.trained.get(this.nullKey)?.holdout ?? null;
    return { index, proposed, proposals, nullProposal, chosen, next, commands };
  }

  private get nullKey(): string {
    return `${this.path}/null`;
  }

  private proposalKey({ group }: Proposal): string {
    return `${this.path}/proposal/${group}`;
  }

  private proposeCommand(): Command {
    const { measured, network } = this.standing;
    const targetsMs = FALLBACKS.map((share) =>
      targetMs(measured, share * this.stepMs, this.opening.budgetMs),
    );
    return {
      kind: 'propose',
      key: `${this.path}/propose`,
      network,
      measuredMs: measured.latencyMs,
      targetsMs,
      widthStep: this.opening.widthStep,
    };
  }

  private noProposals(): Command {
    const { latencyMs } = this.standing.measured;
    const message = `budget ${this.opening.budgetMs.toFixed(3)} ms: at ${latencyMs.toFixed(3)} ms no width group can take away any more latency on its own`;
    return refusal(`${this.path}/propose`, 'unreachable-budget', message, { leastMs: latencyMs });
  }

  /** The paper's rankings compare proposals with the network as it stands and need no null proposal. */
  private pendingTrainings(trained: TrainedWeights): readonly TrainCommand[] {
    const { network } = this.standing;
    const commands = this.proposals.map((proposal) =>
      this.fineTuning(this.proposalKey(proposal), trained, [proposal]),
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
      start: { kind: 'cut', weights: trained.weights, network, widths: wanted },
      extraSteps: 0,
      batchSeed: this.state.settings.randomSeed + 1 + this.index,
      teacher: null,
      test: false,
      vital: false,
    };
  }

  private choose(trained: TrainedWeights): Command {
    const key = `${this.path}/choose`;
    const evaluated = this.proposals.flatMap((proposal): readonly EvaluatedProposal[] => {
      const holdout = proposal.trained?.holdout;
      return holdout ? [{ ...proposal, holdout }] : [];
    });
    const present = trained.holdout ?? evaluated[0]?.holdout;
    if (evaluated.length === 0 || present === undefined) {
      const first = this.proposals.find(({ failure }) => failure !== null)?.failure;
      return refusal(
        key,
        'training-failed',
        `fine-tuning of every proposal failed, the first with: ${first}`,
      );
    }
    const { settings } = this.state;
    const nullProposal = this.state.trained.get(this.nullKey)?.holdout ?? present;
    const { chosen, estimateMs, scores } = select(evaluated, {
      ranking: settings.ranking,
      reference: { nullProposal, present },
      latencyMs: this.standing.measured.latencyMs,
      aimMs: aimMs(this.standing.measured, this.opening.budgetMs),
      maxChosen: settings.maxChosenPerIteration,
    });
    const widths = chosen.map(({ group, width }) => ({ group, width }));
    return { kind: 'record', key, event: { type: 'chosen', key, widths, estimateMs, scores } };
  }

  /** Measures the chosen network; trains several cuts together meanwhile. */
  private take({ widths, estimateMs }: RunEventOf<'chosen'>, trained: TrainedWeights): Iteration {
    const network = resizeGroups(this.standing.network, widths);
    const joint = widths.length > 1 ? this.jointTraining(widths, trained) : null;
    const training = joint?.commands ?? [];
    const measurement = measureWhole(this.state, `${this.path}/measure`, [network]);
    if (measurement.kind === 'pending') return this.report([...training, measurement.command]);
    return this.report(training, {
      network,
      measured: measurement.latencies[0]!,
      estimateMs,
      trained: joint === null ? this.trainedAlone(widths[0]!) : joint.trained,
      stepsSinceSeed: this.standing.stepsSinceSeed + this.state.settings.steps.fineTune,
    });
  }

  private trainedAlone({ group }: GroupWidth): TrainedWeights | null {
    return this.proposals.find((proposal) => proposal.group === group)?.trained ?? null;
  }

  /** If it fails, the cuts are taken as they are: the next iteration trains them on. */
  private jointTraining(
    widths: readonly GroupWidth[],
    trained: TrainedWeights,
  ): { readonly trained: TrainedWeights | null; readonly commands: readonly Command[] } {
    const command = this.fineTuning(`${this.path}/joint`, trained, widths);
    const untrained: TrainCommand = {
      ...command,
      key: `${this.path}/joint-untrained`,
      recipe: 'evaluate',
      vital: true,
    };
    const next = this.state.trainingFailures.has(command.key) ? untrained : command;
    const done = this.state.trained.get(next.key) ?? null;
    return { trained: done, commands: done === null ? [next] : [] };
  }
}

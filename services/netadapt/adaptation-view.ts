import type {
  AdaptationRequest,
  AdaptationStatus,
  AdaptationView,
  BaselineView,
  IterationView,
  MeasuredNetwork,
} from '../../contracts/adaptation.js';
import { type Course, courseOf } from '../../core/netadapt/course/course.js';
import type { Iteration } from '../../core/netadapt/course/iteration.js';
import type { Standing } from '../../core/netadapt/course/standing.js';
import { progressOf, type RunProgress } from '../../core/netadapt/progress.js';
import { chosenProposals } from '../../core/netadapt/proposals.js';
import { type Resource, sameResource } from '../../core/netadapt/resource.js';
import type { RunState } from '../../core/netadapt/run-state.js';
import { budgetView, reachView, resourceView } from './budget-view.js';
import { foldRun } from './fold-run.js';
import { measuredNetwork } from './measured-network.js';
import { settingsOfRequest } from './settings-of-request.js';

interface Row {
  readonly id: string;
  readonly request: AdaptationRequest;
  readonly status: AdaptationStatus;
  readonly submittedBy: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type Events = readonly { readonly type: string; readonly data: unknown }[];

/** What a view has from a run's events alone: the rest stands in its row, and moves without one. */
export interface ShownRun extends Omit<AdaptationView, keyof Row | 'progress'> {
  readonly progress: RunProgress;
}

/**
 * What `GET /adaptations/:id` shows: a run's events, folded.
 * @param events all of the run, in order
 * @param stepsUnderWay optimisation steps of trainings that have not ended yet
 */
export function foldAdaptationView(row: Row, events: Events, stepsUnderWay = 0): AdaptationView {
  return viewOfRun(row, showRun(row.request, events), stepsUnderWay);
}

/** @param stepsUnderWay optimisation steps of trainings that have not ended yet */
export function viewOfRun(
  { id, status, request, submittedBy, createdAtMs, updatedAtMs }: Row,
  { phase, progress: { done, total, note, stepCost }, ...shown }: ShownRun,
  stepsUnderWay: number,
): AdaptationView {
  const doneNow = status === 'finished' ? total : Math.min(total, done + stepsUnderWay * stepCost);
  return {
    id,
    status,
    phase,
    progress: { done: doneNow, total, note },
    request,
    submittedBy,
    createdAtMs,
    updatedAtMs,
    ...shown,
  };
}

/** @param events all of the run, in order */
export function showRun(request: AdaptationRequest, events: Events): ShownRun {
  const state = foldRun(settingsOfRequest(request), events);
  const course = courseOf(state);
  const { device } = request;
  const latency: Resource = { kind: 'latency', device };
  return {
    phase: course.phase,
    progress: progressOf(state, course),
    budgetMs: course.opening?.limits.find(({ resource }) => sameResource(resource, latency))?.amount ?? null,
    budget: budgetView(course),
    widthStep: course.opening?.widthStep ?? null,
    reach: reachView(course),
    budgetMet: course.budgetMet,
    seed: course.opening && seedView(course, device),
    iterations: course.iterations.flatMap((iteration) => iterationView(iteration, device)),
    final: finalView(course, device),
    baselines: baselineViews(course, state, device),
    error: errorView(state),
  };
}

function seedView({ opening, finale }: Course, device: string): MeasuredNetwork {
  const { network, measured, trained } = opening!.seed;
  return measuredNetwork(network, device, { measured, trained, test: finale?.seedAsGiven?.test ?? null });
}

/** Nothing before its proposals are known. */
function iterationView(iteration: Iteration, device: string): IterationView[] {
  const { index, resource, proposed, proposals, nullProposal, chosen, next } = iteration;
  if (proposed === null) return [];
  const isLatency = sameResource(resource, { kind: 'latency', device });
  const taken = chosenProposals(proposals, chosen?.widths ?? []);
  const view = {
    index,
    resource: resourceView(resource),
    target: proposed.target,
    targetMs: isLatency ? proposed.target : null,
    nullProposal,
    proposals: proposals.map((proposal) => ({
      group: proposal.group,
      widthBefore: proposal.widthBefore,
      width: proposal.width,
      also: [...(proposal.also ?? [])],
      estimate: proposal.estimate,
      estimateMs: isLatency ? proposal.estimate : null,
      holdout: proposal.trained?.holdout ?? null,
      score: chosen?.scores[proposal.group] ?? null,
      failure: proposal.failure,
      chosen: taken.includes(proposal),
    })),
    network: next && standingView(next, device),
  };
  return [view];
}

function standingView({ network, measured, estimate, trained }: Standing, device: string): MeasuredNetwork {
  return measuredNetwork(network, device, { measured, trained, estimateMs: estimateMsOf(estimate, device) });
}

function estimateMsOf(estimate: Standing['estimate'], device: string): number | null {
  if (estimate === null || !sameResource(estimate.resource, { kind: 'latency', device })) return null;
  return estimate.amount;
}

/**
 * Null until it is settled which network the run ends with. Its weights come with the final training: those that it was
 * cut with saw a few steps, and whoever takes a run's result means the other ones.
 */
function finalView({ standing, closing, finale }: Course, device: string): MeasuredNetwork | null {
  if (standing === null || closing === null) return null;
  const { weights = null, test = null } = finale?.adapted ?? {};
  const view = measuredNetwork(standing.network, device, {
    measured: closing.adapted,
    estimateMs: estimateMsOf(standing.estimate, device),
    trained: finale?.adapted ?? standing.trained,
    test,
  });
  return { ...view, weights };
}

function baselineViews(
  { opening, closing, finale }: Course,
  { settings }: RunState,
  device: string,
): BaselineView[] {
  if (opening === null || closing === null) return [];
  if (!settings.baselines && closing.rivals.length === 0) return [];
  const networkOf = (
    name: string,
    network: Standing['network'],
    measured: Standing['measured'],
  ): MeasuredNetwork => {
    const trained = finale?.baselines.get(name) ?? null;
    return measuredNetwork(network, device, { measured, trained, test: trained?.test ?? null });
  };
  return [
    {
      name: 'seed',
      multiplier: 1,
      iterations: null,
      network: networkOf('seed', opening.seed.network, closing.seed),
    },
    ...closing.rivals.map(({ rival: { name, multiplier, iterations, network }, measured }) => ({
      name,
      multiplier,
      iterations,
      network: networkOf(name, network, measured),
    })),
  ];
}

function errorView({ failure }: RunState): AdaptationView['error'] {
  if (failure === null) return null;
  const { code, message, details } = failure;
  return { code, message, ...(details !== undefined && { details: { ...details } }) };
}

import type {
  AdaptationRequest,
  AdaptationStatus,
  AdaptationView,
  BaselineView,
  IterationView,
  MeasuredNetwork,
} from '../../contracts/adaptation.js';
import { type Course, courseOf } from '../../core/netadapt/course/course.js';
import { baselineName, type Finale } from '../../core/netadapt/course/finale.js';
import type { Iteration } from '../../core/netadapt/course/iteration.js';
import type { Standing } from '../../core/netadapt/course/standing.js';
import { progressOf } from '../../core/netadapt/progress.js';
import type { MeasuredLatency, RunEventOf } from '../../core/netadapt/run-event.js';
import type { RunState } from '../../core/netadapt/run-state.js';
import { foldRun } from './fold-run.js';
import { measuredNetwork } from './measured-network.js';
import { settingsOfRequest } from './settings-of-request.js';

interface Row {
  readonly id: string;
  readonly request: AdaptationRequest;
  readonly status: AdaptationStatus;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/**
 * What `GET /adaptations/:id` shows: a run's events, folded.
 * @param events all of the run, in order
 * @param stepsUnderWay optimisation steps of trainings that have not ended yet
 */
export function foldAdaptationView(
  row: Row,
  events: readonly { readonly type: string; readonly data: unknown }[],
  stepsUnderWay = 0,
): AdaptationView {
  const state = foldRun(settingsOfRequest(row.request), events);
  const course = courseOf(state);
  const progress = progressOf(state, course);
  return {
    id: row.id,
    status: row.status,
    phase: course.phase,
    progress: {
      ...progress,
      done:
        row.status === 'finished' ? progress.total : Math.min(progress.total, progress.done + stepsUnderWay),
    },
    request: row.request,
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
    budgetMs: course.opening?.budgetMs ?? null,
    budgetMet: course.budgetMet,
    seed: course.opening && seedView(course.opening.seed, course.finale),
    iterations: course.iterations.flatMap(iterationView),
    final: finalView(course),
    baselines: baselineViews(course, state),
    error: errorView(state),
  };
}

function seedView(seed: Standing, finale: Finale | null): MeasuredNetwork {
  return measuredNetwork(seed.network, {
    measured: seed.measured,
    trained: seed.trained,
    test: finale?.seedAsGiven?.test ?? null,
  });
}

/** Nothing before its proposals are known. */
function iterationView(iteration: Iteration): IterationView[] {
  const { index, proposed, proposals, nullProposal, chosen, next } = iteration;
  if (proposed === null) return [];
  const taken = new Set(chosen?.widths.map(({ group }) => group));
  const view = {
    index,
    targetMs: proposed.targetMs,
    nullProposal,
    proposals: proposals.map(({ group, widthBefore, width, estimateMs, trained, failure }) => ({
      group,
      widthBefore,
      width,
      estimateMs,
      holdout: trained?.holdout ?? null,
      score: chosen?.scores[group] ?? null,
      failure,
      chosen: taken.has(group),
    })),
    network: next && measuredNetwork(next.network, next),
  };
  return [view];
}

/** Null until it is settled which network the run ends with. */
function finalView({ standing, closing, finale }: Course): MeasuredNetwork | null {
  if (standing === null || closing === null) return null;
  return measuredNetwork(standing.network, {
    measured: closing.adapted,
    estimateMs: standing.estimateMs,
    trained: finale?.adapted ?? standing.trained,
    test: finale?.adapted?.test ?? null,
  });
}

function baselineViews({ opening, closing, finale }: Course, { settings }: RunState): BaselineView[] {
  if (opening === null || closing === null || !settings.baselines) return [];
  const trainedAs = (name: string): RunEventOf<'trained'> | null => finale?.baselines.get(name) ?? null;
  const seed = trainedAs('seed');
  return [
    {
      name: 'seed',
      multiplier: 1,
      network: baselineNetwork(opening.seed.network, closing.seed, seed),
    },
    ...closing.rivals.map(({ rival, measured }) => {
      const name = baselineName(rival.rounding);
      return {
        name,
        multiplier: rival.multiplier,
        network: baselineNetwork(rival.network, measured, trainedAs(name)),
      };
    }),
  ];
}

function baselineNetwork(
  network: Standing['network'],
  measured: MeasuredLatency,
  trained: RunEventOf<'trained'> | null,
): MeasuredNetwork {
  return measuredNetwork(network, { measured, trained, test: trained?.test ?? null });
}

function errorView({ failure }: RunState): AdaptationView['error'] {
  if (failure === null) return null;
  const { code, message, details } = failure;
  return { code, message, ...(details !== undefined && { details: { ...details } }) };
}

import type { RunEvent, RunEventOf } from './run-event.js';
import type { RunSettings } from './run-settings.js';

/** Everything a run knows, by command key. */
export interface RunState {
  readonly settings: RunSettings;
  readonly described: ReadonlyMap<string, RunEventOf<'device-described'>>;
  readonly trained: ReadonlyMap<string, RunEventOf<'trained'>>;
  readonly trainingFailures: ReadonlyMap<string, string>;
  readonly measured: ReadonlyMap<string, RunEventOf<'measured'>>;
  readonly proposed: ReadonlyMap<string, RunEventOf<'proposed'>>;
  readonly chosen: ReadonlyMap<string, RunEventOf<'chosen'>>;
  /** Set until the run is resumed. */
  readonly failure: RunEventOf<'failed'> | null;
  readonly cancelled: boolean;
  readonly finished: boolean;
  /** How often a command's failure ended the run: it is asked for under a new identity after a resume. */
  readonly attempts: ReadonlyMap<string, number>;
}

export function initialState(settings: RunSettings): RunState {
  return {
    settings,
    described: new Map(),
    trained: new Map(),
    trainingFailures: new Map(),
    measured: new Map(),
    proposed: new Map(),
    chosen: new Map(),
    failure: null,
    cancelled: false,
    finished: false,
    attempts: new Map(),
  };
}

/**
 * The state after one more event. The first result of a command counts; a second one changes nothing, so that a result
 * reported twice around a crash does no harm.
 */
export function applyEvent(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'device-described':
      return { ...state, described: withFirst(state.described, event.key, event) };
    case 'trained':
      return { ...state, trained: withFirst(state.trained, event.key, event) };
    case 'training-failed':
      return { ...state, trainingFailures: withFirst(state.trainingFailures, event.key, event.message) };
    case 'measured':
      return { ...state, measured: withFirst(state.measured, event.key, event) };
    case 'proposed':
      return { ...state, proposed: withFirst(state.proposed, event.key, event) };
    case 'chosen':
      return { ...state, chosen: withFirst(state.chosen, event.key, event) };
    case 'failed': {
      const attempts = new Map(state.attempts).set(event.key, (state.attempts.get(event.key) ?? 0) + 1);
      return { ...state, failure: event, attempts };
    }
    case 'cancelled':
      return { ...state, cancelled: true };
    case 'resumed':
      return { ...withTrainingsForgiven(state), failure: null, cancelled: false };
    case 'finished':
      return { ...state, finished: true };
  }
}

/** An iteration that ended the run because all its trainings failed gets them anew. */
function withTrainingsForgiven(state: RunState): RunState {
  if (state.failure?.code !== 'training-failed') return state;
  const iteration = state.failure.key.slice(0, state.failure.key.lastIndexOf('/') + 1);
  const trainingFailures = new Map(state.trainingFailures);
  const attempts = new Map(state.attempts);
  for (const key of state.trainingFailures.keys()) {
    if (!key.startsWith(iteration)) continue;
    trainingFailures.delete(key);
    attempts.set(key, (attempts.get(key) ?? 0) + 1);
  }
  return { ...state, trainingFailures, attempts };
}

function withFirst<T>(known: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return known.has(key) ? known : new Map(known).set(key, value);
}

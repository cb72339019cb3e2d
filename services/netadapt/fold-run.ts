import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState, type RunState } from '../../core/netadapt/run-state.js';

/** An event as it is stored. */
interface StoredEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The state that a run's stored events amount to. */
export function foldRun(settings: RunSettings, events: readonly StoredEvent[]): RunState {
  return events.reduce(
    (state, { type, data }) => applyEvent(state, { ...(data as object), type } as RunEvent),
    initialState(settings),
  );
}

import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState, type RunState } from '../../core/netadapt/run-state.js';
import { upcastEvent } from '../../core/netadapt/upcast-event.js';

/** An event as it is stored. */
interface StoredEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The state that a run's stored events amount to. */
export function foldRun(settings: RunSettings, events: readonly StoredEvent[]): RunState {
  return events.reduce(
    (state, { type, data }) =>
      applyEvent(state, upcastEvent({ ...(data as object), type }, settings.devices[0]!)),
    initialState(settings),
  );
}

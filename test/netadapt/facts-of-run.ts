import { courseOf } from '../../core/netadapt/course/course.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';

/** What a run decided and found, without the order in which results came in. */
export function factsOfRun(settings: RunSettings, events: readonly RunEvent[]) {
  const course = courseOf(events.reduce(applyEvent, initialState(settings)));
  return {
    phase: course.phase,
    chosen: course.iterations.map(({ chosen }) => chosen?.widths),
    targets: course.iterations.map(({ resource, proposed }) => ({ resource, target: proposed?.target })),
    macsChosen: course.macsIterations.map(({ chosen }) => chosen?.widths),
    standing: course.standing?.measured,
    weights: course.standing?.trained?.weights,
    closing: course.closing,
    finale: course.finale,
  };
}

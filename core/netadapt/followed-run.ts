import { type Course, courseOf } from './course/course.js';
import type { RunEvent } from './run-event.js';
import { applyEvent, type RunState } from './run-state.js';

/** A run from event to event, for whoever asks where it stands more often than anything happens. */
export class FollowedRun {
  private present: RunState;
  private walked: Course | null = null;

  /** @param state that the events so far amount to */
  constructor(state: RunState) {
    this.present = state;
  }

  get state(): RunState {
    return this.present;
  }

  /** Walked once for each state, since the whole run is walked: nothing but an event changes it. */
  get course(): Course {
    this.walked ??= courseOf(this.present);
    return this.walked;
  }

  apply(event: RunEvent): void {
    this.present = applyEvent(this.present, event);
    this.walked = null;
  }
}

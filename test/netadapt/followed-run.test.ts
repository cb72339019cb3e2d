import { expect, it } from 'vitest';
import { courseOf } from '../../core/netadapt/course/course.js';
import { FollowedRun } from '../../core/netadapt/followed-run.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';
import { SimulatedDevice } from './simulated-device.js';
import { settingsFor, simulate } from './simulated-run.js';

const settings = settingsFor({ macsBaseline: true });

it('a run that is followed takes the course that its events alone give, walked once for each of them', () => {
  const { events } = simulate(settings, new SimulatedDevice(), []);
  const run = new FollowedRun(initialState(settings));
  const before: RunEvent[] = [];
  for (const event of events) {
    // Whoever reads the events anew, after a crash, has networks of its own.
    const fresh = structuredClone(settings);
    expect(run.course).toEqual(courseOf(before.reduce(applyEvent, initialState(fresh))));
    expect(run.course).toBe(run.course);
    run.apply(event);
    before.push(event);
  }
  expect(run.course.phase).toBe('done');
  expect(run.course.commands).toEqual([]);
});

it('a run that failed or was cancelled has nothing to do until it is resumed', () => {
  const run = new FollowedRun(initialState(settings));
  const { commands } = run.course;
  expect(commands.length).toBeGreaterThan(0);
  for (const event of [
    { type: 'failed', key: 'seed/train', code: 'training-failed', message: 'NaN' },
    { type: 'cancelled', key: 'cancel' },
  ] as const) {
    run.apply(event);
    expect(run.course.commands).toEqual([]);
    run.apply({ type: 'resumed', key: 'resume' });
    expect(run.course.commands).toEqual(commands);
  }
});

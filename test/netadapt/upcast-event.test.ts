import { expect, it } from 'vitest';
import { courseOf } from '../../core/netadapt/course/course.js';
import { upcastEvent } from '../../core/netadapt/upcast-event.js';
import { foldRun } from '../../services/netadapt/fold-run.js';
import { SimulatedDevice } from './simulated-device.js';
import { settingsFor, simulate } from './simulated-run.js';

it('reads events of the version that knew only latencies on one device', () => {
  const proposed = {
    type: 'proposed',
    key: 'iteration/1/propose',
    targetMs: 0.097,
    proposals: [{ group: 'head/conv', widthBefore: 64, width: 48, estimateMs: 0.095, ops: [3, 4] }],
  };
  expect(upcastEvent(proposed, 'local')).toEqual({
    type: 'proposed',
    key: 'iteration/1/propose',
    resource: { kind: 'latency', device: 'local' },
    target: 0.097,
    proposals: [{ group: 'head/conv', widthBefore: 64, width: 48, estimate: 0.095, ops: [3, 4] }],
  });
  const chosen = { type: 'chosen', key: 'k', widths: [], estimateMs: 0.09, scores: { a: 1 } };
  expect(upcastEvent(chosen, 'local')).toEqual({
    type: 'chosen',
    key: 'k',
    widths: [],
    estimate: 0.09,
    scores: { a: 1 },
  });
});

it('carries on a run that the earlier version began', () => {
  const settings = settingsFor();
  const { events } = simulate(settings, new SimulatedDevice(), [], { noise: null });
  const old = events.map(({ type, ...event }) => {
    const data = structuredClone(event) as Record<string, unknown>;
    delete data.noise;
    if ('target' in data) {
      data.targetMs = data.target;
      delete data.target;
      delete data.resource;
      data.proposals = (data.proposals as { estimate: number }[]).map(({ estimate, ...proposal }) => ({
        ...proposal,
        estimateMs: estimate,
      }));
    }
    if (type === 'chosen') {
      data.estimateMs = data.estimate;
      delete data.estimate;
    }
    return { type, data };
  });
  const whole = courseOf(foldRun(settings, old));
  expect(whole.phase).toBe('done');
  expect(whole).toEqual(
    courseOf(
      foldRun(
        settings,
        events.map(({ type, ...data }) => ({ type, data })),
      ),
    ),
  );
  // Cut in the middle, it goes on to the same end.
  const half = foldRun(settings, old.slice(0, 40));
  expect(courseOf(half).commands.length).toBeGreaterThan(0);
});

import { describe, expect, it } from 'vitest';
import { courseOf } from '../../core/netadapt/course/course.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';
import { SimulatedDevice } from './simulated-device.js';
import { type SimulationOptions, settingsFor, simulate } from './simulated-run.js';

function run(changes: Partial<RunSettings> = {}, options: SimulationOptions = {}) {
  const settings = settingsFor({ macsBaseline: true, ...changes });
  const { events, state } = simulate(settings, new SimulatedDevice(), [], options);
  return { settings, events, state, course: courseOf(state) };
}

const latencyOf = (measured: ReadonlyMap<string, { latencyMs: number }>): number =>
  measured.get('local')!.latencyMs;

describe('NetAdapt driven by MACs, for comparison', () => {
  it('is the same algorithm from the same seed, ended at the same measured latency', () => {
    const { course, state } = run();
    expect(state.finished).toBe(true);
    const rival = course.closing!.rivals.find(({ rival: { name } }) => name === 'netadapt-macs')!;
    const adaptedMs = latencyOf(course.closing!.adapted);
    expect(latencyOf(rival.measured)).toBeLessThanOrEqual(1.02 * adaptedMs);
    // No further than a cut or two: it aims at that latency by what it measured on its way.
    expect(latencyOf(rival.measured)).toBeGreaterThan(0.9 * adaptedMs);
    expect(rival.rival.iterations).toBe(course.macsIterations.length);
    expect(course.macsIterations[0]!.from.network).toBe(course.opening!.seed.network);
    for (const { resource } of course.macsIterations) expect(resource).toEqual({ kind: 'macs' });
    expect([...course.finale!.baselines.keys()]).toEqual([
      'seed',
      'uniform',
      'uniform-stepped',
      'netadapt-macs',
    ]);
  });

  it('changes nothing in the run that it is compared with', () => {
    const decisions = ({ course }: ReturnType<typeof run>) => course.iterations.map(({ chosen }) => chosen);
    expect(decisions(run())).toEqual(decisions(run({ macsBaseline: false })));
  });

  it('goes on from its own weights, trained as long as the adapted network in all', () => {
    const { settings, events } = run();
    let state = initialState(settings);
    for (const event of events) {
      const final = courseOf(state).commands.find(({ key }) => key === 'final/netadapt-macs');
      if (final?.kind === 'train') {
        const { iterations, macsIterations } = courseOf(state);
        expect(final.start).toMatchObject({ kind: 'stored' });
        expect(final.extraSteps).toBe(100 * Math.max(0, iterations.length - macsIterations.length));
        return;
      }
      state = applyEvent(state, event);
    }
    throw new Error('it was never trained');
  });

  it('is not begun for a result that misses the budget when it is verified', () => {
    const settings = settingsFor({ macsBaseline: true });
    const device = new SimulatedDevice();
    const measure = device.measure.bind(device);
    let state = initialState(settings);
    let events: readonly RunEvent[] = [];
    // The first verification finds everything 10 % slower; later ones do not.
    for (;;) {
      const first = courseOf(state).commands.some(({ key }) => /^closing\/\d+\/verify$/.test(key));
      const late = events.some(({ key }) => key.startsWith('closing/'));
      const factor = first && !late ? 1.1 : 1;
      device.measure = (network) => {
        const { latencyMs, lowMs, highMs, ...rest } = measure(network);
        return { ...rest, latencyMs: factor * latencyMs, lowMs: factor * lowMs, highMs: factor * highMs };
      };
      const step = simulate(settings, device, events, { maxEvents: 1 });
      if (step.events.length === events.length) break;
      ({ events, state } = step);
    }
    const keys = events.map(({ key }) => key);
    const verified = keys.filter((key) => key.endsWith('/verify'));
    expect(verified).toHaveLength(2);
    const between = keys.slice(keys.indexOf(verified[0]!), keys.indexOf(verified[1]!));
    expect(between.some((key) => key.startsWith('macs/'))).toBe(false);
    expect(courseOf(state).budgetMet).toBe(true);
    expect(courseOf(state).macsIterations.length).toBeGreaterThan(0);
  });

  it('costs the run nothing but a row when its trainings fail', () => {
    const { course, state } = run({}, { trainingFails: ({ key }) => key.startsWith('macs/iteration/2/') });
    expect(state.finished).toBe(true);
    expect(course.budgetMet).toBe(true);
    expect(course.closing!.rivals.map(({ rival }) => rival.name)).toEqual(['uniform', 'uniform-stepped']);
  });

  it('is not there when the seed is fast enough already', () => {
    const { course } = run({
      budget: [{ resource: { kind: 'latency', device: 'local' }, limit: { amount: 10 } }],
    });
    expect(course.iterations).toEqual([]);
    expect(course.macsIterations).toEqual([]);
    expect(course.budgetMet).toBe(true);
  });
});

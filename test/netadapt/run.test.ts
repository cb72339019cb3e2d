import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { courseOf } from '../../core/netadapt/course/course.js';
import { progressOf } from '../../core/netadapt/progress.js';
import type { MeasuredLatency, RunEvent } from '../../core/netadapt/run-event.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { seededRng } from '../../core/random.js';
import { factsOfRun } from './facts-of-run.js';
import { SimulatedDevice } from './simulated-device.js';
import { LATENCY, settingsFor, simulate, TINY } from './simulated-run.js';

const on = (measured: ReadonlyMap<string, MeasuredLatency>, device = 'local') => measured.get(device)!;

const latencyMs = (amount: number): RunSettings['budget'] => [{ resource: LATENCY, limit: { amount } }];

const budgetMsOf = ({ opening }: ReturnType<typeof courseOf>): number => opening!.limits[0]!.amount;

const wholeRun = (changes: Partial<RunSettings> = {}) => {
  const settings = settingsFor(changes);
  const { events, state } = simulate(settings, new SimulatedDevice(), []);
  return { settings, events, state, course: courseOf(state) };
};

describe('a NetAdapt run', () => {
  it('ends at or under 60 % of the seed’s latency, interval included, beside its baselines', () => {
    const { course, state } = wholeRun();
    expect(state.finished).toBe(true);
    expect(course.phase).toBe('done');
    expect(course.budgetMet).toBe(true);
    const { seed, adapted, rivals } = course.closing!;
    expect(budgetMsOf(course)).toBeCloseTo(0.6 * on(seed).latencyMs, 12);
    expect(on(adapted).highMs).toBeLessThanOrEqual(budgetMsOf(course));
    expect(rivals.map(({ rival }) => rival.name)).toEqual(['uniform', 'uniform-stepped']);
    for (const { measured } of rivals) {
      expect(on(measured).latencyMs).toBeLessThanOrEqual(1.02 * on(adapted).latencyMs);
    }
    expect([...course.finale!.baselines.keys()]).toEqual(['seed', 'uniform', 'uniform-stepped']);
  });

  it('is walked again over the same networks, so that what is known of them is not found out again', () => {
    const { state } = wholeRun();
    const networks = ({ opening, iterations, standing, closing }: ReturnType<typeof courseOf>) => [
      opening!.narrowest,
      ...iterations.map(({ next }) => next!.network),
      standing!.network,
      ...closing!.rivals.map(({ rival }) => rival.network),
    ];
    const first = networks(courseOf(state));
    expect(first.length).toBeGreaterThan(5);
    networks(courseOf(state)).forEach((network, i) => {
      expect(network).toBe(first[i]);
    });
  });

  it('goes one step at a time, each at or under its target, from the network measured before', () => {
    const { course } = wholeRun({ maxChosenPerIteration: 1 });
    let latencyMs = on(course.opening!.seed.measured).latencyMs;
    course.iterations.forEach(({ proposed, proposals, chosen, next }, i) => {
      const stepMs = 0.03 * 0.96 ** i * on(course.opening!.seed.measured).latencyMs;
      expect(proposed!.target).toBeGreaterThanOrEqual(latencyMs - stepMs - 1e-12);
      expect(proposed!.target).toBeLessThan(latencyMs);
      for (const { estimate } of proposals) expect(estimate).toBeLessThanOrEqual(proposed!.target);
      expect(chosen!.widths).toHaveLength(1);
      expect(on(next!.measured).latencyMs).toBeLessThan(latencyMs);
      latencyMs = on(next!.measured).latencyMs;
    });
    expect(course.iterations.length).toBeGreaterThan(4);
  });

  it('takes several cuts at once only while far from the budget, and trains them together', () => {
    const { course, events } = wholeRun();
    const counts = course.iterations.map(({ chosen }) => chosen!.widths.length);
    expect(counts[0]).toBe(3);
    expect(Math.max(...counts)).toBe(3);
    const joint = events.filter(({ type, key }) => type === 'trained' && key === 'iteration/1/joint');
    expect(joint).toHaveLength(1);
    for (const { chosen, proposals } of course.iterations) {
      const ops = chosen!.widths.flatMap(({ group }) => proposals.find((p) => p.group === group)!.ops);
      expect(new Set(ops).size).toBe(ops.length);
    }
  });

  it('shows every proposal of an iteration the same batches, and other ones in the next', () => {
    const settings = settingsFor();
    const seeds = new Map<string, Set<number>>();
    let state = initialState(settings);
    for (const event of simulate(settings, new SimulatedDevice(), []).events) {
      for (const command of courseOf(state).commands) {
        if (command.kind !== 'train' || !command.key.startsWith('iteration/')) continue;
        const iteration = command.key.split('/')[1]!;
        seeds.set(iteration, (seeds.get(iteration) ?? new Set()).add(command.batchSeed));
      }
      state = applyEvent(state, event);
    }
    expect([...seeds.values()].map((set) => [...set])).toEqual([...seeds.keys()].map((i) => [7 + Number(i)]));
  });

  it('trains baselines as long as the adapted network was trained in all', () => {
    const settings = settingsFor();
    const { events } = simulate(settings, new SimulatedDevice(), []);
    let state = initialState(settings);
    const steps = new Map<string, number>();
    for (const event of events) {
      const course = courseOf(state);
      for (const command of course.commands) {
        if (command.kind === 'train' && command.key.startsWith('final/')) {
          expect(command.test).toBe(true);
          steps.set(command.key, command.extraSteps);
        }
      }
      state = applyEvent(state, event);
    }
    const onTheWay = 100 * courseOf(state).iterations.length;
    expect(Object.fromEntries(steps)).toEqual({
      'final/adapted': 0,
      'final/seed-as-given': 0,
      'final/seed': onTheWay,
      'final/uniform': onTheWay,
      'final/uniform-stepped': onTheWay,
    });
  });

  it('loses a proposal whose fine-tuning fails, and nothing else', () => {
    const settings = settingsFor();
    const unlucky = 'iteration/1/proposal/block2/project/conv';
    const { events, state } = simulate(settings, new SimulatedDevice(), [], {
      trainingFails: ({ key }) => key === unlucky || key === 'iteration/1/null',
    });
    const course = courseOf(state);
    expect(state.finished).toBe(true);
    expect(course.budgetMet).toBe(true);
    const lost = course.iterations[0]!.proposals.find(({ group }) => group === 'block2/project/conv')!;
    expect(lost.failure).toBe('training-failed: NaN');
    expect(course.iterations[0]!.chosen!.widths.map(({ group }) => group)).not.toContain(
      'block2/project/conv',
    );
    expect(events.filter(({ type }) => type === 'training-failed')).toHaveLength(2);
  });

  it('takes cuts untrained when training them together fails', () => {
    const { state, events } = simulate(settingsFor(), new SimulatedDevice(), [], {
      trainingFails: ({ key }) => key.endsWith('/joint'),
    });
    expect(state.finished).toBe(true);
    expect(events.some(({ key }) => key === 'iteration/1/joint-untrained')).toBe(true);
  });

  it('ends when every proposal fails, and says with what', () => {
    const { state } = simulate(settingsFor(), new SimulatedDevice(), [], {
      trainingFails: ({ recipe }) => recipe === 'fine-tune',
    });
    expect(state.failure).toMatchObject({ code: 'training-failed', key: 'iteration/1/choose' });
    expect(state.failure!.message).toContain('training-failed: NaN');
    expect(courseOf(state).commands).toEqual([]);
    const resumed = applyEvent(state, { type: 'resumed', key: 'resume' });
    const again = courseOf(resumed).commands.map(({ key }) => key);
    expect(again).toContain('iteration/1/proposal/block2/project/conv');
    expect(again.every((key) => resumed.attempts.get(key) === 1)).toBe(true);
  });

  it('refuses a budget that no widths reach, and says how far they do', () => {
    const { state } = simulate(settingsFor({ budget: latencyMs(0.001) }), new SimulatedDevice(), []);
    expect(state.failure?.code).toBe('unreachable-budget');
    const leastMs = state.failure!.details!.leastMs as number;
    expect(leastMs).toBeGreaterThan(0.001);
    const narrow = widthGroups(TINY).length;
    expect(narrow).toBeGreaterThan(10);
    // A budget just above that is not refused.
    const fine = simulate(settingsFor({ budget: latencyMs(1.1 * leastMs) }), new SimulatedDevice(), [], {
      maxEvents: 10,
    });
    expect(fine.state.failure).toBeNull();
  });

  it('starts from given weights without training a seed', () => {
    const weights = 'a'.repeat(64);
    const { course, events } = wholeRun({ seedWeights: weights, maxIterations: 1 });
    const first = courseOf(initialState(settingsFor({ seedWeights: weights }))).commands[0];
    expect(first).toMatchObject({
      key: 'seed/train',
      recipe: 'evaluate',
      start: { kind: 'stored', weights },
    });
    expect(course.iterations).toHaveLength(1);
    expect(course.budgetMet).toBe(false);
    expect(events.at(-1)?.type).toBe('finished');
  });

  it('needs no null proposal under the published rankings', () => {
    const { events, course } = wholeRun({ ranking: 'accuracy', maxChosenPerIteration: 1 });
    expect(events.some(({ key }) => key.endsWith('/null'))).toBe(false);
    expect(course.budgetMet).toBe(true);
  });

  it('measures again in poor circumstances, once', () => {
    const settings = settingsFor({ baselines: false });
    const device = new SimulatedDevice();
    const measure = device.measure.bind(device);
    let sessions = 0;
    device.measure = (network) => ({ ...measure(network), trusted: ++sessions > 100 });
    const { state } = simulate(settings, device, []);
    expect(state.finished).toBe(true);
    expect([...state.measured.keys()].filter((key) => key.startsWith('seed/measure'))).toEqual([
      'seed/measure',
      'seed/measure/2',
    ]);
  });

  it('goes on when the last comparison misses the budget', () => {
    const device = new SimulatedDevice();
    const measure = device.measure.bind(device);
    const settings = settingsFor({ baselines: false });
    let state = initialState(settings);
    let events: readonly RunEvent[] = [];
    // From the first closing on the device turns out 10 % slower.
    for (;;) {
      const late = courseOf(state).commands.some(({ key }) => key.startsWith('closing/'));
      if (late) {
        device.measure = (network) => {
          const { latencyMs, lowMs, highMs, ...rest } = measure(network);
          return { ...rest, latencyMs: 1.1 * latencyMs, lowMs: 1.1 * lowMs, highMs: 1.1 * highMs };
        };
      }
      const step = simulate(settings, device, events, { maxEvents: 1 });
      if (step.events.length === events.length) break;
      ({ events, state } = step);
    }
    const course = courseOf(state);
    const closings = new Set(
      [...state.measured.keys()].filter((key) => key.startsWith('closing/')).map((key) => key.split('/')[1]),
    );
    expect(closings.size).toBeGreaterThan(1);
    expect(course.budgetMet).toBe(true);
    expect(on(course.closing!.adapted).highMs).toBeLessThanOrEqual(budgetMsOf(course));
  });
});

describe('filters by Taylor importance', () => {
  const cutsOf = (changes: Partial<RunSettings>) => {
    const settings = settingsFor({ importance: 'taylor', baselines: false, ...changes });
    const { events } = simulate(settings, new SimulatedDevice(), []);
    const cuts = new Map<string, string | null>();
    let state = initialState(settings);
    for (const event of events) {
      for (const command of courseOf(state).commands) {
        if (command.kind !== 'train' || command.start.kind !== 'cut') continue;
        cuts.set(command.key, command.start.importance);
        expect(command.start.importance ?? '').toBe(
          `importance of ${scoredAs(command.start.weights, state)}`,
        );
      }
      state = applyEvent(state, event);
    }
    expect(state.finished).toBe(true);
    return { cuts, events };
  };
  /** Weights that were scored under a key of their own are the ones that were fine-tuned. */
  const scoredAs = (weights: string, { trained }: ReturnType<typeof initialState>): string => {
    const at = [...trained].find(([, event]) => event.weights === weights)!;
    if (at[1].importance != null) return weights;
    return trained.get(`${at[0].split('/').slice(0, 2).join('/')}/importance`)!.weights;
  };

  it('cut every network by the importance that its own weights have', () => {
    const { cuts } = cutsOf({});
    expect(cuts.size).toBeGreaterThan(20);
  });

  it('are scored for networks that are taken, not for all that were tried', () => {
    const { events } = cutsOf({ maxChosenPerIteration: 1, maxIterations: 3 });
    const scored = events.flatMap((event) =>
      event.type === 'trained' && event.importance != null ? [event.key] : [],
    );
    expect(scored).toEqual([
      'seed/train',
      'iteration/1/importance',
      'iteration/2/importance',
      'iteration/3/importance',
    ]);
  });

  it('fall back to L2 norms where scoring fails', () => {
    const settings = settingsFor({ importance: 'taylor', baselines: false, maxChosenPerIteration: 1 });
    const { state } = simulate(settings, new SimulatedDevice(), [], {
      trainingFails: ({ key }) => key.endsWith('/importance'),
    });
    expect(state.finished).toBe(true);
    expect(courseOf(state).budgetMet).toBe(true);
  });
});

describe('a killed run', () => {
  it('comes to the same decisions wherever it was cut and in whatever order results came', () => {
    const settings = settingsFor({ schedule: { initialReduction: 0.06, decay: 0.96 } });
    const { events: uncut } = simulate(settings, new SimulatedDevice(), []);
    const expected = factsOfRun(settings, uncut);
    expect(expected.phase).toBe('done');
    const cuts = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(cuts, fc.integer(), (lives, seed) => {
        // The table outlives the orchestrator; what it held in memory does not.
        const device = new SimulatedDevice();
        const rng = seededRng(seed);
        let events: readonly RunEvent[] = [];
        for (const maxEvents of lives) {
          ({ events } = simulate(settings, device, events, { maxEvents, rng }));
        }
        ({ events } = simulate(settings, device, events, { rng }));
        expect(factsOfRun(settings, events)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('counts the first of two results of one command', () => {
    const settings = settingsFor();
    const { events } = simulate(settings, new SimulatedDevice(), []);
    // A second training of the same proposal may come out differently.
    const doubled = events.flatMap((event): readonly RunEvent[] =>
      event.type === 'trained' ? [event, { ...event, weights: 'other', holdout: null }] : [event, event],
    );
    expect(factsOfRun(settings, doubled)).toEqual(factsOfRun(settings, events));
  });

  it('asks anew for what failed once it is resumed', () => {
    const settings = settingsFor();
    const { events } = simulate(settings, new SimulatedDevice(), [], { maxEvents: 4 });
    const state = events.reduce(applyEvent, initialState(settings));
    const before = courseOf(state).commands.map(({ key }) => key);
    expect(before.length).toBeGreaterThan(0);
    const failed = applyEvent(state, {
      type: 'failed',
      key: before[0]!,
      code: 'measuring-failed',
      message: 'x',
    });
    expect(courseOf(failed).commands).toEqual([]);
    const resumed = applyEvent(failed, { type: 'resumed', key: 'resume' });
    expect(courseOf(resumed).commands.map(({ key }) => key)).toEqual(before);
    expect(resumed.attempts.get(before[0]!)).toBe(1);
  });
});

describe('progressOf', () => {
  it('never goes back by much and ends at its total', () => {
    const { settings, events } = wholeRun();
    let state = initialState(settings);
    let highest = 0;
    for (const event of events) {
      state = applyEvent(state, event);
      const { done, total, note } = progressOf(state, courseOf(state));
      expect(note.length).toBeGreaterThan(3);
      expect(done).toBeLessThanOrEqual(total);
      expect(done / total).toBeGreaterThan(highest - 0.25);
      highest = Math.max(highest, done / total);
    }
    expect(highest).toBe(1);
  });
});

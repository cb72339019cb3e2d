import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { courseOf } from '../../core/netadapt/course/course.js';
import { amountOf } from '../../core/netadapt/course/standing.js';
import { chosenProposals, cutsOf } from '../../core/netadapt/proposals.js';
import { countOf } from '../../core/netadapt/resource.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import type { BudgetLine, RunSettings } from '../../core/netadapt/run-settings.js';
import { applyEvent, initialState } from '../../core/netadapt/run-state.js';
import { countMacs } from '../../core/network/macs.js';
import { resizeGroups } from '../../core/network/resize-groups.js';
import { seededRng } from '../../core/random.js';
import { factsOfRun } from './facts-of-run.js';
import { SimulatedDevice } from './simulated-device.js';
import { latencyRatio, settingsFor, simulate, TINY } from './simulated-run.js';

/** Ops cost it little, MACs much, and its channel blocks are of 8. */
const phone = () => new SimulatedDevice({ opNs: 100, macsPerNs: 5, channelStep: 8 });

const LATENCY = { kind: 'latency', device: 'local' } as const;

const on = (device: string, ratio: number): BudgetLine => ({
  resource: { kind: 'latency', device },
  limit: { ratio },
});

function run(changes: Partial<RunSettings>, device = new SimulatedDevice()) {
  const settings = settingsFor({ baselines: false, ...changes });
  const { events, state } = simulate(settings, device, [], { others: { phone: phone() } });
  return { settings, events, state, course: courseOf(state) };
}

describe('a budget on several devices', () => {
  const both = { devices: ['local', 'phone'], budget: [on('local', 0.8), on('phone', 0.5)] };

  it('is met on each of them, verified by measurement', () => {
    const { course, state } = run(both);
    expect(state.finished).toBe(true);
    expect(course.budgetMet).toBe(true);
    const { seed, adapted } = course.closing!;
    expect([...adapted.keys()]).toEqual(['local', 'phone']);
    expect(adapted.get('local')!.highMs).toBeLessThanOrEqual(0.8 * seed.get('local')!.latencyMs);
    expect(adapted.get('phone')!.highMs).toBeLessThanOrEqual(0.5 * seed.get('phone')!.latencyMs);
  });

  it('reduces what is farthest from its limit, and nothing once its limit is kept', () => {
    const { course } = run(both);
    const { limits } = course.opening!;
    for (const { resource, from } of course.iterations) {
      const excess = limits.map((limit) => {
        const { latencyMs, highMs } = from.measured.get((limit.resource as { device: string }).device)!;
        return highMs <= limit.amount ? 0 : latencyMs / limit.amount;
      });
      expect(limits[excess.indexOf(Math.max(...excess))]!.resource).toEqual(resource);
    }
    const reduced = course.iterations.map(({ resource }) => (resource as { device: string }).device);
    expect(reduced[0]).toBe('phone');
  });

  it('measures every chosen network on each device, and looks widths up where the latency binds', () => {
    const { events } = run(both);
    const measured = events.flatMap(({ type, key }) => (type === 'measured' ? [key] : []));
    expect(measured).toEqual(expect.arrayContaining(['iteration/1/measure', 'iteration/1/measure@phone']));
    expect(measured).toEqual(expect.arrayContaining(['closing/1/session', 'seed/measure@phone'].slice(1)));
    const described = events.flatMap(({ type, key }) => (type === 'device-described' ? [key] : []));
    expect(described.sort()).toEqual(['device', 'device@phone']);
  });

  it('takes widths in steps that suit all devices', () => {
    const { course } = run(both);
    expect(course.opening!.widthStep).toBe(16);
  });

  it('is refused where one device cannot reach it, with that device’s figures', () => {
    const { state } = run({ ...both, budget: [on('local', 0.05), on('phone', 0.9)] });
    expect(state.failure).toMatchObject({ code: 'unreachable-budget', key: 'budget' });
    const { details, message } = state.failure!;
    expect(details).toMatchObject({ resource: { kind: 'latency', device: 'local' }, ops: 27 });
    expect(details!.widthShare).toBeGreaterThan(0.5);
    expect(message).toContain('on local: with every width at its least the network takes');
    expect(message).toContain('the rest is what its 27 ops cost at any width');
  });
});

/** A fixed cost for each op that is all but a thousandth of it. */
const CALLS = new SimulatedDevice({ opNs: 100_000, macsPerNs: 5_000 });

describe('a device whose latency counts ops', () => {
  it('is refused a budget in plain words: widths buy nothing there', () => {
    const { state } = run({ budget: [on('local', 0.9)] }, CALLS);
    expect(state.failure).toMatchObject({ code: 'unreachable-budget', key: 'budget' });
    expect(state.failure!.message).toMatch(
      /^widths buy nothing on local: its latency counts ops; budget 2\.\d+ ms on local: with every width at its least/,
    );
    expect(state.failure!.details!.widthShare).toBeLessThan(0.01);
  });

  it('is refused one that only the noise of measurements could meet, before anything is trained for it', () => {
    // Within the interval of the narrowest network, above what it takes.
    const { state, events } = run({ budget: [on('local', 0.993)] }, CALLS);
    expect(state.failure).toMatchObject({ code: 'unreachable-budget', key: 'budget' });
    expect(events.filter(({ type }) => type === 'proposed')).toEqual([]);
  });
});

describe('a budget at the very end of what widths reach', () => {
  const at = (amount: number, changes: Partial<RunSettings> = {}) =>
    run({ budget: [{ resource: LATENCY, limit: { amount } }], ...changes });
  /** Above what the run gets down to, within the interval of it: 1 %. */
  const justReachedMs = (): number => {
    const beyond = at(0.0001).state.failure!.details!.leastMs as number;
    return 1.005 * amountOf(at(1.001 * beyond).course.standing!, LATENCY);
  };

  it('is verified once no group can take away any more, and the run has a result either way', () => {
    const { state, course } = at(justReachedMs());
    expect(course.iterations.at(-1)!.proposals).toEqual([]);
    expect(state.failure).toBeNull();
    expect(state.finished).toBe(true);
    expect(course.budgetMet).toBe(false);
    expect(course.finale!.adapted).not.toBeNull();
  });

  it('has its result compared with rivals, whether or not one of them is driven by MACs', () => {
    const rivalsOf = (macsBaseline: boolean) => {
      const { course } = at(justReachedMs(), { baselines: true, macsBaseline });
      expect(course.budgetMet).toBe(false);
      return course.closing!.rivals.map(({ rival }) => rival.name);
    };
    expect(rivalsOf(false)).toEqual(['uniform', 'uniform-stepped']);
    expect(rivalsOf(true)).toEqual(expect.arrayContaining(['uniform', 'uniform-stepped']));
  });

  it('leaves a run without rivals that went without them under an earlier version', () => {
    const budgetMs = justReachedMs();
    const { events, settings } = at(budgetMs, { baselines: true, macsBaseline: true });
    const isOfRivals = ({ key }: RunEvent) =>
      /^closing\/\d+\/(session|uniform)/.test(key) || /^macs|^final\/(uniform|netadapt)/.test(key);
    const earlier = events.filter((event) => !isOfRivals(event));
    const course = courseOf(earlier.reduce(applyEvent, initialState(settings)));
    expect(course.phase).toBe('done');
    expect(course.closing!.rivals).toEqual([]);
    expect([...course.finale!.baselines.keys()]).toEqual(['seed']);
  });
});

describe('a budget in counted resources', () => {
  it.each(['macs', 'params'] as const)('of %s alone is met exactly, without a table', (kind) => {
    const device = new SimulatedDevice();
    const settings = settingsFor({
      baselines: false,
      budget: [{ resource: { kind }, limit: { ratio: 0.55 } }],
    });
    const { state } = simulate(settings, device, []);
    const course = courseOf(state);
    expect(course.budgetMet).toBe(true);
    const seed = countOf(kind, TINY);
    expect(countOf(kind, course.standing!.network)).toBeLessThanOrEqual(0.55 * seed);
    // No further than a width step or two below: the last steps aim at the limit.
    expect(countOf(kind, course.standing!.network)).toBeGreaterThan(0.5 * seed);
    expect(device.measuredOps).toBe(0);
    for (const { proposals, proposed } of course.iterations) {
      for (const { estimate } of proposals) expect(estimate).toBeLessThanOrEqual(proposed!.target);
    }
  });

  it('of memory takes one proposal at a time, which cuts several groups where none alone lowers the peak', () => {
    const { course } = run({
      budget: [{ resource: { kind: 'peakActivationBytes' }, limit: { ratio: 0.4 } }],
    });
    expect(course.budgetMet).toBe(true);
    expect(countOf('peakActivationBytes', course.standing!.network)).toBeLessThanOrEqual(
      0.4 * countOf('peakActivationBytes', TINY),
    );
    for (const { chosen, proposals, from, proposed } of course.iterations) {
      expect(chosenProposals(proposals, chosen!.widths)).toHaveLength(1);
      for (const proposal of proposals) {
        const network = resizeGroups(from.network, cutsOf(proposal));
        expect(countOf('peakActivationBytes', network)).toBe(proposal.estimate);
        expect(proposal.estimate).toBeLessThanOrEqual(proposed!.target);
      }
    }
    const together = course.iterations.filter(({ chosen }) => chosen!.widths.length > 1);
    expect(together.length).toBeGreaterThan(0);
  });

  it('is refused below what widths can reach', () => {
    const { state } = run({ budget: [{ resource: { kind: 'params' }, limit: { amount: 100 } }] });
    expect(state.failure).toMatchObject({
      code: 'unreachable-budget',
      details: { resource: { kind: 'params' } },
    });
    expect(state.failure!.details!.least).toBeGreaterThan(100);
  });

  it('goes with latencies: every limit is kept at the end', () => {
    const { course } = run({
      devices: ['local', 'phone'],
      budget: [
        on('local', 0.8),
        on('phone', 0.5),
        { resource: { kind: 'params' }, limit: { ratio: 0.45 } },
        { resource: { kind: 'macs' }, limit: { ratio: 0.6 } },
      ],
    });
    expect(course.budgetMet).toBe(true);
    expect(countMacs(course.standing!.network)).toBeLessThanOrEqual(0.6 * countMacs(TINY));
    expect(countOf('params', course.standing!.network)).toBeLessThanOrEqual(0.45 * countOf('params', TINY));
    // Each resource has a schedule of its own: its first step is a whole Δ, whenever it comes.
    const kinds = course.iterations.map(({ resource }) => resource.kind);
    expect(new Set(kinds).size).toBeGreaterThan(1);
    for (const kind of new Set(kinds)) {
      const { from, resource, proposed } = course.iterations[kinds.indexOf(kind)]!;
      const step = 0.03 * amountOf(course.opening!.seed, resource);
      expect(proposed!.target).toBeCloseTo(amountOf(from, resource) - step, 6);
    }
  });
});

describe('a killed run with every kind of limit, and a rival', () => {
  it('comes to the same decisions wherever it was cut and in whatever order results came', () => {
    const settings = settingsFor({
      schedule: { initialReduction: 0.08, decay: 0.96 },
      devices: ['local', 'phone'],
      budget: [
        ...latencyRatio(0.8),
        on('phone', 0.6),
        { resource: { kind: 'params' }, limit: { ratio: 0.4 } },
      ],
      macsBaseline: true,
      importance: 'taylor',
    });
    const options = { noise: 0.02 };
    const { events: uncut } = simulate(settings, new SimulatedDevice(), [], {
      ...options,
      others: { phone: phone() },
    });
    const expected = factsOfRun(settings, uncut);
    expect(expected.phase).toBe('done');
    expect(expected.macsChosen.length).toBeGreaterThan(0);
    const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(cuts, fc.integer(), (lives, seed) => {
        const device = new SimulatedDevice();
        const rng = seededRng(seed);
        const rest = { ...options, rng, others: { phone: phone() } };
        let events: readonly RunEvent[] = [];
        for (const maxEvents of lives) {
          ({ events } = simulate(settings, device, events, { ...rest, maxEvents }));
        }
        ({ events } = simulate(settings, device, events, rest));
        expect(factsOfRun(settings, events)).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  }, 60_000);
});

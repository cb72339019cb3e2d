import { describe, expect, test } from 'vitest';
import { judgeSession, probesWithCauses } from '../../core/measurement/judge-session.js';
import { classifyVisits } from '../../core/measurement/visit-values.js';

const BASELINE = {
  anchorNs: 100_000,
  chunkNs: 1_640,
  hostCache: { usualNsPerByte: 0.02, spreadNsPerByte: 0.001 },
};

const SPIN = { atMs: 0, takenShare: 0.01, longestGapUs: 40, chunkNs: 1_640 };
const FACTS = {
  pressureCpuUs: 0,
  pressureMemoryUs: 0,
  pressureIoUs: 0,
  swappedPages: 7,
  stolenTicks: 3,
  availableBytes: 6e9,
  totalBytes: 8e9,
  ownSwapBytes: 0,
};
const PROCESS = {
  timedMs: 1_000,
  involuntarySwitches: 1,
  clock: { stepNs: 40, costNs: 45 },
  probes: [SPIN, SPIN],
  allowedCores: ['0'],
  before: FACTS,
  after: FACTS,
};
const QUIET = {
  cpuRequested: 0,
  affinityBefore: '0',
  affinityAfter: '0',
  involuntarySwitches: 1,
  timedMs: 1_000,
  loadBefore: 0.5,
  loadAfter: 0.5,
  coreCount: 2,
  processes: [PROCESS],
};

interface Circumstances {
  readonly observations?: object;
  readonly process?: object;
  readonly after?: object;
  readonly anchorNs?: number;
  readonly waitShare?: number | null;
  readonly causes?: object;
}

function session({
  observations = {},
  process = {},
  after = {},
  anchorNs = 100_000,
  waitShare = 0,
  causes = {},
}: Circumstances = {}) {
  const visitsNs = Array.from({ length: 10 }, () => [anchorNs]);
  const cause = { startMs: 0, stoppedShare: 0, preemptions: 0, majorFaults: 0, ...causes };
  const own = { ...PROCESS, ...process, after: { ...FACTS, ...after } };
  return {
    observations: { ...QUIET, processes: [own], ...observations },
    probes: [
      {
        graphId: 'network:a',
        visitsNs,
        visitWaitShare: visitsNs.map(() => waitShare),
        causes: visitsNs.map(() => cause),
      },
    ],
    subjects: [{ kind: 'anchor', id: 'anchor' }],
    terms: [{ subjectId: 'anchor', terms: [{ graphId: 'network:a', coefficient: 1 }] }],
    failures: [],
  };
}

const stateOf = (judged: ReturnType<typeof judgeSession>, name: string) =>
  judged.checks.find((check) => check.name === name)?.state;
const judge = (circumstances: Circumstances) => judgeSession(session(circumstances), BASELINE);

test('a quiet session on its own core is trusted', () => {
  const judged = judge({});
  expect(judged).toMatchObject({ verdict: 'trusted', anchorFactor: 1 });
  expect(judged.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'affinity pass',
    'core-wait pass',
    'stopped pass',
    'host-gaps pass',
    'core-speed pass',
    'frequency unobservable',
    'pressure pass',
    'memory pass',
    'load pass',
    'anchor pass',
  ]);
});

test('the anchor factor is this session’s anchor over the baseline', () => {
  expect(judge({ anchorNs: 105_000 }).anchorFactor).toBeCloseTo(1.05, 12);
  expect(judgeSession(session(), null).anchorFactor).toBe(1);
});

test('a core that was taken away at the end or in the middle rejects the session', () => {
  const atTheEnd = judge({ observations: { affinityAfter: '0-1' } });
  expect(stateOf(atTheEnd, 'affinity')).toBe('fail');
  expect(atTheEnd.verdict).toBe('rejected');
  const inTheMiddle = judge({ process: { allowedCores: ['0', '1'] } });
  expect(inTheMiddle.checks[0]).toEqual({
    name: 'affinity',
    state: 'fail',
    detail: 'asked for core 0, allowed 1 at times',
  });
});

test('waiting for the core in most visits rejects it, an unreadable scheduler does not', () => {
  expect(judge({ waitShare: 0.6 }).verdict).toBe('rejected');
  expect(stateOf(judge({ waitShare: null }), 'core-wait')).toBe('unobservable');
});

test('an unpinned session is usable, not trusted', () => {
  expect(judge({ observations: { cpuRequested: undefined } }).verdict).toBe('usable');
});

test('preemptions are shown and not judged: what they cost is waiting', () => {
  const judged = judge({ observations: { involuntarySwitches: 9_000 } });
  expect(judged.verdict).toBe('trusted');
  expect(judged.checks.find(({ name }) => name === 'core-wait')?.detail).toMatch(/9000 involuntary switches/);
});

const spins = (...takenShares: readonly number[]) => ({
  probes: takenShares.map((takenShare) => ({ ...SPIN, takenShare })),
});

test.each([
  ['a tenth of the spins taken by the host', { process: spins(0.1, 0.1) }, 'host-gaps', 'pass'],
  ['more than that', { process: spins(0.01, 0.2) }, 'host-gaps', 'warn'],
  ['half of them', { process: spins(0.4, 0.6) }, 'host-gaps', 'fail'],
  ['no spins', { process: { probes: [] } }, 'host-gaps', 'unobservable'],
  ['visits stopped', { causes: { stoppedShare: 0.3 } }, 'stopped', 'fail'],
  ['visits that read from a disk', { causes: { majorFaults: 1 } }, 'stopped', 'fail'],
  ['work 4 % slower', { process: { probes: [{ ...SPIN, chunkNs: 1_705 }] } }, 'core-speed', 'pass'],
  ['work 6 % slower', { process: { probes: [{ ...SPIN, chunkNs: 1_739 }] } }, 'core-speed', 'warn'],
  ['work 6 % faster', { process: { probes: [{ ...SPIN, chunkNs: 1_541 }] } }, 'core-speed', 'warn'],
  ['work at half speed', { process: { probes: [{ ...SPIN, chunkNs: 3_300 }] } }, 'core-speed', 'fail'],
  ['memory stalls of 5 %', { after: { pressureMemoryUs: 50_000 } }, 'pressure', 'warn'],
  ['memory stalls of 30 %', { after: { pressureMemoryUs: 300_000 } }, 'pressure', 'fail'],
  ['busy processors, while waiting is known', { after: { pressureCpuUs: 900_000 } }, 'pressure', 'pass'],
  [
    'busy processors, while it is not',
    { after: { pressureCpuUs: 900_000 }, waitShare: null },
    'pressure',
    'warn',
  ],
  ['a page swapped', { after: { swappedPages: 8 } }, 'memory', 'warn'],
  ['memory running out', { after: { availableBytes: 3e8 } }, 'memory', 'warn'],
  ['a load of 4, while waiting is known', { observations: { loadAfter: 4 } }, 'load', 'pass'],
  ['a load of 4, while it is not', { observations: { loadAfter: 4 }, waitShare: null }, 'load', 'warn'],
] as const)('%s', (_, circumstances, name, state) => {
  expect(stateOf(judge(circumstances), name)).toBe(state);
});

test.each([
  [0.0249, 'pass'],
  [0.0251, 'warn'],
  [0.01, 'pass'],
])('a byte of the last-level cache for %s ns, 0.02 in the baseline: %s', (cacheNsPerByte, state) => {
  const probes = [{ ...SPIN, cacheNsPerByte }, SPIN, { ...SPIN, cacheNsPerByte }];
  expect(stateOf(judge({ process: { probes } }), 'cache')).toBe(state);
  const unknown = { anchorNs: 100_000, chunkNs: 1_640 };
  expect(stateOf(judgeSession(session({ process: { probes } }), unknown), 'cache')).toBe('pass');
});

test.each([
  [0.0279, 'pass'],
  [0.0281, 'warn'],
])('a byte for %s ns where sessions differ by a seventh: %s', (cacheNsPerByte, state) => {
  const probes = [{ ...SPIN, cacheNsPerByte }];
  const host = { usualNsPerByte: 0.02, spreadNsPerByte: 0.008 / 3 };
  const judged = judgeSession(session({ process: { probes } }), { ...BASELINE, hostCache: host });
  expect(stateOf(judged, 'cache')).toBe(state);
});

test('a session without a reading of the last-level cache has no check of it', () => {
  expect(judge({}).checks.map(({ name }) => name)).not.toContain('cache');
});

describe('a sibling thread', () => {
  const cause = { startMs: 0, stoppedShare: 0, preemptions: 0, majorFaults: 0 };
  const visited = (...ratios: readonly number[]) => ({
    ...session({ process: { probes: [{ ...SPIN, parallelRatio: 1 }, SPIN] } }),
    probes: [
      {
        graphId: 'network:a',
        visitsNs: ratios.map(() => [100_000]),
        visitWaitShare: ratios.map(() => 0),
        causes: ratios.map((parallelRatio) => ({ ...cause, parallelRatio })),
        openings: [{ visits: ratios.length }],
      },
    ],
  });

  test.each([
    [[1, 1.17, 1.5], null, 'pass'],
    [[1, 1.18, 1.18], null, 'warn'],
    [[1, 1.34, 1.34], null, 'fail'],
    // No piece was undisturbed: the baseline knows how fast one would be.
    [[1.05, 1.05, 1.05], 0.88, 'warn'],
  ])('parallel work of ratios %j around visits, %s in the baseline: %s', (readings, parallelRatio, state) => {
    const judged = judgeSession(visited(...readings), { ...BASELINE, parallelRatio });
    expect(stateOf(judged, 'core-sharing')).toBe(state);
  });

  test('that took a third of the core spoils the visit, by cause', () => {
    const shared = visited(1, 1, 1.5, 1, 1, 1);
    const [probes] = [...probesWithCauses(shared).values()];
    expect(classifyVisits(probes!).map((visit) => visit.class)).toEqual([
      'counted',
      'counted',
      'disturbed',
      'counted',
      'counted',
      'counted',
    ]);
  });

  test('that is always there spoils only visits that lost more of the core than others', () => {
    const shared = visited(1.5, 1.6, 1.5, 1.5, 2.4, 1.5);
    const [probes] = [...probesWithCauses(shared).values()];
    expect(classifyVisits(probes!).filter((visit) => visit.class === 'disturbed')).toHaveLength(1);
    expect(judgeSession(shared, BASELINE).verdict).toBe('rejected');
  });

  test('nobody looked for is not judged', () => {
    expect(judge({}).checks.map(({ name }) => name)).not.toContain('core-sharing');
  });
});

test.each([
  [{ frequencyMhz: 3_000, temperatureC: 60 }, { frequencyMhz: 2_900, temperatureC: 70 }, 'pass'],
  [{ frequencyMhz: 3_000 }, { frequencyMhz: 2_000 }, 'warn'],
  [{ temperatureC: 60 }, { temperatureC: 91 }, 'warn'],
  [{ throttles: 4 }, { throttles: 5 }, 'warn'],
])('frequency and temperature %o, then %o: %s', (before, after, state) => {
  const judged = judge({ process: { before: { ...FACTS, ...before } }, after });
  expect(stateOf(judged, 'frequency')).toBe(state);
});

test.each([
  [1.35, 'pass'],
  [1.36, 'warn'],
  [0.7, 'warn'],
  [2.01, 'fail'],
  [0.49, 'fail'],
])('an anchor at %s of the baseline: %s', (factor, state) => {
  expect(stateOf(judge({ anchorNs: factor * 100_000 }), 'anchor')).toBe(state);
});

test('an anchor that failed rejects, one that was not asked for leaves the session usable', () => {
  const failed = { ...session(), failures: [{ subjectId: 'anchor' }] };
  expect(judgeSession(failed, BASELINE)).toMatchObject({ verdict: 'rejected', anchorFactor: 1 });
  const absent = { ...session(), subjects: [] };
  expect(judgeSession(absent, BASELINE)).toMatchObject({ verdict: 'usable', anchorFactor: 1 });
});

test('observations of the wrong type count as missing, not as good', () => {
  const judged = judge({
    observations: { loadBefore: Number.NaN, affinityBefore: 0, processes: [{ probes: [{ atMs: 'soon' }] }] },
  });
  for (const name of ['load', 'affinity', 'host-gaps', 'core-speed', 'pressure', 'memory'])
    expect(stateOf(judged, name), name).toBe('unobservable');
});

test('durations by formula owe nothing to the circumstances', () => {
  const waiting = session({ waitShare: 0.9, observations: { affinityAfter: '1' } });
  expect(judgeSession(waiting, BASELINE).verdict).toBe('rejected');
  const computed = { ...waiting, environment: { flags: { durations: 'computed' } } };
  expect(judgeSession(computed, BASELINE)).toMatchObject({
    verdict: 'trusted',
    checks: [{ name: 'anchor' }],
  });
  const classes = (judged: typeof waiting) =>
    [...probesWithCauses(judged).values()].flatMap(classifyVisits).map((visit) => visit.class);
  expect(classes(computed)).not.toContain('waited');
  expect(classes(waiting)).toContain('waited');
});

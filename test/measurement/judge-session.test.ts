import { expect, test } from 'vitest';
import { judgeSession } from '../../core/measurement/judge-session.js';

const QUIET = {
  cpuRequested: 0,
  affinityBefore: '0',
  affinityAfter: '0',
  involuntarySwitches: 1,
  timedMs: 1000,
  loadBefore: 0.5,
  loadAfter: 0.5,
  coreCount: 2,
};

function session(observations: object, anchorNs = 100_000, waitShare: number | null = 0) {
  const visitsNs = Array.from({ length: 10 }, () => [anchorNs]);
  return {
    observations: { ...QUIET, ...observations },
    probes: [{ graphId: 'network:a', visitsNs, visitWaitShare: visitsNs.map(() => waitShare) }],
    subjects: [{ kind: 'anchor', id: 'anchor' }],
    terms: [{ subjectId: 'anchor', terms: [{ graphId: 'network:a', coefficient: 1 }] }],
    failures: [],
  };
}

const stateOf = (judged: ReturnType<typeof judgeSession>, name: string) =>
  judged.checks.find((check) => check.name === name)?.state;

test('a quiet session on its own core is trusted', () => {
  expect(judgeSession(session({}), 100_000)).toMatchObject({ verdict: 'trusted', anchorFactor: 1 });
});

test('the anchor factor is this session’s anchor over the baseline', () => {
  expect(judgeSession(session({}, 105_000), 100_000).anchorFactor).toBeCloseTo(1.05, 12);
  expect(judgeSession(session({}), null).anchorFactor).toBe(1);
});

test('a core that was taken away in the middle rejects the session', () => {
  const judged = judgeSession(session({ affinityAfter: '0-1' }), 100_000);
  expect(stateOf(judged, 'affinity')).toBe('fail');
  expect(judged.verdict).toBe('rejected');
});

test('waiting for the core in most visits rejects it, an unreadable scheduler does not', () => {
  expect(judgeSession(session({}, 100_000, 0.6), 100_000).verdict).toBe('rejected');
  expect(stateOf(judgeSession(session({}, 100_000, null), 100_000), 'core-wait')).toBe('unobservable');
});

test('an unpinned session is usable, not trusted', () => {
  const judged = judgeSession(session({ cpuRequested: undefined }), 100_000);
  expect(judged.verdict).toBe('usable');
});

test('switches beyond what the kernel causes leave the session usable', () => {
  expect(stateOf(judgeSession(session({ involuntarySwitches: 110 }), null), 'involuntary-switches')).toBe(
    'pass',
  );
  const switched = judgeSession(session({ involuntarySwitches: 111 }), null);
  expect(stateOf(switched, 'involuntary-switches')).toBe('warn');
  expect(switched.verdict).toBe('usable');
});

test.each([
  [1.35, 'pass'],
  [1.36, 'warn'],
  [0.7, 'warn'],
  [2.01, 'fail'],
  [0.49, 'fail'],
])('an anchor at %s of the baseline: %s', (factor, state) => {
  expect(stateOf(judgeSession(session({}, factor * 100_000), 100_000), 'anchor')).toBe(state);
});

test('an anchor that failed rejects, one that was not asked for leaves the session usable', () => {
  const failed = { ...session({}), failures: [{ subjectId: 'anchor' }] };
  expect(judgeSession(failed, 100_000)).toMatchObject({ verdict: 'rejected', anchorFactor: 1 });
  const absent = { ...session({}), subjects: [] };
  expect(judgeSession(absent, 100_000)).toMatchObject({ verdict: 'usable', anchorFactor: 1 });
});

test('observations of the wrong type count as missing, not as good', () => {
  const odd = session({ involuntarySwitches: 'none', loadBefore: Number.NaN, affinityBefore: 0 });
  const judged = judgeSession(odd, null);
  for (const name of ['involuntary-switches', 'load', 'affinity'])
    expect(stateOf(judged, name), name).toBe('unobservable');
});

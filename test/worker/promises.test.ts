import { describe, expect, test } from 'vitest';
import { COMPARISON_PROTOCOL, DEFAULT_PROTOCOL, type Subject } from '../../contracts/measurement.js';
import { probesWithCauses } from '../../core/measurement/judge-session.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { compareReport } from '../../db/session/compare-report.js';
import { judgeReport } from '../../db/session/judge-report.js';
import type { FakeRule } from '../../runtimes/fake/fake-options.js';

// From dist/: the supervisor starts its child beside itself.
const { superviseSession } = (await import(
  new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/supervise-session.js');

const A = buildZooNetwork('mobilenet-v3-tiny', { width: 1 });
const B = buildZooNetwork('mobilenet-v3-tiny', { width: 1.5 });

const side = (network: Network, copy: 'a' | 'b'): Subject => ({
  kind: 'network',
  id: copy,
  networkHash: contentHash(network),
  network,
  copy,
});

/** Every network takes exactly a millisecond, noise and rules apart. */
async function compare(a: Network, b: Network, rules: readonly FakeRule[] = [], noise = 0) {
  const report = await superviseSession(
    {
      runtime: 'fake',
      threads: 1,
      seed: 7,
      subjects: [side(a, 'a'), side(b, 'b')],
      protocol: COMPARISON_PROTOCOL,
      runtimeOptions: {
        opFixedNs: 0,
        macsPerNs: 1e12,
        elementsPerNs: 1e12,
        networkFactor: 1,
        networkOverheadNs: 1e6,
        noise,
        rules,
      },
    },
    { cores: null, signal: new AbortController().signal },
  );
  return { report, comparison: compareReport(report, judgeReport(report, null), 0.02)! };
}

describe('a comparison on a device whose time is exact', () => {
  test('of a network with itself finds two graphs that are the same', async () => {
    const { report, comparison } = await compare(A, A, [], 0.05);
    expect(report.probes.map(({ graphId }) => graphId.slice(0, 2)).sort()).toEqual(['a:', 'b:']);
    expect(comparison.answer).toBe('same');
    expect(comparison.ratio).toBeCloseTo(1, 2);
  });

  test('finds 10 % more to the digit, in three processes', async () => {
    const rule: FakeRule = { match: `network:${contentHash(B)}`, behaviour: 'slow', slowdown: 1.1 };
    const { comparison } = await compare(A, B, [rule]);
    expect(comparison).toMatchObject({ answer: 'slower', processes: 3, noiseFloor: 0.02 });
    expect(comparison.ratio).toBeCloseTo(1.1, 9);
    expect((await compare(B, A, [rule])).comparison.answer).toBe('faster');
  });

  test('visits both in rounds of A, B, B, A or B, A, A, B', async () => {
    const { report } = await compare(A, B);
    const visits = report.probes.flatMap(({ graphId, causes, openings }) =>
      causes!.slice(0, openings![0]!.visits).map(({ startMs }) => ({ side: graphId[0]!, startMs })),
    );
    const order = visits.sort((a, b) => a.startMs - b.startMs).map((visit) => visit.side);
    const rounds = order.join('').match(/.{4}/g)!;
    expect(rounds.length).toBeGreaterThanOrEqual(8);
    for (const round of rounds) expect(['abba', 'baab']).toContain(round);
  });

  test('of a network that fails answers nothing', async () => {
    const rule: FakeRule = { match: `network:${contentHash(B)}`, behaviour: 'nan' };
    const { report, comparison } = await compare(A, B, [rule]);
    expect(report.failures).toMatchObject([{ subjectId: 'b', kind: 'nonsense' }]);
    expect(comparison).toBeUndefined();
  });
});

test('busy waits of 50 µs to 20 ms are timed for what they are, never for less', async () => {
  const lengthsMs = [0.05, 1, 20];
  const keys = lengthsMs.map((_, i) => `dense:16>${16 * (i + 1)}:f32`);
  const report = await superviseSession(
    {
      runtime: 'fake',
      threads: 1,
      seed: 1,
      subjects: keys.map((key): Subject => ({ kind: 'op', id: key, key })),
      protocol: DEFAULT_PROTOCOL,
      runtimeOptions: {
        spend: true,
        opFixedNs: 50_000,
        macsPerNs: 1e12,
        elementsPerNs: 1e12,
        rules: lengthsMs.map((ms, i) => ({
          match: `op:${keys[i]}`,
          behaviour: 'slow',
          slowdown: ms / 0.05,
        })),
      },
    },
    { cores: null, signal: new AbortController().signal },
  );
  const probes = probesWithCauses(report);
  for (const [i, lengthMs] of lengthsMs.entries()) {
    const { terms } = report.terms.find(({ subjectId }) => subjectId === keys[i])!;
    expect(summarizeSubject(terms, probes).latencyNs).toBeGreaterThanOrEqual(lengthMs * 1e6);
  }
});

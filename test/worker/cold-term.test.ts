import { describe, expect, test } from 'vitest';
import { DEFAULT_PROTOCOL, type Subject } from '../../contracts/measurement.js';
import { coldTerm } from '../../services/worker/measure/cold-term.js';

const { superviseSession } = (await import(
  new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/supervise-session.js');

const KEY = 'dense:64>32:relu:f32';

describe('a cold graph', () => {
  test('has the caches emptied before every run, one run at a time', async () => {
    const order: string[] = [];
    const term = coldTerm(
      {
        graphId: 'op:x',
        coefficient: 0.5,
        open: async () => ({
          async sample(count) {
            order.push(`run ${count}`);
            return Float64Array.of(order.length);
          },
          close: async () => void order.push('close'),
        }),
      },
      () => order.push('evict'),
    );
    expect([term.graphId, term.coefficient]).toEqual(['cold:op:x', 0.5]);
    const executable = await term.open();
    expect([...(await executable.sample(2))]).toEqual([2, 4]);
    await executable.close();
    expect(order).toEqual(['evict', 'run 1', 'evict', 'run 1', 'close']);
  });

  test('is a graph of its own beside the steady one', async () => {
    const subjects: Subject[] = [
      { kind: 'op', id: 'steady', key: KEY },
      { kind: 'op', id: 'cold', key: KEY, target: 'cold' },
    ];
    const report = await superviseSession(
      {
        runtime: 'fake',
        threads: 1,
        seed: 1,
        subjects,
        protocol: { ...DEFAULT_PROTOCOL, minVisits: 2, maxVisits: 2 },
      },
      { cores: null, signal: new AbortController().signal },
    );
    expect(report.terms).toEqual([
      { subjectId: 'steady', terms: [{ graphId: `op:${KEY}`, coefficient: 1 }] },
      { subjectId: 'cold', terms: [{ graphId: `cold:op:${KEY}`, coefficient: 1 }] },
    ]);
    expect(report.probes.map(({ graphId }) => graphId).sort()).toEqual([`cold:op:${KEY}`, `op:${KEY}`]);
  });
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_PROTOCOL, type HostProbe, type Subject } from '../../contracts/measurement.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { coldTerm } from '../../services/worker/measure/cold-term.js';

const { superviseSession } = (await import(
  new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/supervise-session.js');

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
    const network = buildZooNetwork('mobilenet-v3-tiny', {});
    const networkHash = contentHash(network);
    const subjects: Subject[] = [
      { kind: 'network', id: 'steady', networkHash, network },
      { kind: 'network', id: 'cold', networkHash, network, target: 'cold' },
    ];
    const report = await superviseSession(
      {
        runtime: 'fake',
        threads: 1,
        seed: 1,
        subjects,
        protocol: { ...DEFAULT_PROTOCOL, minVisits: 2, maxVisits: 2 },
        hostProbes: ['memory-curve'],
      },
      { cores: null, signal: new AbortController().signal },
    );
    expect(report.terms).toEqual([
      { subjectId: 'steady', terms: [{ graphId: `network:${networkHash}`, coefficient: 1 }] },
      { subjectId: 'cold', terms: [{ graphId: `cold:network:${networkHash}`, coefficient: 1 }] },
    ]);
    expect(report.probes.map(({ graphId }) => graphId).sort()).toEqual([
      `cold:network:${networkHash}`,
      `network:${networkHash}`,
    ]);
    const [{ kind, data }] = report.hostProbes as [HostProbe];
    expect([kind, data.length, data[0]?.footprintBytes]).toEqual(['memory-curve', 56, 131_072]);
    expect(data.every(({ nsPerByte }) => nsPerByte > 0 && nsPerByte < 100)).toBe(true);
  });
});

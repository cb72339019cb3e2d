import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentHash } from '../../core/network/content-hash.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { TensorRuntime } from '../../runtimes/tensor-runtime.js';

const NETWORKS = [
  buildZooNetwork('mobilenet-v1', { width: 0.25, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v2', { width: 0.35, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v3-large', { width: 0.35, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v3-tiny', { width: 1.3 }),
];

/** What every runtime must do, whatever the machine. */
export function describeRuntimeConformance(name: string, create: () => Promise<TensorRuntime>): void {
  describe(`runtime ${name}`, () => {
    let runtime: TensorRuntime;
    beforeAll(async () => {
      runtime = await create();
    });
    afterAll(() => runtime.close());

    test('tells its environment, the same each time', async () => {
      const environment = await runtime.environment();
      expect(environment.runtime).toBe(runtime.name);
      expect(environment.channelStep).toBeGreaterThanOrEqual(1);
      expect(await runtime.environment()).toEqual(environment);
    });

    test.each(NETWORKS.map((network) => [network.name, network] as const))(
      'opens and times %s and each of its ops',
      async (_, network) => {
        const keys = new Set(fuse(network).map(({ key }) => key));
        const terms = [
          ...runtime.networkProbe(network, contentHash(network)),
          ...[...keys].flatMap((key) => runtime.opProbe(key)),
        ];
        const graphs = new Map(terms.map((term) => [term.graphId, term]));
        for (const [graphId, term] of graphs) {
          const executable = await term.open();
          const durationsNs = await executable.sample(3);
          await executable.close();
          expect(durationsNs, graphId).toHaveLength(3);
          expect(
            durationsNs.every((ns) => Number.isFinite(ns) && ns > 0),
            graphId,
          ).toBe(true);
        }
      },
    );

    test('an op of the network has coefficient 1 in its own latency, and equal ids are the same graph', () => {
      for (const { key } of fuse(NETWORKS[3]!)) {
        const own = runtime.opProbe(key).find(({ graphId }) => graphId === `op:${key}`);
        expect(own?.coefficient, key).toBe(1);
      }
    });

    test('a key that is none is refused', () => {
      expect(() => runtime.opProbe('conv9d:what')).toThrow(
        expect.objectContaining({ code: 'invalid-op-key' }),
      );
    });
  });
}

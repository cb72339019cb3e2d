import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { fuse } from '../../core/ops/fuse.js';
import type { DType } from '../../core/ops/op.js';
import { type Rng, seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { imageShape } from '../../runtimes/image-shape.js';
import type { TensorRuntime } from '../../runtimes/tensor-runtime.js';
import { referenceInference } from '../network/reference-inference.js';
import { EVERY_OP } from './every-op.js';

const NETWORKS = [
  buildZooNetwork('mobilenet-v1', { width: 0.25, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v2', { width: 0.35, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v3-large', { width: 0.35, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v3-tiny', { width: 1.3 }),
];

/** Small enough for plain loops; together they have every kind of op and activation, and odd sizes. */
const COMPUTED: readonly Network[] = [
  buildZooNetwork('mobilenet-v1', { width: 0.25, resolution: 32, classes: 10 }),
  buildZooNetwork('mobilenet-v2', { width: 0.35, resolution: 33, classes: 10 }),
  buildZooNetwork('mobilenet-v3-small', { width: 0.35, resolution: 32, classes: 10 }),
  EVERY_OP,
];

export interface ConformanceOptions {
  /** Of computed outputs: root mean square of the errors as a share of the outputs' own. */
  readonly tolerance?: number;
  /** Element type of the runtime's networks; default float32. */
  readonly dtype?: DType;
  /** Whether outputs are computed at all. */
  readonly computes?: boolean;
  /** Keys of ops that the runtime does not have. */
  readonly unsupported?: readonly string[];
  /** Why the suite cannot run here. */
  readonly skip?: string | undefined;
}

/** What every runtime must do, whatever the machine. */
export function describeRuntimeConformance(
  name: string,
  create: () => Promise<TensorRuntime>,
  { tolerance = 1e-4, computes = true, dtype = 'float32', unsupported = [], skip }: ConformanceOptions = {},
): void {
  describe.skipIf(skip !== undefined)(
    `runtime ${name}${skip === undefined ? '' : ` (skipped: ${skip})`}`,
    () => {
      let runtime: TensorRuntime;
      beforeAll(async () => {
        runtime = await create();
      });
      afterAll(() => runtime?.close());

      test('tells its environment, the same each time', async () => {
        const environment = await runtime.environment();
        expect(environment.runtime).toBe(runtime.name);
        expect(environment.channelStep).toBeGreaterThanOrEqual(1);
        expect(await runtime.environment()).toEqual(environment);
      });

      test.each(NETWORKS.map((network) => [network.name, network] as const))(
        'opens and times %s and each of its ops',
        async (_, network) => {
          const keys = new Set(fuse(network, dtype).map(({ key }) => key));
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
        for (const { key } of fuse(NETWORKS[3]!, dtype)) {
          const own = runtime.opProbe(key).find(({ graphId }) => graphId === `op:${key}`);
          expect(own?.coefficient, key).toBe(1);
        }
      });

      test.each((computes ? COMPUTED : []).map((network) => [network.name, network] as const))(
        'computes what %s computes',
        async (_, network) => {
          const rng = seededRng(7);
          const weights = randomWeights(network, rng);
          const image = Float32Array.from({ length: elements(network) }, () => rng() * 2 - 1);
          const expected = referenceInference(network, weights, image);
          const computed = await runtime.infer!(network, weights, image);
          expect(computed).toHaveLength(expected.length);
          expect(relativeError(computed, expected)).toBeLessThan(tolerance);
          // Another image, another answer: the comparison is not of constants.
          const other = await runtime.infer!(
            network,
            weights,
            image.map((value) => -value),
          );
          expect(relativeError(other, expected)).toBeGreaterThan(1.5 * relativeError(computed, expected));
        },
      );

      test.each(unsupported)('refuses %s', async (key) => {
        await expect(runtime.opProbe(key)[0]!.open()).rejects.toMatchObject({ code: 'unsupported-op' });
      });

      test('a key that is none is refused', () => {
        expect(() => runtime.opProbe('conv9d:what')).toThrow(
          expect.objectContaining({ code: 'invalid-op-key' }),
        );
      });
    },
  );
}

/** Weights under which no activation dies: batch norm with scales about 1 and small shifts. */
function randomWeights(network: Network, rng: Rng): Weights {
  const uniform = (length: number, centre: number, reach: number) =>
    Float32Array.from({ length }, () => centre + (rng() * 2 - 1) * reach);
  return new Map(
    [...weightShapes(network)].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const role = name.slice(name.lastIndexOf('/') + 1);
      if (role === 'kernel')
        return [name, { shape, data: uniform(length, 0, Math.sqrt((6 * shape[0]!) / length)) }];
      const positive = role === 'gamma' || role === 'variance';
      return [name, { shape, data: uniform(length, positive ? 1 : 0, 0.3) }];
    }),
  );
}

function elements(network: Network): number {
  return imageShape(network).reduce((product, size) => product * size, 1);
}

function relativeError(computed: ArrayLike<number>, expected: Float64Array): number {
  const squares = (of: (i: number) => number) => expected.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(squares((i) => computed[i]! - expected[i]!) / squares((i) => expected[i]!));
}

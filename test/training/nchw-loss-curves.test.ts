import { describe, expect, it } from 'vitest';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { createBatchSampler } from '../../training/datasets/batches.js';
import { loadDataset } from '../../training/datasets/load-dataset.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { oneHotTargets } from '../../training/recipe/soft-targets.js';
import { openNchwSession } from './nchw-session.js';
import { oddNetwork } from './odd-network.js';
import { withoutKinks } from './without-kinks.js';

const MNIST = await loadDataset({ kind: 'mnist' });
const [BATCH, STEPS] = [32, 40];
const OPTIONS = { learningRate: 0.02, momentum: 0.9 };
/** Its last blocks and its head normalise maps of one pixel: statistics over the batch only. */
const ONE_PIXEL_MAPS = buildZooNetwork('mobilenet-v3-small', {
  width: 0.35,
  resolution: 28,
  inputChannels: 1,
  classes: 10,
});

/** Deviations that rounding explains: it grows with every step, and sooner where relu and h-swish have kinks. */
const CASES: readonly {
  readonly name: string;
  readonly network: Network;
  /** Of a loss within ten steps, of any loss, of the weights at the end as a share of their way. */
  readonly most: readonly [early: number, late: number, apart: number];
}[] = [
  {
    name: 'mobilenet-v3-tiny',
    network: buildZooNetwork('mobilenet-v3-tiny', {}),
    most: [2e-5, 5e-3, 0.1],
  },
  {
    name: 'mobilenet-v3-tiny, stride-1 stem',
    network: buildZooNetwork('mobilenet-v3-tiny', { stemStride: 1, width: 0.75 }),
    most: [1e-4, 1e-2, 0.2],
  },
  {
    name: 'channels of 7, 13 and 21, kernels of 3, 5 and 7, strides of 1 and 2',
    network: oddNetwork(true),
    most: [1e-4, 3e-3, 0.005],
  },
  {
    name: 'mobilenet-v3-small ×0.35 on maps down to one pixel, without kinks',
    network: withoutKinks(ONE_PIXEL_MAPS),
    most: [2e-5, 2e-2, 0.1],
  },
];

interface Curve {
  readonly losses: readonly number[];
  readonly weights: Weights;
}

async function train(step: (images: Float32Array, targets: Float32Array) => Promise<number>) {
  const sampler = createBatchSampler(MNIST.train, BATCH, 5);
  const losses: number[] = [];
  for (let index = 0; index < STEPS; index++) {
    const { images, labels } = sampler.at(index);
    losses.push(await step(images.slice(), oneHotTargets(labels, 10).slice()));
  }
  return losses;
}

async function nchwCurve(network: Network, start: Weights): Promise<Curve> {
  const session = await openNchwSession(network, start, BATCH);
  const losses = await train((images, targets) => session.step(images, targets, OPTIONS));
  await session.close();
  return { losses, weights: session.weights() };
}

async function channelMajorCurve(
  network: Network,
  start: Weights,
  depthwise: 'auto' | 'standard',
): Promise<Curve> {
  const trainer = await createOnnxruntimeTrainer({ depthwise });
  const session = await trainer.openTraining(network, start, BATCH);
  const losses = await train(async (images, targets) => (await session.step(images, targets, OPTIONS)).loss);
  const weights = session.weights();
  await session.close();
  return { losses, weights };
}

/** How far apart two trainings ended, as a share of how far the first went from the start. */
function distanceApart(start: Weights, expected: Weights, actual: Weights): number {
  let [apart, moved] = [0, 0];
  for (const [name, { data }] of expected) {
    const [from, other] = [start.get(name)!.data, actual.get(name)!.data];
    for (let i = 0; i < data.length; i++) {
      apart += (other[i]! - data[i]!) ** 2;
      moved += (data[i]! - from[i]!) ** 2;
    }
  }
  return Math.sqrt(apart / moved);
}

describe.each(CASES)('$name', ({ network, most: [early, late, apart] }) => {
  const start = initializeWeights(network, seededRng(3));
  let plain: Promise<Curve> | undefined;

  it.each(['auto', 'standard'] as const)(
    'learns forty batches of MNIST as the plain NCHW graph does (depthwise: %s)',
    { timeout: 300_000 },
    async (depthwise) => {
      plain ??= nchwCurve(network, start);
      const expected = await plain;
      const actual = await channelMajorCurve(network, start, depthwise);
      const deviations = actual.losses.map((loss, step) => Math.abs(loss / expected.losses[step]! - 1));
      expect(Math.max(...deviations.slice(0, 10))).toBeLessThan(early);
      expect(Math.max(...deviations)).toBeLessThan(late);
      expect(distanceApart(start, expected.weights, actual.weights)).toBeLessThan(apart);
    },
  );
});

describe('mobilenet-v3-small ×0.35 on maps down to one pixel', () => {
  /** Every weight off by at most what float32 rounds it by. */
  function movedByRounding(weights: Weights): Weights {
    const rng = seededRng(1);
    return new Map(
      [...weights].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((value) => value * (1 + 1.2e-7 * (rng() * 2 - 1))) },
      ]),
    );
  }

  it('leaves its own curve after a rounding of its weights, in one and the same engine', {
    timeout: 300_000,
  }, async () => {
    const start = initializeWeights(ONE_PIXEL_MAPS, seededRng(3));
    const { losses } = await nchwCurve(ONE_PIXEL_MAPS, start);
    const moved = await nchwCurve(ONE_PIXEL_MAPS, movedByRounding(start));
    const deviations = moved.losses.map((loss, step) => Math.abs(loss / losses[step]! - 1));
    expect(deviations[0]).toBeLessThan(1e-6);
    expect(Math.max(...deviations)).toBeGreaterThan(1e-2);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import type { Weights } from '../../core/network/weights.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { relativeDeviation } from './expect-close.js';
import { openNchwStepper } from './nchw-step.js';
import { type NearKink, nearKinks, nudgesOver } from './near-kinks.js';
import { oddNetwork } from './odd-network.js';
import { randomBatch, unevenWeights } from './training-samples.js';

const BATCH = 24;
/** Within these the two engines agree, on any batch: rounding and no more. */
const ROUNDING = 5e-4;
/** How far the engines' rounding may carry a pre-activation. */
const WITHIN_ROUNDING = 1e-6;

/** The largest deviation of any gradient tensor, as ./expect-close.ts measures it. */
function deviation(actual: Weights, expected: Weights): number {
  let largest = 0;
  for (const { data } of expected.values()) {
    largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), largest);
  }
  const each = [...expected].map(([name, { data }]) => {
    return relativeDeviation(actual.get(name)!.data, data, largest / 100);
  });
  return Math.max(...each);
}

/**
 * Of the odd network's 1.5 million pre-activations one may lie within rounding of a kink, where two engines that round
 * differently take different slopes; the gradients of everything before it then differ by a hundredth. An error in a
 * rule would do so in every batch, and could not be undone by moving one slope.
 */
describe('gradients where activations have kinks', async () => {
  const network = oddNetwork();
  const weights = unevenWeights(network, 1);
  const stepper = await openNchwStepper(network, weights, BATCH);
  const trainer = await createOnnxruntimeTrainer();
  afterAll(() => stepper.close());

  async function channelMajorGradients(images: Float32Array, targets: Float32Array): Promise<Weights> {
    const session = await trainer.openTraining(network, weights, BATCH);
    await session.step(images, targets, { learningRate: 0 });
    const gradients = session.gradients();
    await session.close();
    return gradients;
  }

  it.each([3, 5, 8, 11, 12, 13])(
    'are the plain NCHW graph’s up to rounding, once the slopes within rounding of a kink are settled (batch %i)',
    { timeout: 120_000 },
    async (seed) => {
      const { images, targets } = randomBatch(network, BATCH, seed);
      const actual = await channelMajorGradients(images, targets);
      const plain = await stepper.step(images, targets);
      let left = deviation(actual, plain.gradients);
      const moved: NearKink[] = [];
      for (const kink of nearKinks(network, plain.preActivations, WITHIN_ROUNDING)) {
        if (left < ROUNDING) break;
        const nudges = nudgesOver([...moved, kink], plain.preActivations);
        const other = deviation(actual, (await stepper.step(images, targets, nudges)).gradients);
        if (other >= left) continue;
        moved.push(kink);
        left = other;
      }
      expect(left).toBeLessThan(ROUNDING);
    },
  );

  it('differ by a hundredth when one slope of 1.5 million is taken on the other side', async () => {
    const { images, targets } = randomBatch(network, BATCH, 8);
    const plain = await stepper.step(images, targets);
    const count = [...plain.preActivations.values()].reduce((sum, { length }) => sum + length, 0);
    const [closest] = nearKinks(network, plain.preActivations, WITHIN_ROUNDING);
    const nudged = await stepper.step(images, targets, nudgesOver([closest!], plain.preActivations));
    expect(count).toBeGreaterThan(1.5e6);
    expect(closest!.distance).toBeLessThan(WITHIN_ROUNDING);
    expect(deviation(nudged.gradients, plain.gradients)).toBeGreaterThan(5e-3);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibratedLoss, crossEntropy } from '../../training/recipe/calibrated-loss.js';
import {
  FINAL_RECIPE,
  FINE_TUNE_RECIPE,
  PAPER_FINE_TUNE_RECIPE,
  SEED_RECIPE,
} from '../../training/recipe/default-recipes.js';
import { learningRateAt } from '../../training/recipe/learning-rate.js';
import { oneHotTargets, softTargets } from '../../training/recipe/soft-targets.js';
import { statisticsMomentumAt } from '../../training/recipe/statistics-momentum.js';

describe('learningRateAt', () => {
  const recipe = { steps: 100, learningRate: 0.04, schedule: 'cosine', warmupSteps: 0 } as const;

  it.each([
    [0, 0.04],
    [25, 0.0341421],
    [50, 0.02],
    [75, 0.0058579],
    [99, 0.00000987],
  ])('follows half a cosine: step %d has %d', (step, rate) => {
    expect(learningRateAt(step, recipe)).toBeCloseTo(rate, 7);
  });

  it('rises over the warm-up', () => {
    const warm = { ...recipe, schedule: 'constant', warmupSteps: 4 } as const;
    expect([0, 1, 2, 3, 4, 99].map((step) => learningRateAt(step, warm))).toEqual([
      0.01, 0.02, 0.03, 0.04, 0.04, 0.04,
    ]);
  });
});

describe('statisticsMomentumAt', () => {
  it('averages over the last steps', () => {
    const recipe = { steps: 10, batchNormMomentum: 0.97, averageStatisticsSteps: 3 };
    expect([0, 6, 7, 8, 9].map((step) => statisticsMomentumAt(step, recipe))).toEqual([
      0.97,
      0.97,
      0,
      1 / 2,
      2 / 3,
    ]);
  });

  it('averages over all steps when there are fewer', () => {
    const recipe = { steps: 2, batchNormMomentum: 0.97, averageStatisticsSteps: 50 };
    expect([0, 1].map((step) => statisticsMomentumAt(step, recipe))).toEqual([0, 1 / 2]);
  });

  it('leaves the running ones when asked to average none', () => {
    const recipe = { steps: 2, batchNormMomentum: 0.97, averageStatisticsSteps: 0 };
    expect([0, 1].map((step) => statisticsMomentumAt(step, recipe))).toEqual([0.97, 0.97]);
  });
});

describe('targets', () => {
  it('are one-hot', () => {
    expect(oneHotTargets(Uint8Array.of(2, 0), 3)).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  });

  it("mix the label with the teacher's softmax", () => {
    const logits = Float32Array.of(0, Math.log(3), 1000, 1000);
    const targets = softTargets(Uint8Array.of(0, 1), logits, 0.6);
    [0.4 + 0.6 / 4, (0.6 * 3) / 4, 0.3, 0.4 + 0.3].forEach((expected, i) => {
      expect(targets[i]).toBeCloseTo(expected, 6);
    });
    expect(logits[3]).toBe(1000);
  });

  it('are distributions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 4, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (logits, weight) => {
          const row = softTargets(Uint8Array.of(3), Float32Array.from(logits), weight);
          expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe('losses', () => {
  it('of logits that say nothing are the entropy of the classes', () => {
    expect(crossEntropy(new Float32Array(8), Uint8Array.of(0, 3))).toBeCloseTo(Math.log(4), 12);
  });

  it('weigh right and wrong answers', () => {
    const logits = Float32Array.of(Math.log(9), 0, Math.log(9), 0);
    expect(crossEntropy(logits, Uint8Array.of(0, 1))).toBeCloseTo((Math.log(10 / 9) + Math.log(10)) / 2, 6);
  });

  it('stay finite for huge logits', () => {
    expect(crossEntropy(Float32Array.of(1e4, -1e4), Uint8Array.of(1))).toBe(2e4);
  });

  it('are least at the temperature that gives the share of right answers', () => {
    // Three of four are right and all are equally sure, by 8 nats: the best probability is 3/4, so 8 / T = ln 3.
    const logits = Float32Array.of(8, 0, 8, 0, 8, 0, 8, 0);
    const { lossNats, temperature } = calibratedLoss(logits, Uint8Array.of(0, 0, 0, 1));
    expect(temperature).toBeCloseTo(8 / Math.log(3), 2);
    expect(lossNats).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 6);
  });

  it('do not depend, calibrated, on how confident a network is overall', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 30, maxLength: 30 }),
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        (values, factor) => {
          const labels = Uint8Array.from({ length: 10 }, (_, i) => i % 3);
          const logits = Float32Array.from(values);
          const calibrated = calibratedLoss(logits, labels);
          const scaled = calibratedLoss(
            logits.map((x) => x * factor),
            labels,
          );
          // Scores that say nothing or the opposite have their best temperature beyond the range.
          const isInside = (t: number) => t > 0.05 && t < 20;
          fc.pre(isInside(calibrated.temperature) && isInside(scaled.temperature));
          expect(scaled.lossNats).toBeCloseTo(calibrated.lossNats, 4);
          expect(calibrated.lossNats).toBeLessThanOrEqual(crossEntropy(logits, labels) + 1e-6);
        },
      ),
    );
  });
});

describe('recipes', () => {
  it('are those that were found to work', () => {
    expect(FINE_TUNE_RECIPE).toMatchObject({
      steps: 100,
      batchSize: 64,
      learningRate: 0.03,
      schedule: 'cosine',
    });
    expect(SEED_RECIPE).toMatchObject({ steps: 1500, batchSize: 64, learningRate: 0.05, distillation: 0 });
    expect(FINAL_RECIPE).toMatchObject({ steps: 1000, learningRate: 0.1, distillation: 0.6 });
    expect(PAPER_FINE_TUNE_RECIPE).toMatchObject({ schedule: 'constant', learningRate: 0.005 });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../core/network/network.js';
import { weightShapes } from '../../core/network/weight-shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { StepOptions, Trainer, TrainingSession } from '../../training/trainer.js';
import { oracleLogits, oracleStep } from './cpu-oracle.js';
import { expectCloseGradients, expectCloseTensors, relativeDeviation } from './expect-close.js';
import { randomBatch, soften, unevenWeights } from './training-samples.js';

const BATCH = 6;
const CLASSES = 4;
const NETWORK = buildZooNetwork('mobilenet-v3-tiny', { resolution: 12, inputChannels: 2, classes: CLASSES });
const WEIGHTS = unevenWeights(NETWORK, 1);
const { images: IMAGES, targets: TARGETS } = randomBatch(NETWORK, BATCH, 2);
const STILL: StepOptions = { learningRate: 0 };

export interface ConformanceOptions {
  /** A network that this engine refuses. */
  readonly unsupported: Network;
  /** Why the suite cannot run here; it is then skipped under that name. */
  readonly skip?: string | undefined;
}

/** What every adapter of the trainer port must do, whatever its engine. */
export function describeTrainerConformance(
  name: string,
  createTrainer: () => Promise<Trainer>,
  { unsupported, skip }: ConformanceOptions,
): void {
  describe.skipIf(skip !== undefined)(
    `trainer ${name}${skip === undefined ? '' : ` (skipped: ${skip})`}`,
    () => {
      let trainer: Trainer;
      const sessions: { close(): Promise<void> }[] = [];
      beforeAll(async () => {
        trainer = await createTrainer();
      });
      afterAll(async () => {
        for (const session of sessions) await session.close();
      });
      const open = async (network = NETWORK, weights = WEIGHTS): Promise<TrainingSession> => {
        const session = await trainer.openTraining(network, weights, BATCH);
        sessions.push(session);
        return session;
      };

      it('says which engine it is', () => {
        expect(trainer.name).toBe(name);
      });

      describe('a step', () => {
        it.each([
          ['one-hot', TARGETS],
          ['soft', soften(TARGETS, CLASSES, 3)],
        ])('has the loss and the gradients of automatic differentiation (%s targets)', async (_, targets) => {
          const session = await open();
          const { loss } = await session.step(IMAGES, targets, { ...STILL, weightDecay: 0.1 });
          const expected = await oracleStep(NETWORK, WEIGHTS, IMAGES, targets);
          expect(loss).toBeCloseTo(expected.loss, 4);
          expectCloseGradients(session.gradients(), expected.gradients, 1e-3);
        });

        it('reads its input at once: the caller may overwrite the buffers', async () => {
          const session = await open();
          const [images, targets] = [IMAGES.slice(), TARGETS.slice()];
          await session.step(images, targets, STILL);
          images.fill(0);
          targets.fill(0);
          const expected = await oracleStep(NETWORK, WEIGHTS, IMAGES, TARGETS);
          expectCloseGradients(session.gradients(), expected.gradients, 1e-3);
        });

        it('follows v ← m·v + g, w ← w − rate·v', async () => {
          const session = await open();
          await session.step(IMAGES, TARGETS, { learningRate: 0.01, momentum: 0.5 });
          const first = session.gradients();
          const between = session.weights();
          const { images, targets } = randomBatch(NETWORK, BATCH, 9);
          await session.step(images, targets, { learningRate: 0.02, momentum: 0.5 });
          const second = session.gradients();
          const after = session.weights();
          const name = 'block4/expand/conv/kernel';
          const [w0, g1, w1, g2, w2] = [WEIGHTS, first, between, second, after].map((w) => w.get(name)!.data);
          expect(
            relativeDeviation(
              w1!,
              w0!.map((w, i) => w - 0.01 * g1![i]!),
            ),
          ).toBeLessThan(1e-6);
          expect(
            relativeDeviation(
              w2!,
              w1!.map((w, i) => w - 0.02 * (0.5 * g1![i]! + g2![i]!)),
            ),
          ).toBeLessThan(1e-6);
          expect(relativeDeviation(w2!, w1!)).toBeGreaterThan(1e-4);
        });

        it('has a momentum of 0.9 by default', async () => {
          const runs = await Promise.all(
            [{ learningRate: 0.01 }, { learningRate: 0.01, momentum: 0.9 }].map(async (options) => {
              const session = await open();
              for (let i = 0; i < 2; i++) await session.step(IMAGES, TARGETS, options);
              return session.weights();
            }),
          );
          expectCloseTensors(runs[0]!, runs[1]!, 0);
        });

        it('lets kernels decay, and nothing else', async () => {
          const stepped = async (weightDecay: number) => {
            const session = await open();
            await session.step(IMAGES, TARGETS, { learningRate: 0.01, weightDecay });
            return session.weights();
          };
          const [plain, decayed] = [await stepped(0), await stepped(0.5)];
          for (const [name, { data }] of WEIGHTS) {
            const change = decayed.get(name)!.data.map((w, i) => w - plain.get(name)!.data[i]!);
            const expected = name.endsWith('/kernel') ? data.map((w) => -0.01 * 0.5 * w) : data.map(() => 0);
            expect(relativeDeviation(change, expected), name).toBeLessThan(1e-3);
          }
        });

        it('changes nothing but statistics at a learning rate of 0', async () => {
          const session = await open();
          await session.step(IMAGES, TARGETS, { learningRate: 0, weightDecay: 0.1, batchNormMomentum: 1 });
          expectCloseTensors(session.weights(), WEIGHTS, 0);
        });

        it('learns: the loss of a batch that is seen again and again falls to less than half', async () => {
          const session = await open();
          const losses: number[] = [];
          for (let i = 0; i < 20; i++) {
            losses.push((await session.step(IMAGES, TARGETS, { learningRate: 0.02 })).loss);
          }
          expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
        });

        it('is the same every time', async () => {
          const train = async () => {
            const session = await open();
            for (let i = 0; i < 3; i++) await session.step(IMAGES, TARGETS, { learningRate: 0.05 });
            return session.weights();
          };
          expectCloseTensors(await train(), await train(), 0);
        });
      });

      describe('running statistics', () => {
        it.each([0, 0.75])('become m·running + (1 − m)·batch at m = %d', async (batchNormMomentum) => {
          const session = await open();
          await session.step(IMAGES, TARGETS, { ...STILL, batchNormMomentum });
          const { statistics } = await oracleStep(NETWORK, WEIGHTS, IMAGES, TARGETS);
          expectCloseStatistics(session.weights(), (name, i) => {
            return (
              batchNormMomentum * WEIGHTS.get(name)!.data[i]! +
              (1 - batchNormMomentum) * statistics.get(name)![i]!
            );
          });
        });

        it('have a momentum of 0.9 by default', async () => {
          const session = await open();
          await session.step(IMAGES, TARGETS, STILL);
          const { statistics } = await oracleStep(NETWORK, WEIGHTS, IMAGES, TARGETS);
          expectCloseStatistics(
            session.weights(),
            (name, i) => 0.9 * WEIGHTS.get(name)!.data[i]! + 0.1 * statistics.get(name)![i]!,
          );
        });

        it('become the mean over batches at momenta of 0, 1/2 and 2/3', async () => {
          const session = await open();
          const seen: ReadonlyMap<string, Float32Array>[] = [];
          for (const [batch, batchNormMomentum] of [0, 1 / 2, 2 / 3].entries()) {
            const { images, targets } = randomBatch(NETWORK, BATCH, 20 + batch);
            await session.step(images, targets, { ...STILL, batchNormMomentum });
            seen.push((await oracleStep(NETWORK, WEIGHTS, images, targets)).statistics);
          }
          expectCloseStatistics(
            session.weights(),
            (name, i) => seen.reduce((sum, statistics) => sum + statistics.get(name)![i]!, 0) / 3,
          );
        });
      });

      describe('weights', () => {
        it('are all there, in the layout of the network', async () => {
          const weights = (await open()).weights();
          const shapes = [...weights].map(([name, { shape }]): [string, readonly number[]] => [name, shape]);
          expect(new Map(shapes)).toEqual(weightShapes(NETWORK));
          expectCloseTensors(weights, WEIGHTS, 0);
        });

        it('are copies: neither what is given nor what is got is tied to the session', async () => {
          const given = new Map([...WEIGHTS].map(([name, w]) => [name, { ...w, data: w.data.slice() }]));
          const session = await open(NETWORK, given);
          await session.step(IMAGES, TARGETS, { learningRate: 0.01 });
          expectCloseTensors(given, WEIGHTS, 0);
          const got = session.weights();
          const kept = got.get('stem/conv/kernel')!.data.slice();
          for (const { data } of given.values()) data.fill(0);
          await session.step(IMAGES, TARGETS, { learningRate: 0.01 });
          expect(got.get('stem/conv/kernel')!.data).toEqual(kept);
          const before = session.weights();
          for (const { data } of got.values()) data.fill(0);
          expectCloseTensors(session.weights(), before, 0);
        });
      });

      describe('inference', () => {
        it('answers as the network does with its running statistics', async () => {
          const session = await trainer.openInference(NETWORK, WEIGHTS, BATCH);
          sessions.push(session);
          const logits = await session.logits(IMAGES);
          expect(logits.length).toBe(BATCH * CLASSES);
          const expected = await oracleLogits(NETWORK, WEIGHTS, IMAGES);
          expect(relativeDeviation(logits, expected)).toBeLessThan(1e-4);
          const { images } = randomBatch(NETWORK, BATCH, 30);
          const others = await session.logits(images);
          expect(relativeDeviation(others, await oracleLogits(NETWORK, WEIGHTS, images))).toBeLessThan(1e-4);
          expect(relativeDeviation(logits, expected), 'the first answer is not overwritten').toBeLessThan(
            1e-4,
          );
        });

        it('gives the logits of a network that ends with softmax', async () => {
          const ended = withSoftmax(NETWORK);
          const session = await trainer.openInference(ended, WEIGHTS, BATCH);
          sessions.push(session);
          const expected = await oracleLogits(NETWORK, WEIGHTS, IMAGES);
          expect(relativeDeviation(await session.logits(IMAGES), expected)).toBeLessThan(1e-4);
          const training = await open(ended);
          const { loss } = await training.step(IMAGES, TARGETS, STILL);
          expect(loss).toBeCloseTo((await oracleStep(NETWORK, WEIGHTS, IMAGES, TARGETS)).loss, 4);
        });

        it('runs what training returns', async () => {
          const training = await open();
          for (let i = 0; i < 3; i++) await training.step(IMAGES, TARGETS, { learningRate: 0.02 });
          const weights = training.weights();
          const session = await trainer.openInference(NETWORK, weights, BATCH);
          sessions.push(session);
          const expected = await oracleLogits(NETWORK, weights, IMAGES);
          expect(relativeDeviation(await session.logits(IMAGES), expected)).toBeLessThan(1e-3);
        });
      });

      describe('refuses', () => {
        const unfit: [string, Weights][] = [
          ['a missing tensor', new Map([...WEIGHTS].filter(([name]) => name !== 'head/bn/variance'))],
          [
            'a wrong shape',
            new Map([...WEIGHTS, ['stem/conv/kernel', { shape: [1], data: new Float32Array(1) }]]),
          ],
        ];
        it.each(unfit)('weights with %s: missing-weights', async (_, weights) => {
          const missing = expect.objectContaining({ code: 'missing-weights' });
          await expect(trainer.openTraining(NETWORK, weights, BATCH)).rejects.toEqual(missing);
          await expect(trainer.openInference(NETWORK, weights, BATCH)).rejects.toEqual(missing);
        });

        it('a network that the engine cannot train: unsupported-op', async () => {
          await expect(
            trainer.openTraining(unsupported, unevenWeights(unsupported, 5), BATCH),
          ).rejects.toEqual(expect.objectContaining({ code: 'unsupported-op' }));
        });
      });

      it('closes, and closes again', async () => {
        const training = await trainer.openTraining(NETWORK, WEIGHTS, BATCH);
        const inference = await trainer.openInference(NETWORK, WEIGHTS, BATCH);
        for (let i = 0; i < 2; i++) {
          await training.close();
          await inference.close();
        }
        const { loss } = await (await open()).step(IMAGES, TARGETS, STILL);
        expect(loss).toBeGreaterThan(0);
      });
    },
  );
}

function expectCloseStatistics(weights: Weights, expected: (name: string, channel: number) => number): void {
  for (const [name, { data }] of weights) {
    if (!name.endsWith('/mean') && !name.endsWith('/variance')) continue;
    expect(
      relativeDeviation(
        data,
        data.map((_, i) => expected(name, i)),
      ),
      name,
    ).toBeLessThan(1e-3);
  }
}

function withSoftmax(network: Network): Network {
  const inputs = [network.nodes.at(-1)!.id];
  return {
    name: network.name,
    nodes: [...network.nodes, { id: 'softmax', op: 'activation', activation: 'softmax', inputs }],
  };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TrainOrder } from '../../contracts/train-message.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

const { TrainProcess } = (await import(
  new URL('../../dist/services/worker/train/train-process.js', import.meta.url).href
)) as typeof import('../../services/worker/train/train-process.js');
type TrainProcess = InstanceType<typeof TrainProcess>;

let directory: string;
const open: TrainProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lutra-train-'));
  writeIdx('train', 400);
  writeIdx('t10k', 100);
});
afterEach(() => {
  for (const child of open.splice(0)) child.close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** 28×28 images whose bright row tells the label. */
function writeIdx(part: string, count: number): void {
  const rng = seededRng(count);
  const images = Buffer.alloc(16 + count * 784);
  images.writeUInt32BE(0x803, 0);
  for (const [i, value] of [count, 28, 28].entries()) images.writeUInt32BE(value, 4 + 4 * i);
  const labels = Buffer.alloc(8 + count);
  labels.writeUInt32BE(0x801, 0);
  labels.writeUInt32BE(count, 4);
  for (let i = 0; i < count; i++) {
    labels[8 + i] = i % 10;
    for (let p = 0; p < 784; p++) {
      images[16 + i * 784 + p] = Math.floor(rng() * 40) + (Math.floor(p / 56) === i % 10 ? 200 : 0);
    }
  }
  writeFileSync(join(directory, `${part}-images-idx3-ubyte`), images);
  writeFileSync(join(directory, `${part}-labels-idx1-ubyte`), labels);
}

function order(changes: Partial<TrainOrder['payload']> = {}): TrainOrder {
  return {
    payload: {
      kind: 'train',
      trainer: 'onnxruntime',
      network: buildZooNetwork('mobilenet-v3-tiny', {}),
      weights: null,
      dataset: { kind: 'idx', directory },
      recipe: {
        steps: 30,
        batchSize: 16,
        learningRate: 0.03,
        schedule: 'cosine',
        warmupSteps: 0,
        momentum: 0.9,
        weightDecay: 1e-4,
        batchNormMomentum: 0.9,
        averageStatisticsSteps: 10,
        distillation: 0,
      },
      seed: 5,
      teacher: null,
      evaluateOn: ['holdout'],
      ...changes,
    },
    weights: null,
    teacherWeights: null,
  };
}

function child(): TrainProcess {
  const started = new TrainProcess(null);
  open.push(started);
  return started;
}

const quietly = { signal: new AbortController().signal, onProgress: () => undefined };

test('equal orders give the same weights to the last bit, in a new process and in a used one', async () => {
  const [one, other] = [child(), child()];
  const first = await one.run(order(), quietly);
  const again = await one.run(order(), quietly);
  const elsewhere = await other.run(order(), quietly);
  if (first.type !== 'trained' || again.type !== 'trained' || elsewhere.type !== 'trained') {
    throw new Error(JSON.stringify([first, again, elsewhere]).slice(0, 500));
  }
  expect(again.weights).toBe(first.weights);
  expect(elsewhere.weights).toBe(first.weights);
  expect(first.result.holdout!.count).toBe(80);
  const different = await one.run(order({ seed: 6 }), quietly);
  expect(different).not.toMatchObject({ weights: first.weights });
});

test('a data set that is not there fails with its code, and the next order is served', async () => {
  const process = child();
  const failed = await process.run(
    order({ dataset: { kind: 'idx', directory: join(directory, 'gone') } }),
    quietly,
  );
  expect(failed).toMatchObject({ type: 'failed', code: 'unknown-dataset' });
  expect((await process.run(order(), quietly)).type).toBe('trained');
});

test('stops within a step when asked to, and serves the next order', async () => {
  const process = child();
  const stop = new AbortController();
  const long = order();
  const recipe = { ...long.payload.recipe, steps: 100_000 };
  const running = process.run(order({ recipe }), {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  });
  await expect(running).rejects.toThrow('enough');
  expect((await process.run(order(), quietly)).type).toBe('trained');
});

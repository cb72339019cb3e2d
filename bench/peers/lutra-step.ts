import { createInterface } from 'node:readline';
import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import { seededRng } from '../../core/random.js';
import { createOnnxruntimeTrainer } from '../../training/onnxruntime/onnxruntime-trainer.js';
import { randomBatch } from '../random-batch.js';

/** The other side of ./turn-process.ts, in the same words as ./torch_step.py. */

const WARMUP_STEPS = 20;

const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const { network, batch } = JSON.parse((await lines.next()).value) as { network: Network; batch: number };
const start = performance.now();
const trainer = await createOnnxruntimeTrainer();
const session = await trainer.openTraining(network, initializeWeights(network, seededRng(1)), batch);
const { images, targets } = randomBatch(network, batch);
await timeSteps(WARMUP_STEPS);
answer({ variant: 'lutra', warmupS: (performance.now() - start) / 1e3, version: process.version });
for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const { variant, steps } = JSON.parse(line.value) as { variant: string; steps: number };
  answer({ variant, durationsMs: await timeSteps(steps) });
}
await session.close();

async function timeSteps(count: number): Promise<number[]> {
  const durations: number[] = [];
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await session.step(images, targets, { learningRate: 0.01 });
    durations.push(performance.now() - before);
  }
  return durations;
}

function answer(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

import { initializeWeights } from '../core/network/initialize-weights.js';
import type { Network } from '../core/network/network.js';
import { seededRng } from '../core/random.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { createOnnxruntimeTrainer } from '../training/onnxruntime/onnxruntime-trainer.js';
import { type BenchLine, judged } from './bench-line.js';
import { TurnProcess } from './peers/turn-process.js';
import { randomBatch } from './random-batch.js';
import { median, medianMs } from './timing.js';

const BATCH = 64;
const CASES: readonly { name: string; network: Network; goalMs: number }[] = [
  { name: 'mobilenet-v3-tiny', network: buildZooNetwork('mobilenet-v3-tiny', {}), goalMs: 20 },
  {
    name: 'mobilenet-v3-small ×0.5 at 28 px',
    network: buildZooNetwork('mobilenet-v3-small', {
      width: 0.5,
      resolution: 28,
      inputChannels: 1,
      classes: 10,
    }),
    goalMs: 35,
  },
  {
    name: 'mobilenet-v3-tiny, stride-1 stem',
    network: buildZooNetwork('mobilenet-v3-tiny', { stemStride: 1 }),
    goalMs: 65,
  },
];

/** One training step, in a process such as trainers are; opening a session and evaluation; one thread. */
export async function* benchTrainingStep(): AsyncIterable<BenchLine> {
  for (const { name, network, goalMs } of CASES) {
    const lutra = await TurnProcess.lutra(network, BATCH);
    const stepMs = median(await lutra.steps('lutra', 60));
    lutra.stop();
    yield judged({
      bench: 'training-step',
      metric: `${name}, batch ${BATCH}`,
      value: stepMs,
      unit: 'ms',
      goal: { atMost: goalMs },
    });
  }
  const trainer = await createOnnxruntimeTrainer();
  const tiny = CASES[0]!.network;
  const weights = initializeWeights(tiny, seededRng(1));
  const openMs = await medianMs(async () => (await trainer.openTraining(tiny, weights, BATCH)).close(), 7);
  yield judged({
    bench: 'training-step',
    metric: 'session open',
    value: openMs,
    unit: 'ms',
    goal: { atMost: 200 },
  });
  const inference = await trainer.openInference(tiny, weights, 100);
  const { images } = randomBatch(tiny, 100);
  const batchMs = await medianMs(async () => {
    for (let i = 0; i < 100; i++) await inference.logits(images);
  }, 5);
  await inference.close();
  yield judged({
    bench: 'training-step',
    metric: 'evaluation of 10,000 images',
    value: batchMs,
    unit: 'ms',
    goal: { atMost: 500 },
  });
}

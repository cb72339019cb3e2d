import { initializeWeights } from '../core/network/initialize-weights.js';
import { seededRng } from '../core/random.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { createOnnxruntimeTrainer } from '../training/onnxruntime/onnxruntime-trainer.js';
import { type BenchLine, judged } from './bench-line.js';
import { findPeerPython, TORCH_VARIANTS, TorchProcess, type TorchVariant } from './peers/torch-process.js';
import { randomBatch } from './random-batch.js';
import { median } from './timing.js';

const BATCH = 64;
/** Rounds of turns, and steps of a turn. The first step of a turn finds the caches full of another engine's data. */
const ROUNDS = 12;
const STEPS = 6;
const GOALS: Readonly<Record<TorchVariant, number | undefined>> = {
  eager: undefined,
  channels_last: 0.4,
  compile: 0.5,
};

/**
 * The training step of mobilenet-v3-tiny in PyTorch and in Lutra, one thread each, in turns: what slows the machine
 * down for a while slows both. A figure is the median over all turns without their first steps. Needs Python.
 */
export async function* benchTrainingPeers(): AsyncIterable<BenchLine> {
  const python = findPeerPython();
  if (python === undefined) return;
  const network = buildZooNetwork('mobilenet-v3-tiny', {});
  const torch = await TorchProcess.start(python, network, BATCH);
  const trainer = await createOnnxruntimeTrainer();
  const session = await trainer.openTraining(network, initializeWeights(network, seededRng(1)), BATCH);
  const { images, targets } = randomBatch(network, BATCH);

  async function ownSteps(): Promise<readonly number[]> {
    const durations: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const start = performance.now();
      await session.step(images, targets, { learningRate: 0.01 });
      durations.push(performance.now() - start);
    }
    return durations;
  }

  const own: number[] = [];
  const peers = new Map<TorchVariant, number[]>(TORCH_VARIANTS.map((variant) => [variant, []]));
  await ownSteps();
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of TORCH_VARIANTS) {
      own.push(...(await ownSteps()).slice(1));
      peers.get(variant)!.push(...(await torch.steps(variant, STEPS)).slice(1));
    }
  }
  torch.stop();
  await session.close();

  const oursMs = median(own);
  for (const [variant, durations] of peers) {
    const goal = GOALS[variant];
    const peerMs = median(durations);
    yield judged({
      bench: 'peers',
      metric: `training step, ours / PyTorch ${variant}`,
      value: oursMs / peerMs,
      unit: 'ratio',
      ...(goal === undefined ? {} : { goal: { atMost: goal } }),
      detail: { oursMs, peerMs, batch: BATCH, ...torch.warmup.get(variant) },
    });
  }
}

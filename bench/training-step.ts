import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { initializeWeights } from '../core/network/initialize-weights.js';
import type { Network } from '../core/network/network.js';
import { seededRng } from '../core/random.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { createOnnxruntimeTrainer } from '../training/onnxruntime/onnxruntime-trainer.js';
import type { Trainer } from '../training/trainer.js';
import { type BenchLine, judged } from './bench-line.js';
import { medianMs } from './timing.js';

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

/** One training step, opening a session and evaluation, one thread. */
export async function* benchTrainingStep(): AsyncIterable<BenchLine> {
  const trainer = await createOnnxruntimeTrainer();
  for (const { name, network, goalMs } of CASES) {
    const stepMs = await timeStep(trainer, network, 40);
    yield judged({
      bench: 'training-step',
      metric: `${name}, batch ${BATCH}`,
      value: stepMs,
      unit: 'ms',
      goal: { atMost: goalMs },
    });
  }
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
  const images = randomImages(tiny, 100);
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

/**
 * The same step of the same network in PyTorch, in turn with ours, one thread. Makes a virtual environment under
 * `.venv/peers` on first use; says why and stops where Python is missing.
 */
export async function* benchTrainingPeers(): AsyncIterable<BenchLine> {
  const python = peerPython();
  if (python === undefined) return;
  const { network } = CASES[0]!;
  const trainer = await createOnnxruntimeTrainer();
  const before = await timeStep(trainer, network, 40);
  const peers = await runPeer(python, network);
  const after = await timeStep(trainer, network, 40);
  const oursMs = (before + after) / 2;
  const goals: Readonly<Record<string, number>> = { compile: 0.5, channels_last: 0.4 };
  for (const peer of peers) {
    const goal = goals[peer.variant];
    yield judged({
      bench: 'peers',
      metric: `training step, ours / PyTorch ${peer.variant}`,
      value: oursMs / peer.medianMs,
      unit: 'ratio',
      ...(goal === undefined ? {} : { goal: { atMost: goal } }),
      detail: { oursMs, peerMs: peer.medianMs, warmupS: peer.warmupS, torch: peer.torch },
    });
  }
}

async function timeStep(trainer: Trainer, network: Network, count: number): Promise<number> {
  const session = await trainer.openTraining(network, initializeWeights(network, seededRng(1)), BATCH);
  const images = randomImages(network, BATCH);
  const targets = new Float32Array(BATCH * 10);
  for (let i = 0; i < BATCH; i++) targets[i * 10 + (i % 10)] = 1;
  const stepMs = await medianMs(() => session.step(images, targets, { learningRate: 0.01 }), count, 6);
  await session.close();
  return stepMs;
}

function randomImages(network: Network, batch: number): Float32Array {
  const input = network.nodes[0]!;
  if (input.op !== 'input') throw new Error('the first node is the input');
  const [height, width, channels] = input.shape;
  const rng = seededRng(7);
  return Float32Array.from({ length: batch * height * width * channels }, () => rng() * 2 - 1);
}

interface PeerLine {
  readonly variant: string;
  readonly medianMs: number;
  readonly warmupS: number;
  readonly torch: string;
}

function peerPython(): string | undefined {
  const root = findRoot();
  const home = join(root, '.venv', 'peers');
  const python = join(home, 'bin', 'python');
  const system = process.env.LUTRA_PEER_PYTHON;
  if (system !== undefined) return system;
  if (existsSync(python) && spawnSync(python, ['-c', 'import torch']).status === 0) return python;
  console.error('making .venv/peers with PyTorch: several gigabytes, some minutes');
  const made =
    spawnSync('python3', ['-m', 'venv', home], { stdio: ['ignore', 2, 2] }).status === 0 &&
    spawnSync(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy'], { stdio: ['ignore', 2, 2] })
      .status === 0;
  if (made) return python;
  console.error('peers skipped: python3 with venv and pip is needed, and a way to the package index');
  return undefined;
}

function runPeer(python: string, network: Network): Promise<PeerLine[]> {
  const script = join(findRoot(), 'bench', 'peers', 'torch_step.py');
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    JSON.stringify({ network, batch: BATCH, steps: 40, variants: ['eager', 'channels_last', 'compile'] }),
  );
  const lines: PeerLine[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as PeerLine));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(lines) : reject(new Error(`PyTorch ended with code ${code}`)),
    );
  });
}

/** The repository's folder, from `dist/bench` or `bench`. */
function findRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return existsSync(join(here, '..', 'package.json')) ? join(here, '..') : join(here, '..', '..');
}

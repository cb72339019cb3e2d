import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { DatasetSpec } from '../../../contracts/job.js';
import type { TrainMessage, TrainOrder } from '../../../contracts/train-message.js';
import { LutraError } from '../../../core/errors.js';
import type { Weights } from '../../../core/network/weights.js';
import type { Dataset } from '../../../training/datasets/dataset.js';
import { loadDataset } from '../../../training/datasets/load-dataset.js';
import type { Trainer } from '../../../training/trainer.js';
import { encodeWeights } from '../../../training/weights/weights-codec.js';
import { CoreLock, coreLockDirectory } from '../core-lock.js';
import { writeMessageLine } from '../message-line.js';
import { performTraining } from './perform-training.js';

/**
 * A training child: `node train-child.js [--cpu N]`. Orders as JSON lines on standard input, one after the other;
 * messages as JSON lines on descriptor 3. It computes only while it holds its core.
 */
const MESSAGES = 3;
const ALIVE_EVERY_MS = 1_000;

const { values } = parseArgs({ options: { cpu: { type: 'string' } } });
const lock = values.cpu === undefined ? null : new CoreLock(coreLockDirectory(), Number(values.cpu));
const never = new AbortController().signal;
const send = (message: TrainMessage) => writeMessageLine(MESSAGES, message);

const trainers = new Map<string, Promise<Trainer>>();
let dataset: { readonly name: string; readonly loaded: Promise<Dataset> } | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const alive = setInterval(() => send({ type: 'alive' }), ALIVE_EVERY_MS);
  try {
    await lock?.takeForTraining(never);
    send(await perform(JSON.parse(line) as TrainOrder));
  } catch (error) {
    const code = error instanceof LutraError ? error.code : 'internal';
    send({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  } finally {
    lock?.release();
    clearInterval(alive);
  }
}

async function perform(order: TrainOrder): Promise<TrainMessage> {
  const { trainer, dataset: spec } = order.payload;
  const { weights, importance, result } = await performTraining(
    order,
    await trainerOf(trainer),
    await datasetOf(spec),
    {
      gate: async () => lock?.takeForTraining(never),
      onProgress: (progress) => send({ type: 'progress', ...progress }),
    },
  );
  const encode = (tensors: Weights) => Buffer.from(encodeWeights(tensors)).toString('base64');
  return {
    type: 'trained',
    result,
    weights: encode(weights),
    importance: importance === null ? null : encode(importance),
  };
}

/** An engine starts once: its self-checks and the native library are paid for by the first job. */
function trainerOf(name: TrainOrder['payload']['trainer']): Promise<Trainer> {
  const started = trainers.get(name) ?? startTrainer(name);
  trainers.set(name, started);
  return started;
}

async function startTrainer(name: TrainOrder['payload']['trainer']): Promise<Trainer> {
  if (name === 'tfjs') {
    const { createTfjsTrainer } = await import('../../../training/tfjs/tfjs-trainer.js');
    return createTfjsTrainer();
  }
  const { createOnnxruntimeTrainer } = await import('../../../training/onnxruntime/onnxruntime-trainer.js');
  return createOnnxruntimeTrainer();
}

/** The last data set stays in memory. */
function datasetOf(spec: DatasetSpec): Promise<Dataset> {
  const name = JSON.stringify(spec);
  if (dataset?.name !== name) dataset = { name, loaded: loadDataset(spec) };
  return dataset.loaded;
}

import { createHash } from 'node:crypto';
import type { DTypeName } from '../../contracts/environment.js';
import type { DatasetSpec, TrainerName } from '../../contracts/job.js';

/** Queue names go into Redis keys and paths: letters, digits, `.`, `-` and `_` only. */

export function deviceQueue(name: string): string {
  return `device.${name}`;
}

/** For jobs that any device with the label and element type may take. */
export function labelQueue(label: string, dtype: DTypeName): string {
  return dtype === 'float32' ? `label.${label}` : `label.${label}.${dtype}`;
}

/** For jobs that any device with this environment may take: all of them fill one table. */
export function environmentQueue(environmentHash: string): string {
  return `environment.${environmentHash.slice(0, 16)}`;
}

/**
 * Trainers take jobs on data and for engines that they have. MNIST comes with the package and onnxruntime too; whatever
 * else has queues of its own, named by what the data set holds, or by where it lies while nobody has looked.
 */
export function trainQueue(dataset: DatasetSpec, trainer: TrainerName = 'onnxruntime'): string {
  const engine = trainer === 'onnxruntime' ? 'train' : `train.${trainer}`;
  if (dataset.kind === 'mnist') return engine;
  const name = dataset.sha256 ?? createHash('sha256').update(dataset.directory).digest('hex');
  return `${engine}.${name.slice(0, 16)}`;
}

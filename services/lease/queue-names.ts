import { createHash } from 'node:crypto';
import type { DTypeName } from '../../contracts/environment.js';
import type { DatasetSpec } from '../../contracts/job.js';

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

/** Trainers take jobs on data that they have: MNIST comes with the package, directories have queues of their own. */
export function trainQueue(dataset: DatasetSpec): string {
  if (dataset.kind === 'mnist') return 'train';
  return `train.${createHash('sha256').update(dataset.directory).digest('hex').slice(0, 16)}`;
}

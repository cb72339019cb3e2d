import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LutraError } from '../../core/errors.js';
import type { Shape } from '../../core/network/network.js';
import type { Split } from './dataset.js';
import { parseIdx } from './idx-file.js';

const inflate = promisify(gunzip);

export interface IdxDirectory {
  readonly imageShape: Shape;
  readonly train: Split;
  readonly test: Split;
}

/**
 * Reads the four files of an MNIST-like data set (`train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and their
 * `t10k-` twins), each plain or with `.gz`. Images may have a fourth axis, channels (`idx4`).
 * @throws LutraError `unknown-dataset` naming the file that is missing or broken
 */
export async function readIdxDirectory(directory: string): Promise<IdxDirectory> {
  const train = await readSplit(directory, 'train');
  const test = await readSplit(directory, 't10k');
  if (train.imageShape.join() !== test.imageShape.join()) {
    throw new LutraError(
      'unknown-dataset',
      `${directory}: training images are ${train.imageShape.join('x')}, test images ${test.imageShape.join('x')}`,
    );
  }
  return { imageShape: train.imageShape, train: train.split, test: test.split };
}

async function readSplit(directory: string, prefix: string): Promise<{ imageShape: Shape; split: Split }> {
  const images = await readIdx(directory, [`${prefix}-images-idx3-ubyte`, `${prefix}-images-idx4-ubyte`]);
  const labels = await readIdx(directory, [`${prefix}-labels-idx1-ubyte`]);
  const [count, height, width, channels = 1, ...rest] = images.shape;
  if (!count || !height || !width || !channels || rest.length > 0) {
    throw new LutraError(
      'unknown-dataset',
      `${images.file}: expected axes [count, height, width] or [count, height, width, channels], none of them 0, ` +
        `got [${images.shape.join(', ')}]`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new LutraError(
      'unknown-dataset',
      `${labels.file}: expected one label for each of ${count} images, got axes [${labels.shape.join(', ')}]`,
    );
  }
  return {
    imageShape: [height, width, channels],
    split: { images: images.data, labels: labels.data, count },
  };
}

async function readIdx(directory: string, names: readonly string[]) {
  for (const name of names) {
    for (const file of [join(directory, name), join(directory, `${name}.gz`)]) {
      const bytes = await readIfThere(file);
      if (bytes === undefined) continue;
      const plain = file.endsWith('.gz') ? await decompress(bytes, file) : bytes;
      return { file, ...parseIdx(plain, file) };
    }
  }
  const missing = join(directory, names[0]!);
  throw new LutraError('unknown-dataset', `${missing} (or ${names[0]}.gz) is missing`, {
    details: { file: missing },
  });
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new LutraError('unknown-dataset', `${file} cannot be read: ${code}`, { cause: error });
  }
}

async function decompress(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    return await inflate(bytes);
  } catch (error) {
    throw new LutraError('unknown-dataset', `${file} is no complete gzip file`, { cause: error });
  }
}

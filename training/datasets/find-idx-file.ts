import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { LutraError } from '../../core/errors.js';

/** Images have three axes, or four with channels. */
const NAMES = { images: ['images-idx3-ubyte', 'images-idx4-ubyte'], labels: ['labels-idx1-ubyte'] } as const;

/**
 * A file of an MNIST-like data set, plain or with `.gz`.
 * @throws LutraError `unknown-dataset` naming the file that is missing
 */
export async function findIdxFile(
  directory: string,
  split: 'train' | 't10k',
  content: 'images' | 'labels',
): Promise<string> {
  for (const name of NAMES[content]) {
    for (const ending of ['', '.gz']) {
      const file = join(directory, `${split}-${name}${ending}`);
      const there = await access(file).then(
        () => true,
        () => false,
      );
      if (there) return file;
    }
  }
  const missing = join(directory, `${split}-${NAMES[content][0]}`);
  throw new LutraError('unknown-dataset', `${missing} (or .gz) is missing`, {
    pointer: '/dataset',
    details: { file: missing },
  });
}

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Split } from '../../training/datasets/dataset.js';
import { datasetHash } from '../../training/datasets/dataset-hash.js';
import { loadDataset } from '../../training/datasets/load-dataset.js';

/** Images of each digit in the published test set, 0 to 9. */
const MNIST_TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
const MNIST_TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

describe('MNIST', () => {
  it('is complete, with 5,000 images set aside that training does not see', async () => {
    const { name, imageShape, classes, train, holdout, test } = await loadDataset({ kind: 'mnist' });
    expect({ name, imageShape, classes }).toEqual({ name: 'mnist', imageShape: [28, 28, 1], classes: 10 });
    expect([train.count, holdout.count, test.count]).toEqual([55_000, 5000, 10_000]);
    expect(train.images.length).toBe(55_000 * 784);
    expect([...test.labels.subarray(0, 7)]).toEqual([7, 2, 1, 0, 4, 1, 4]);
    expect(histogram(test.labels)).toEqual(MNIST_TEST_COUNTS);
    const apart = histogram(holdout.labels);
    expect(histogram(train.labels).map((count, digit) => count + apart[digit]!)).toEqual(MNIST_TRAIN_COUNTS);
    expect(Math.min(...apart)).toBeGreaterThan(350);
  });

  it('has the same holdout every time, another one by another seed, and of the size asked for', async () => {
    const load = async (holdoutSeed?: number) =>
      (await loadDataset({ kind: 'mnist' }, { holdoutCount: 300, ...(holdoutSeed && { holdoutSeed }) }))
        .holdout;
    const [first, again, other] = [await load(), await load(), await load(2)];
    expect(first.count).toBe(300);
    expect(again.images).toEqual(first.images);
    expect(other.labels).not.toEqual(first.labels);
  });
});

describe('a directory of IDX files', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lutra-idx-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, bytes: Uint8Array) => writeFileSync(join(directory, name), bytes);
  /** Image i is 2×1 pixels of value i, of class i mod 3. */
  const images = (count: number, channels?: number) => {
    const shape = channels === undefined ? [count, 2, 1] : [count, 2, 1, channels];
    return idx(shape, (i) => Math.floor(i / (2 * (channels ?? 1))));
  };
  const labels = (count: number) => idx([count], (i) => i % 3);
  const writeAll = () => {
    write('train-images-idx3-ubyte', images(50));
    write('train-labels-idx1-ubyte.gz', gzipSync(labels(50)));
    write('t10k-images-idx3-ubyte.gz', gzipSync(images(9)));
    write('t10k-labels-idx1-ubyte', labels(9));
  };
  const load = () => loadDataset({ kind: 'idx', directory });

  it('is read, plain and compressed, and a fifth is set aside', async () => {
    writeAll();
    const { imageShape, classes, train, holdout, test } = await load();
    expect({ imageShape, classes }).toEqual({ imageShape: [2, 1, 1], classes: 3 });
    expect([train.count, holdout.count, test.count]).toEqual([40, 10, 9]);
    const values = [...pixels(train, 2), ...pixels(holdout, 2)].sort((a, b) => a - b);
    expect(values).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const split of [train, holdout, test]) {
      expect([...split.labels]).toEqual(pixels(split, 2).map((value) => value % 3));
    }
  });

  it('may have channels', async () => {
    writeAll();
    rmSync(join(directory, 'train-images-idx3-ubyte'));
    rmSync(join(directory, 't10k-images-idx3-ubyte.gz'));
    write('train-images-idx4-ubyte', images(50, 3));
    write('t10k-images-idx4-ubyte', images(9, 3));
    expect((await load()).imageShape).toEqual([2, 1, 3]);
  });

  it.each(['train-images-idx3-ubyte', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte'])(
    'without %s is refused, naming it',
    async (name) => {
      writeAll();
      rmSync(join(directory, name));
      await expect(load()).rejects.toMatchObject({
        code: 'unknown-dataset',
        message: `${join(directory, name.replace('.gz', ''))} (or ${name.replace('.gz', '')}.gz) is missing`,
      });
    },
  );

  it.each([
    [
      'images and labels that do not match',
      'train-labels-idx1-ubyte',
      labels(49),
      'one label for each of 50 images',
    ],
    [
      'images of another size in the test set',
      't10k-images-idx3-ubyte',
      idx([9, 3, 1], () => 0),
      '2x1x1, test images 3x1x1',
    ],
    ['images without pixels', 'train-images-idx3-ubyte', idx([50, 0, 1], () => 0), 'none of them 0'],
    ['a test label that training lacks', 't10k-labels-idx1-ubyte', idx([9], () => 7), 'test labels up to 7'],
    ['a single class', 'train-labels-idx1-ubyte', idx([50], () => 0), 'at least 2 classes'],
    ['a file that is no IDX', 't10k-labels-idx1-ubyte', Uint8Array.of(1, 2, 3, 4, 5), 'no IDX file of bytes'],
    [
      'a broken gzip file',
      't10k-labels-idx1-ubyte.gz',
      Uint8Array.of(0x1f, 0x8b, 1),
      'no complete gzip file',
    ],
  ])('with %s is refused', async (_, name, bytes, words) => {
    writeAll();
    for (const twin of [name, `${name}.gz`, name.replace('.gz', '')])
      rmSync(join(directory, twin), { force: true });
    write(name, bytes);
    await expect(load()).rejects.toMatchObject({
      code: 'unknown-dataset',
      message: expect.stringContaining(words),
    });
  });

  it('is known by what it holds: packed or not, wherever it lies, and not after a change', async () => {
    writeAll();
    const sha256 = await datasetHash(directory);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await loadDataset({ kind: 'idx', directory, sha256 })).train.count).toBeGreaterThan(0);
    const elsewhere = mkdtempSync(join(tmpdir(), 'lutra-idx-'));
    for (const name of readdirSync(directory)) {
      const bytes = readFileSync(join(directory, name));
      const [plain, file] = name.endsWith('.gz')
        ? [gunzipSync(bytes), name.slice(0, -3)]
        : [gzipSync(bytes), `${name}.gz`];
      writeFileSync(join(elsewhere, file), plain);
    }
    expect(await datasetHash(elsewhere)).toBe(sha256);
    const file = readdirSync(elsewhere).find((name) => name.startsWith('t10k-labels'))!;
    const labels10k = readFileSync(join(elsewhere, file));
    const changed = file.endsWith('.gz') ? gunzipSync(labels10k) : labels10k;
    changed[changed.length - 1] = (changed.at(-1)! + 1) % 3;
    writeFileSync(join(elsewhere, file), file.endsWith('.gz') ? gzipSync(changed) : changed);
    await expect(loadDataset({ kind: 'idx', directory: elsewhere, sha256 })).rejects.toMatchObject({
      code: 'dataset-mismatch',
      message: expect.stringContaining(elsewhere),
    });
    rmSync(elsewhere, { recursive: true });
  });

  it('that is no directory is refused', async () => {
    write('file', Uint8Array.of(1));
    await expect(loadDataset({ kind: 'idx', directory: join(directory, 'file') })).rejects.toMatchObject({
      code: 'unknown-dataset',
    });
  });
});

function idx(shape: readonly number[], valueAt: (i: number) => number): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const bytes = new Uint8Array(4 + 4 * shape.length + count);
  bytes.set([0, 0, 8, shape.length]);
  bytes.set(
    shape.flatMap((size) => [0, 0, size >> 8, size & 255]),
    4,
  );
  for (let i = 0; i < count; i++) bytes[4 + 4 * shape.length + i] = valueAt(i);
  return bytes;
}

function pixels(split: Split, imageBytes: number): number[] {
  return Array.from(split.labels, (_, i) => split.images[i * imageBytes]!);
}

function histogram(labels: Uint8Array): number[] {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

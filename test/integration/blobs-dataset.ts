import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Rng, seededRng } from '../../core/random.js';

const SIDE = 28;
export const BLOB_CLASSES = 4;
/** Middle of each class's blob, [row, column]; they drift by a few pixels, so that there is something to learn. */
const MIDDLES = [
  [8, 8],
  [8, 20],
  [20, 8],
  [20, 20],
] as const;

/** Writes an IDX data set of noisy blobs, one quadrant a class. Equal seeds write equal bytes. */
export function writeBlobsDataset(
  directory: string,
  counts: { train: number; test: number },
  seed = 1,
): void {
  mkdirSync(directory, { recursive: true });
  const rng = seededRng(seed);
  writeSplit(directory, 'train', counts.train, rng);
  writeSplit(directory, 't10k', counts.test, rng);
}

function writeSplit(directory: string, prefix: string, count: number, rng: Rng): void {
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, () => Math.floor(rng() * BLOB_CLASSES));
  labels.forEach((label, i) => {
    drawBlob(images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE), label, rng);
  });
  writeFileSync(join(directory, `${prefix}-images-idx3-ubyte`), idx([count, SIDE, SIDE], images));
  writeFileSync(join(directory, `${prefix}-labels-idx1-ubyte`), idx([count], labels));
}

function drawBlob(image: Uint8Array, label: number, rng: Rng): void {
  const [row, column] = MIDDLES[label]!.map((middle) => middle + 16 * (rng() - 0.5));
  const radius = 2 + 3 * rng();
  for (let pixel = 0; pixel < image.length; pixel++) {
    const distance = Math.hypot(Math.floor(pixel / SIDE) - row!, (pixel % SIDE) - column!);
    image[pixel] = Math.round(120 * Math.exp(-((distance / radius) ** 2)) + 120 * rng());
  }
}

function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return Buffer.concat([header, data]);
}

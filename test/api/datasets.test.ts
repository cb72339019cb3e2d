import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOB_CLASSES, writeBlobsDataset } from '../integration/blobs-dataset.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
let directory: string;
beforeEach(async () => {
  t = await startTestApp();
  directory = join(t.directory, 'blobs');
  writeBlobsDataset(directory, { train: 60, test: 20 });
});
afterEach(() => t.close());

const adapt = () =>
  t.send('POST', '/adaptations', {
    device: 'bench',
    candidate: { zoo: 'mobilenet-v3-tiny', options: { classes: BLOB_CLASSES } },
    dataset: { kind: 'idx', directory },
    budget: { ratio: 0.5 },
  });

const replaced = (name: string, put: (file: string) => void) => () => {
  rmSync(join(directory, name));
  put(join(directory, name));
};
const asFolder = (name: string) => replaced(name, mkdirSync);
const holding = (name: string, ...bytes: number[]) =>
  replaced(name, (file) => writeFileSync(file, Uint8Array.from(bytes)));

describe('POST /adaptations on a data set in a directory', () => {
  it('is taken as it lies', async () => {
    expect((await adapt()).statusCode).toBe(202);
  });

  it.each([
    ['training images that are a folder', asFolder('train-images-idx3-ubyte')],
    ['training labels that are a folder', asFolder('train-labels-idx1-ubyte')],
    ['test images that are a folder', asFolder('t10k-images-idx3-ubyte')],
    ['test labels that are a folder', asFolder('t10k-labels-idx1-ubyte')],
    ['labels that are no IDX file', holding('train-labels-idx1-ubyte', 1, 2, 3, 4, 5)],
    ['labels that were cut short', holding('train-labels-idx1-ubyte', 0, 0, 8, 1, 0, 0, 0, 60, 1)],
    [
      'labels in a broken gzip file',
      () => {
        rmSync(join(directory, 'train-labels-idx1-ubyte'));
        writeFileSync(join(directory, 'train-labels-idx1-ubyte.gz'), 'x');
      },
    ],
    ['test labels that are missing', () => rmSync(join(directory, 't10k-labels-idx1-ubyte'))],
  ])('refuses %s, pointing at it', async (_what, spoil) => {
    spoil();
    const before = t.rowCounts();
    expect((await adapt()).json()).toMatchObject({
      status: 422,
      code: 'unknown-dataset',
      pointer: '/dataset',
      detail: expect.stringMatching(/(train|t10k)-(images|labels)-idx/),
    });
    expect(t.rowCounts()).toEqual(before);
  });
});

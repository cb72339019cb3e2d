import { resolve } from 'node:path';
import type { DatasetSpec } from '../../contracts/job.js';

/** `mnist`, or a folder of IDX files; relative folders count from here, not from where the server runs. */
export function datasetInput(text: string): DatasetSpec {
  return text === 'mnist' ? { kind: 'mnist' } : { kind: 'idx', directory: resolve(text) };
}

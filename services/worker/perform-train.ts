import { hostname } from 'node:os';
import type { DatasetSpec, JobOutcome, TrainPayload } from '../../contracts/job.js';
import type { TrainOrder } from '../../contracts/train-message.js';
import { LutraError } from '../../core/errors.js';
import type { LeaseSource } from '../lease/lease-source.js';
import type { Perform, WorkControl, WorkEnd } from './run-worker.js';
import type { TrainEnd, TrainProcess } from './train/train-process.js';

/**
 * Trains and evaluates what a job asks for, in the given child. Weights come from and go to the lease source.
 * @param atHand where a data set lies on this machine
 */
export function performTrain(
  source: LeaseSource,
  child: TrainProcess,
  atHand: (dataset: DatasetSpec) => DatasetSpec = (dataset) => dataset,
): Perform {
  return async (work, { signal, onProgress, insist }) => {
    if (work.kind !== 'train') throw new Error(`a training worker was given a ${work.kind} job`);
    const payload = { ...work.payload, dataset: atHand(work.payload.dataset) };
    const order = await orderOf(source, payload, insist);
    if ('kind' in order) return order;
    const end = await child.run(order, {
      signal,
      onProgress: ({ step, steps, lossNats }) =>
        onProgress({ done: step, total: steps, note: `loss ${lossNats.toFixed(3)}` }),
    });
    if (end.type !== 'trained') return failureOf(end, payload.dataset);
    const write = (base64: string) => insist(() => source.writeBlob(Buffer.from(base64, 'base64')));
    const weights = await write(end.weights);
    const importance = end.importance == null ? null : await write(end.importance);
    return { kind: 'report', report: { kind: 'train', result: { ...end.result, weights, importance } } };
  };
}

async function orderOf(
  source: LeaseSource,
  payload: TrainPayload,
  insist: WorkControl['insist'],
): Promise<TrainOrder | WorkEnd> {
  const read = async (sha256: string | null | undefined) =>
    sha256 == null ? null : Buffer.from(await insist(() => source.readBlob(sha256))).toString('base64');
  try {
    return {
      payload,
      weights: await read(payload.weights),
      teacherWeights: await read(payload.teacher?.weights),
    };
  } catch (error) {
    if (!(error instanceof LutraError) || error.code !== 'not-found') throw error;
    return { kind: 'failure', failure: { outcome: 'training-failed', message: error.message, retry: false } };
  }
}

/** What is wrong with the data is wrong on this machine only. */
function adviceFor(code: string, dataset: DatasetSpec): string {
  if (dataset.kind !== 'idx' || (code !== 'unknown-dataset' && code !== 'dataset-mismatch')) return '';
  return `. Put the data set's own files into ${dataset.directory} on ${hostname()}, or train where they are (lutra worker --role train --dataset <folder>), then resume`;
}

/** Dying is a matter of the machine and may be tried again; whatever the child could explain is not. */
function failureOf(end: Exclude<TrainEnd, { type: 'trained' }>, dataset: DatasetSpec): WorkEnd {
  const died = end.type === 'died';
  const outcome: Exclude<JobOutcome, 'ok' | 'cancelled'> = died
    ? end.how
    : end.code === 'unsupported-op'
      ? 'unsupported-op'
      : 'training-failed';
  const message = died ? end.message : `${end.code}: ${end.message}${adviceFor(end.code, dataset)}`;
  return { kind: 'failure', failure: { outcome, message, retry: died } };
}

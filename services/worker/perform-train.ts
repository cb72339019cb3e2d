import type { JobOutcome, TrainPayload } from '../../contracts/job.js';
import type { TrainOrder } from '../../contracts/train-message.js';
import { LutraError } from '../../core/errors.js';
import type { LeaseSource } from '../lease/lease-source.js';
import type { Perform, WorkEnd } from './run-worker.js';
import type { TrainEnd, TrainProcess } from './train/train-process.js';

/** Trains and evaluates what a job asks for, in the given child. Weights come from and go to the lease source. */
export function performTrain(source: LeaseSource, child: TrainProcess): Perform {
  return async (work, { signal, onProgress }) => {
    if (work.kind !== 'train') throw new Error(`a training worker was given a ${work.kind} job`);
    const order = await orderOf(source, work.payload);
    if ('kind' in order) return order;
    const end = await child.run(order, {
      signal,
      onProgress: ({ step, steps, lossNats }) =>
        onProgress({ done: step, total: steps, note: `loss ${lossNats.toFixed(3)}` }),
    });
    if (end.type !== 'trained') return failureOf(end);
    const write = (base64: string) => source.writeBlob(Buffer.from(base64, 'base64'));
    const weights = await write(end.weights);
    const importance = end.importance == null ? null : await write(end.importance);
    return { kind: 'report', report: { kind: 'train', result: { ...end.result, weights, importance } } };
  };
}

async function orderOf(source: LeaseSource, payload: TrainPayload): Promise<TrainOrder | WorkEnd> {
  const read = async (sha256: string | null | undefined) =>
    sha256 == null ? null : Buffer.from(await source.readBlob(sha256)).toString('base64');
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

/** Dying is a matter of the machine and may be tried again; whatever the child could explain is not. */
function failureOf(end: Exclude<TrainEnd, { type: 'trained' }>): WorkEnd {
  const died = end.type === 'died';
  const outcome: Exclude<JobOutcome, 'ok' | 'cancelled'> = died
    ? end.how
    : end.code === 'unsupported-op'
      ? 'unsupported-op'
      : 'training-failed';
  const message = died ? end.message : `${end.code}: ${end.message}`;
  return { kind: 'failure', failure: { outcome, message, retry: died } };
}

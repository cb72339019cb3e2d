import type {
  JobOutcome,
  JobProgress,
  JobStatus,
  MeasurePayload,
  MeasureResult,
  TrainPayload,
  TrainResult,
} from '../../contracts/job.js';

export type JobKind = 'measure' | 'train';

export interface JobRow {
  /** Order of arrival. */
  readonly seq: number;
  readonly id: string;
  readonly kind: JobKind;
  /** `device.<name>` or `train`. */
  readonly queue: string;
  readonly priority: number;
  /** Where it is measured; null for training, and while any device of a class may still claim it. */
  readonly device: string | null;
  readonly status: JobStatus;
  /** Null until finished. */
  readonly outcome: JobOutcome | null;
  /** Why it ended so, or why it waits for another attempt. */
  readonly message: string | null;
  readonly payload: MeasurePayload | TrainPayload;
  readonly progress: JobProgress | null;
  readonly result: MeasureResult | TrainResult | null;
  /** Claims that were not handed back, lost ones among them. */
  readonly attempts: number;
  /** Failures after which it was put back for another attempt. */
  readonly retries: number;
  /** The fence: only who holds this token may write to the job. */
  readonly leaseToken: number | null;
  readonly worker: string | null;
  readonly cancelRequested: boolean;
  readonly submittedBy: string | null;
  readonly adaptationId: string | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

/** As SQLite stores it. */
export interface StoredJob extends Omit<JobRow, 'payload' | 'progress' | 'result' | 'cancelRequested'> {
  readonly payload: string;
  readonly progress: string | null;
  readonly result: string | null;
  readonly cancelRequested: number;
}

export const SELECT_JOB = `
  SELECT seq, id, kind, queue, priority, device, status, outcome, message, payload, progress, result, attempts, retries,
    lease_token AS leaseToken, worker, cancel_requested AS cancelRequested, submitted_by AS submittedBy,
    adaptation_id AS adaptationId, created_at_ms AS createdAtMs, started_at_ms AS startedAtMs,
    finished_at_ms AS finishedAtMs
  FROM job`;

export function toJobRow(stored: StoredJob): JobRow {
  return {
    ...stored,
    payload: JSON.parse(stored.payload) as JobRow['payload'],
    progress: stored.progress === null ? null : (JSON.parse(stored.progress) as JobProgress),
    result: stored.result === null ? null : (JSON.parse(stored.result) as JobRow['result']),
    cancelRequested: stored.cancelRequested === 1,
  };
}

import type { JobOutcome, JobStatus } from '../../contracts/job.js';
import { type JobKind, SELECT_JOB } from './job-row.js';

export interface JobFilter {
  readonly status?: JobStatus;
  /** Only jobs that are not finished. */
  readonly unfinished?: boolean;
  readonly outcome?: JobOutcome;
  readonly kind?: JobKind;
  readonly device?: string;
  readonly adaptationId?: string;
  readonly limit: number;
  /** Only jobs that arrived before this one. */
  readonly before?: string;
}

/** SQL and parameters of one page of jobs, the latest first. */
export function jobPage({ unfinished, ...parameters }: JobFilter) {
  const { status, outcome, kind, device, adaptationId, before } = parameters;
  const conditions: string[] = [];
  if (status !== undefined) conditions.push('status = :status');
  if (unfinished === true) conditions.push("status <> 'finished'");
  if (outcome !== undefined) conditions.push('outcome = :outcome');
  if (kind !== undefined) conditions.push('kind = :kind');
  if (device !== undefined) conditions.push('device = :device');
  if (adaptationId !== undefined) conditions.push('adaptation_id = :adaptationId');
  if (before !== undefined) conditions.push('seq < (SELECT seq FROM job WHERE id = :before)');
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return { rows: `${SELECT_JOB} ${where} ORDER BY seq DESC LIMIT :limit`, parameters };
}

import type { Lease } from '../../queue/job-queue.js';

const ID = /^(job_[0-9a-z]{1,40})\.([1-9]\d{0,15})\.([1-9]\d{3,5})$/;

/** What a renewal has to know of a lease; the rest stands in the job's row. */
export interface NamedLease extends Pick<Lease, 'jobId' | 'token'> {
  /** The lease ends this long after its last renewal. */
  readonly leaseMs: number;
}

/** A lease as one word for paths. */
export function leaseId({ jobId, token, leaseMs }: NamedLease): string {
  return `${jobId}.${token}.${leaseMs}`;
}

/** @returns null for what is no lease's name */
export function parseLeaseId(id: string): NamedLease | null {
  const [, jobId, token, leaseMs] = ID.exec(id) ?? [];
  return jobId === undefined ? null : { jobId, token: Number(token), leaseMs: Number(leaseMs) };
}

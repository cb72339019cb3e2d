import type { JobView, WaitsFor } from '../../contracts/http/job-view.js';
import type { JobRow } from '../../db/repositories/job-row.js';
import type { ApiContext } from './api-context.js';
import { isOnline } from './device-view.js';

/** A job as callers see it. */
export function jobView(context: ApiContext, job: JobRow): JobView {
  return jobViews(context, [job])[0]!;
}

/** @param includeResult false in lists */
export function jobViews(context: ApiContext, jobs: readonly JobRow[], includeResult = true): JobView[] {
  const ahead = context.jobs.waitingAhead(jobs.filter(({ status }) => status === 'queued'));
  return jobs.map((job) => viewOf(context, job, ahead.get(job.id) ?? 0, includeResult));
}

function viewOf(context: ApiContext, job: JobRow, jobsAhead: number, includeResult: boolean): JobView {
  return {
    id: job.id,
    kind: job.kind,
    device: job.device,
    subject: subjectOf(job),
    status: job.status,
    outcome: job.outcome,
    message: job.message,
    waitsFor: job.status === 'queued' ? waitsFor(context, job, jobsAhead) : null,
    progress: job.progress,
    result: includeResult ? job.result : null,
    priority: job.priority,
    attempts: job.attempts,
    worker: job.worker,
    submittedBy: job.submittedBy,
    adaptationId: job.adaptationId,
    createdAtMs: job.createdAtMs,
    startedAtMs: job.startedAtMs,
    finishedAtMs: job.finishedAtMs,
  };
}

function subjectOf({ payload }: JobRow): string {
  if (payload.kind === 'train') return nameOf(payload.network);
  if (payload.aim === 'noise-check') return 'noise check';
  const names = payload.networks.map(nameOf);
  if (payload.aim === 'comparison') return names.join(' against ');
  const ops =
    payload.ops.length === 0 ? [] : [`${payload.ops.length} op${payload.ops.length === 1 ? '' : 's'}`];
  return [...counted(names), ...ops].join(', ');
}

/** `mobilenet-v2, 4 × mobilenet-v3-tiny`: many networks are often variants of one. */
function counted(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
}

function nameOf(network: unknown): string {
  const name = (network as { readonly name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : 'network';
}

function waitsFor(context: ApiContext, job: JobRow, jobsAhead: number): WaitsFor {
  const device = job.device === null ? undefined : context.devices.find(job.device);
  if (device !== undefined && device.quarantine !== null) {
    const detail = `device '${device.name}' is in quarantine (${device.quarantine}); resume it`;
    return { reason: 'device-quarantined', jobsAhead, detail };
  }
  if (device?.state === 'draining') {
    return { reason: 'device-drained', jobsAhead, detail: `device '${device.name}' is drained; resume it` };
  }
  if (device !== undefined && !isOnline(device)) {
    const detail = `no worker of device '${device.name}' was heard of lately; start one`;
    return { reason: 'no-worker-seen', jobsAhead, detail };
  }
  if (jobsAhead > 0) {
    return {
      reason: 'jobs-ahead',
      jobsAhead,
      detail: `${jobsAhead} waiting job${jobsAhead === 1 ? '' : 's'} first`,
    };
  }
  return { reason: 'worker', jobsAhead, detail: 'the next free worker' };
}

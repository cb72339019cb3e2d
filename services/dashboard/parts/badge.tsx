import type { AdaptationStatus } from '../../../contracts/adaptation.js';
import type { JobView } from '../../../contracts/http/job-view.js';
import type { Verdict } from '../../../contracts/measurement.js';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** A state in one word; colour only repeats what the word says. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = { trusted: 'good', usable: 'plain', rejected: 'bad' };

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  return <Badge tone={VERDICT_TONES[verdict]}>{verdict}</Badge>;
}

/** Where a job is while it runs, how it ended once it has. */
export function JobBadge({ job }: { readonly job: Pick<JobView, 'status' | 'outcome'> }) {
  if (job.outcome === null)
    return <Badge tone={job.status === 'queued' ? 'plain' : 'good'}>{job.status}</Badge>;
  if (job.outcome === 'ok') return <Badge tone="good">ok</Badge>;
  return <Badge tone={job.outcome === 'cancelled' ? 'plain' : 'bad'}>{job.outcome}</Badge>;
}

const ADAPTATION_TONES: Readonly<Record<AdaptationStatus, Tone>> = {
  queued: 'plain',
  running: 'good',
  finished: 'good',
  failed: 'bad',
  cancelled: 'plain',
};

export function AdaptationBadge({ status }: { readonly status: AdaptationStatus }) {
  return <Badge tone={ADAPTATION_TONES[status]}>{status}</Badge>;
}

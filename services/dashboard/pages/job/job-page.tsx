import { duration } from '../../../../charts/text/figures.js';
import type { JobView } from '../../../../contracts/http/job-view.js';
import { sendJson } from '../../api/client.js';
import { nowMs } from '../../api/clock.js';
import { useResource } from '../../api/resource.js';
import { ActionButton } from '../../parts/action-button.js';
import { JobBadge, VerdictBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Failure } from '../../parts/failure.js';
import { Latency } from '../../parts/latency.js';
import { PageHead } from '../../parts/page-head.js';
import { Progress } from '../../parts/progress.js';
import { href } from '../../router.js';
import { jobCurl, retry } from './job-request.js';
import { OpsCard } from './ops-card.js';
import { SessionCards } from './session-cards.js';
import { TimelineCard } from './timeline-card.js';
import { TrainingCard } from './training-card.js';

/** One job: where it is, how it ended, and everything that was measured. */
export function JobPage({ id }: { readonly id: string }) {
  const { data: job, error } = useResource<JobView>(
    `/jobs/${encodeURIComponent(id)}`,
    ({ kind, ref }) => kind === 'job' && ref === id,
  ).value;
  if (job === null) return error === null ? null : <Failure error={error} />;
  const finished = job.status === 'finished';
  const { result } = job;
  return (
    <>
      <PageHead
        crumb={<a href={href(['jobs'])}>Jobs</a>}
        title={job.subject}
        beside={
          <>
            <JobBadge job={job} /> {job.kind === 'measure' ? `measured on ${job.device}` : 'training'}, job{' '}
            <code>{job.id}</code>
          </>
        }
        actions={
          <>
            <CopyButton text={jobCurl(job, location.origin)}>Copy as curl</CopyButton>
            {finished && <ActionButton act={() => retry(job)}>Retry</ActionButton>}
            {!finished && (
              <ActionButton act={() => sendJson('DELETE', `/jobs/${job.id}`)}>Cancel</ActionButton>
            )}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      {job.message !== null && job.outcome !== 'ok' && (
        <p class="notice bad" role="status">
          {job.message}
        </p>
      )}
      <div class="stack">
        <Card title={finished ? 'Result' : 'Progress'}>
          <div class="card-body">
            <Facts job={job} />
            {job.progress !== null && !finished && (
              <>
                <Progress done={job.progress.done} total={job.progress.total} label="Progress of the job" />
                <p class="row-note">{job.progress.note}</p>
              </>
            )}
          </div>
        </Card>
        {result?.kind === 'train' && <TrainingCard result={result} />}
        <div class="columns">
          {result?.kind === 'measure' ? <OpsCard result={result} /> : <div />}
          <TimelineCard job={job} />
        </div>
        {result?.kind === 'measure' && result.sessionId !== null && (
          <SessionCards sessionId={result.sessionId} />
        )}
      </div>
    </>
  );
}

function Facts({ job }: { readonly job: JobView }) {
  const { result } = job;
  const endMs = job.finishedAtMs ?? nowMs.value;
  return (
    <dl class="facts">
      {result?.kind === 'measure' && result.latencyMs !== null && (
        <div>
          <dt>Latency, 95 % interval</dt>
          <dd>
            <Latency latencyMs={result.latencyMs} />
            <small>{result.interval === null ? '' : intervalWords(result.latencyMs, result.interval)}</small>
          </dd>
        </div>
      )}
      {result?.kind === 'measure' && result.verdict !== null && (
        <div>
          <dt>Verdict</dt>
          <dd>
            <VerdictBadge verdict={result.verdict} />
          </dd>
        </div>
      )}
      {job.waitsFor !== null && (
        <div>
          <dt>Waits for</dt>
          <dd>
            <small>{job.waitsFor.detail}</small>
          </dd>
        </div>
      )}
      <div>
        <dt>Waited</dt>
        <dd>{duration((job.startedAtMs ?? endMs) - job.createdAtMs)}</dd>
      </div>
      {job.startedAtMs !== null && (
        <div>
          <dt>{job.finishedAtMs === null ? 'Running for' : 'Took'}</dt>
          <dd>{duration(endMs - job.startedAtMs)}</dd>
        </div>
      )}
      <div>
        <dt>Attempts</dt>
        <dd>
          {job.attempts}
          {job.worker !== null && <small>by {job.worker}</small>}
        </dd>
      </div>
    </dl>
  );
}

function intervalWords(latencyMs: number, { lowMs, highMs }: { lowMs: number; highMs: number }): string {
  const scale = latencyMs < 1 ? 1000 : 1;
  const decimals = latencyMs * scale >= 100 ? 1 : 2;
  return `${(lowMs * scale).toFixed(decimals)} – ${(highMs * scale).toFixed(decimals)}`;
}

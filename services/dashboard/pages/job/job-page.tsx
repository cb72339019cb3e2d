import { duration } from '../../../../charts/text/figures.js';
import type { JobView } from '../../../../contracts/http/job-view.js';
import type { JobProgress, MeasureResult } from '../../../../contracts/job.js';
import { sendJson } from '../../api/client.js';
import { nowMs } from '../../api/clock.js';
import { useResource } from '../../api/resource.js';
import { ActionButton } from '../../parts/action-button.js';
import { JobBadge, VerdictBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Failure } from '../../parts/failure.js';
import { jobDevice } from '../../parts/job-place.js';
import { LackingPage } from '../../parts/lacking-page.js';
import { Latency } from '../../parts/latency.js';
import { PageHead } from '../../parts/page-head.js';
import { Progress } from '../../parts/progress.js';
import { href } from '../../router.js';
import { jobCurl, retry } from './job-request.js';
import { LifeFacts } from './life-facts.js';
import { OpsCard } from './ops-card.js';
import { ChecksCard, SamplesCard, useSession } from './session-cards.js';
import { TimelineCard } from './timeline-card.js';
import { TrainingCard } from './training-card.js';

/** One job: where it is, how it ended, and everything that was measured. */
export function JobPage({ id }: { readonly id: string }) {
  const { data: job, error } = useResource<JobView>(
    `/jobs/${encodeURIComponent(id)}`,
    ({ kind, ref }) => kind === 'job' && ref === id,
  ).value;
  if (job === null) return <LackingPage title={id} error={error} />;
  const finished = job.status === 'finished';
  const { result } = job;
  return (
    <>
      <PageHead
        crumb={<a href={href(['jobs'])}>Jobs</a>}
        title={job.subject}
        beside={
          <>
            <JobBadge job={job} />{' '}
            {job.kind === 'train' ? (
              'training'
            ) : (
              <>
                on{' '}
                {job.device === null ? (
                  jobDevice(job)
                ) : (
                  <a href={href(['devices', job.device])}>{job.device}</a>
                )}
              </>
            )}
            {job.adaptationId !== null && (
              <>
                {' '}
                for <a href={href(['adaptations', job.adaptationId])}>an adaptation</a>
              </>
            )}
            , job <code>{job.id}</code>
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
                <p class="row-note">
                  <span>{share(job.progress)}</span>
                  {job.progress.note !== undefined && <span>{job.progress.note}</span>}
                </p>
              </>
            )}
          </div>
        </Card>
        {result?.kind === 'measure' ? (
          <MeasuredCards job={job} result={result} />
        ) : (
          <div class={result === null ? 'stack' : 'columns'}>
            {result !== null && <TrainingCard result={result} />}
            <TimelineCard job={job} />
          </div>
        )}
      </div>
    </>
  );
}

function MeasuredCards({ job, result }: { readonly job: JobView; readonly result: MeasureResult }) {
  const session = useSession(result.sessionId);
  return (
    <div class="columns">
      <div class="stack">
        {session !== null && <SamplesCard session={session} />}
        <OpsCard result={result} />
      </div>
      <div class="stack">
        <TimelineCard job={job} />
        {session !== null && <ChecksCard session={session} />}
      </div>
    </div>
  );
}

/** Percent done, and with what total. */
function share({ done, total }: JobProgress): string {
  return total > 0 ? `${Math.floor((100 * done) / total)}\u00a0% done` : 'starting';
}

function Facts({ job }: { readonly job: JobView }) {
  const { result } = job;
  const endMs = job.finishedAtMs ?? nowMs.value;
  return (
    <dl class="facts">
      {result?.kind === 'measure' && result.latencyMs !== null && (
        <div>
          <dt>Latency ({result.target ?? 'steady'}), 95 % interval</dt>
          <dd>
            <Latency latencyMs={result.latencyMs} />
            <small>{result.interval === null ? '' : intervalWords(result.latencyMs, result.interval)}</small>
          </dd>
        </div>
      )}
      {job.status !== 'finished' && job.progress?.latencyMs !== undefined && (
        <div>
          <dt>So far, 95 % interval</dt>
          <dd>
            <Latency latencyMs={job.progress.latencyMs} />
            <small>
              {job.progress.interval === undefined
                ? ''
                : intervalWords(job.progress.latencyMs, job.progress.interval)}
            </small>
          </dd>
        </div>
      )}
      {result?.kind === 'measure' && <LifeFacts result={result} />}
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

import { percent } from '../../../../charts/text/figures.js';
import type { JobView } from '../../../../contracts/http/job-view.js';
import type { MeasureResult, TrainResult } from '../../../../contracts/job.js';
import { useResource } from '../../api/resource.js';
import { Badge, JobBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { jobPlace } from '../../parts/job-place.js';
import { Latency } from '../../parts/latency.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';

/** What was measured and trained lately, with what came out. */
export function RecentCard({ jobs }: { readonly jobs: readonly JobView[] | null }) {
  return (
    <Card title="Recent results" aside={<a href={href(['jobs'])}>All jobs</a>}>
      {jobs?.length === 0 && (
        <Empty title="No results yet">Finished jobs stand here with their latency and its interval.</Empty>
      )}
      <ul class="rows lined">
        {jobs?.map((job) => (
          <RecentRow key={job.id} job={job} />
        ))}
      </ul>
    </Card>
  );
}

function RecentRow({ job }: { readonly job: JobView }) {
  // Lists come without results.
  const { data } = useResource<JobView>(`/jobs/${job.id}`).value;
  return (
    <li>
      <div class="row-head">
        <a class="row-name" href={href(['jobs', job.id])}>
          {job.subject}
        </a>
        <span class="nowrap">
          {job.outcome === 'ok' ? <Outcome result={data?.result ?? null} /> : <JobBadge job={job} />}
        </span>
      </div>
      <div class="row-note">
        <span>{jobPlace(job, 'on', 'trained')}</span>
        {job.adaptationId !== null && <span>for an adaptation</span>}
        {job.finishedAtMs !== null && <Ago atMs={job.finishedAtMs} />}
        {job.message !== null && <span>{job.message}</span>}
      </div>
    </li>
  );
}

function Outcome({ result }: { readonly result: MeasureResult | TrainResult | null }) {
  if (result === null) return <span class="figure">&nbsp;</span>;
  if (result.kind === 'train') {
    const evaluation = result.test ?? result.holdout;
    return <span class="figure">{evaluation === null ? 'trained' : percent(evaluation.accuracy)}</span>;
  }
  if (result.latencyMs === null) return <Badge tone="good">ok</Badge>;
  return <Latency latencyMs={result.latencyMs} interval={result.interval} />;
}

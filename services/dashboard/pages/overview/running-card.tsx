import type { JobView } from '../../../../contracts/http/job-view.js';
import type { QueueView } from '../../../../contracts/http/queue-view.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { jobPlace } from '../../parts/job-place.js';
import { Latency } from '../../parts/latency.js';
import { Progress } from '../../parts/progress.js';
import { Since } from '../../parts/time.js';
import { href } from '../../router.js';

/** Work that a device or a trainer has in hand. */
export function RunningCard({ running }: { readonly running: QueueView['running'] | null }) {
  return (
    <Card title="Running" aside={running === null ? '' : count(running)}>
      {running?.total === 0 && (
        <Empty title="Nothing runs">
          Measure a network: <code class="command">lutra measure mobilenet-v3-small --resolution 96</code>
        </Empty>
      )}
      <ul class="rows">
        {running?.jobs.map((job) => (
          <RunningRow key={job.id} job={job} />
        ))}
      </ul>
    </Card>
  );
}

function RunningRow({ job }: { readonly job: JobView }) {
  const { done, total, note, latencyMs, interval } = job.progress ?? { done: 0, total: 0 };
  return (
    <li>
      <div class="row-head">
        <a class="row-name" href={href(['jobs', job.id])}>
          {job.subject}
        </a>
        <span class="figure">
          {total > 0 ? `${Math.floor((100 * done) / total)}\u00a0%` : <small>starting</small>}
        </span>
      </div>
      <Progress done={done} total={total} label={`Progress of ${job.subject}`} />
      <div class="row-note">
        <span>{jobPlace(job, 'measuring on')}</span>
        {job.startedAtMs !== null && <Since atMs={job.startedAtMs} />}
        {latencyMs !== undefined && (
          <span>
            so far <Latency latencyMs={latencyMs} {...(interval === undefined ? {} : { interval })} />
          </span>
        )}
        {note !== undefined && <span>{note}</span>}
        {job.attempts > 1 && <span>attempt {job.attempts}</span>}
      </div>
    </li>
  );
}

function count({ total, jobs }: QueueView['running']): string {
  if (total === 0) return '';
  return `${jobs.length < total ? `${jobs.length} of ` : ''}${total} job${total === 1 ? '' : 's'}`;
}

import type { JobList } from '../../../../contracts/http/job-view.js';
import { useResource } from '../../api/resource.js';
import { JobBadge } from '../../parts/badge.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { Failure } from '../../parts/failure.js';
import { jobPlace } from '../../parts/job-place.js';
import { PageHead } from '../../parts/page-head.js';
import { Ago } from '../../parts/time.js';
import { href, route, setQuery } from '../../router.js';

const FILTERS = { '': 'all', queued: 'waiting', running: 'running', finished: 'finished' } as const;

/** Every job, the latest first. */
export function JobsPage() {
  const status = route.value.query.get('status') ?? '';
  const before = route.value.query.get('before');
  const path = `/jobs?${new URLSearchParams({
    limit: '100',
    ...(status === '' ? {} : { status }),
    ...(before === null ? {} : { before }),
  })}`;
  const { data, error } = useResource<JobList>(path, ({ kind }) => kind === 'job').value;
  return (
    <>
      <PageHead
        title="Jobs"
        actions={
          <label class="inline">
            <span>Show</span>
            <select
              value={status}
              onChange={(event) => setQuery({ status: event.currentTarget.value, before: null })}
            >
              {Object.entries(FILTERS).map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        }
      />
      {error !== null && <Failure error={error} />}
      <Card
        title={data === null ? '\u00a0' : count(data.jobs.length)}
        aside={
          before === null ? '' : <a href={href(['jobs'], status === '' ? {} : { status })}>the latest</a>
        }
      >
        {data?.jobs.length === 0 && (
          <Empty title="No such job">
            Submit one: <code class="command">lutra measure mobilenet-v3-small --resolution 96</code>
          </Empty>
        )}
        <ul class="rows lined">
          {data?.jobs.map((job) => (
            <li key={job.id}>
              <div class="row-head">
                <a class="row-name" href={href(['jobs', job.id])}>
                  {job.subject}
                </a>
                <JobBadge job={job} />
              </div>
              <div class="row-note">
                <span>{jobPlace(job, 'on')}</span>
                <Ago atMs={job.createdAtMs} />
                {job.waitsFor !== null && <span>waits: {job.waitsFor.detail}</span>}
                {job.outcome !== 'ok' && job.message !== null && <span>{job.message}</span>}
              </div>
            </li>
          ))}
        </ul>
        {data?.next != null && (
          <p class="card-foot">
            <a href={href(['jobs'], { ...(status === '' ? {} : { status }), before: data.next })}>
              Older jobs
            </a>
          </p>
        )}
      </Card>
    </>
  );
}

function count(jobs: number): string {
  return `${jobs} job${jobs === 1 ? '' : 's'}`;
}

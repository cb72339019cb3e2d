import type { AdaptationList } from '../../../../contracts/http/adaptations.js';
import type { JobList } from '../../../../contracts/http/job-view.js';
import type { QueueView } from '../../../../contracts/http/queue-view.js';
import { useDevices } from '../../api/devices.js';
import { useResource } from '../../api/resource.js';
import { Failure } from '../../parts/failure.js';
import { AdaptationsCard } from './adaptations-card.js';
import { DevicesCard } from './devices-card.js';
import { QueueCard } from './queue-card.js';
import { RecentCard } from './recent-card.js';
import { RunningCard } from './running-card.js';

/** What goes on now: running, waiting, done, and on what. */
export function OverviewPage() {
  const queue = useResource<QueueView>('/queue?limit=100', ({ kind }) => kind === 'job').value;
  const finished = useResource<JobList>(
    '/jobs?status=finished&kind=measure&limit=12',
    ({ kind, type }) => kind === 'job' && type === 'finished',
  ).value;
  const devices = useDevices().value;
  const adaptations = useResource<AdaptationList>(
    '/adaptations?limit=6',
    ({ kind }) => kind === 'adaptation',
  ).value;
  const error = devices.error ?? queue.error ?? finished.error ?? adaptations.error;
  return (
    <>
      <h1 class="hidden-text">Overview</h1>
      {error !== null && <Failure error={error} />}
      <div class="columns">
        <div class="stack">
          <RunningCard running={queue.data?.running ?? null} />
          <QueueCard waiting={queue.data?.waiting ?? null} />
          <RecentCard jobs={finished.data?.jobs ?? null} />
        </div>
        <div class="stack">
          <DevicesCard devices={devices.data?.devices ?? null} />
          <AdaptationsCard adaptations={adaptations.data?.adaptations ?? null} />
        </div>
      </div>
    </>
  );
}

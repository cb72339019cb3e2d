import { useSignal } from '@preact/signals';
import type { QueueView } from '../../../../contracts/http/queue-view.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { jobPlace } from '../../parts/job-place.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';

/** More would push everything else off the screen. */
const SHOWN_AT_FIRST = 6;

/** Jobs that wait, the next one first, each with the reason why. */
export function QueueCard({ waiting }: { readonly waiting: QueueView['waiting'] | null }) {
  const showsAll = useSignal(false);
  const shown = showsAll.value ? waiting?.jobs : waiting?.jobs.slice(0, SHOWN_AT_FIRST);
  return (
    <Card
      title="Waiting"
      aside={waiting === null || waiting.total === 0 ? '' : `${waiting.total} in the queue`}
    >
      {waiting?.total === 0 && (
        <Empty title="The queue is empty">Whatever is submitted starts at once.</Empty>
      )}
      <ol class="rows">
        {shown?.map((job) => (
          <li key={job.id}>
            <div class="row-head">
              <a class="row-name" href={href(['jobs', job.id])}>
                {job.subject}
              </a>
              <span class="muted small nowrap">
                <Ago atMs={job.createdAtMs} />
              </span>
            </div>
            <div class="row-note">
              <span>{jobPlace(job, 'for')}</span>
              {job.waitsFor !== null && <span>waits: {job.waitsFor.detail}</span>}
              {job.priority !== 0 && <span>priority {job.priority}</span>}
            </div>
          </li>
        ))}
      </ol>
      {waiting !== null && waiting.jobs.length > SHOWN_AT_FIRST && (
        <div class="card-body">
          <button
            type="button"
            onClick={() => {
              showsAll.value = !showsAll.value;
            }}
          >
            {showsAll.value ? 'Show fewer' : allOf(waiting)}
          </button>
        </div>
      )}
    </Card>
  );
}

function allOf({ total, jobs }: QueueView['waiting']): string {
  return jobs.length < total ? `Show the next ${jobs.length} of ${total}` : `Show all ${total}`;
}

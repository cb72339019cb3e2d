import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { duration } from '../../../../charts/text/figures.js';
import type { JobView } from '../../../../contracts/http/job-view.js';
import { whileSeen } from '../../api/while-seen.js';
import { Card } from '../../parts/card.js';

interface JobEvent {
  readonly type: string;
  readonly atMs: number;
  readonly message?: string;
  readonly worker?: string;
  readonly reason?: string;
  readonly outcome?: string;
  /** What a worker sent when its lease had ended. */
  readonly what?: string;
}

const TYPES = ['queued', 'leased', 'requeued', 'refused', 'cancel-requested', 'finished'] as const;
const WORDS: Readonly<Record<(typeof TYPES)[number], string>> = {
  queued: 'Submitted',
  leased: 'Taken',
  requeued: 'Back in the queue',
  refused: 'Refused: the lease had ended',
  'cancel-requested': 'Cancel asked for',
  finished: 'Ended',
};

/** What happened to the job and when, every attempt. */
export function TimelineCard({ job }: { readonly job: JobView }) {
  const events = useSignal<readonly JobEvent[]>([]);
  useEffect(() => {
    events.value = [];
    return whileSeen(() => followJob(job.id, events));
  }, [job.id, events]);
  const first = events.value[0];
  return (
    <Card title="Timeline">
      <ol class="rows">
        {events.value.map((event, index) => (
          <li key={`${event.type}${event.atMs}${index}`}>
            <div class="row-head">
              <span>{WORDS[event.type as (typeof TYPES)[number]]}</span>
              <span class="muted small nowrap">
                {index === 0 || first === undefined
                  ? new Date(event.atMs).toLocaleTimeString()
                  : `+ ${elapsed(event.atMs - first.atMs)}`}
              </span>
            </div>
            <div class="row-note">
              {[event.worker, event.reason, event.what, event.outcome, event.message]
                .filter((part) => part !== undefined && part !== null)
                .join(', ')}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Fills in all events of a job, then each one that comes. */
function followJob(id: string, events: Signal<readonly JobEvent[]>): () => void {
  // All of them are known already.
  if (events.value.some(({ type }) => type === 'finished')) return () => undefined;
  const stream = new EventSource(`/jobs/${encodeURIComponent(id)}/events`);
  // A new stream tells everything from the beginning. What is shown stays until then.
  let told: readonly JobEvent[] = [];
  for (const type of TYPES) {
    stream.addEventListener(type, (event) => {
      const data = JSON.parse((event as MessageEvent<string>).data) as Omit<JobEvent, 'type'>;
      told = [...told, { ...data, type }];
      events.value = told;
      if (type === 'finished') stream.close();
    });
  }
  return () => stream.close();
}

function elapsed(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(2)}\u00a0s` : duration(ms);
}

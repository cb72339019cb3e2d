import type { Database } from '../../db/open-database.js';

interface Entry {
  readonly jobId: string;
  readonly atMs: number;
  readonly type: string;
  readonly attempt: number | null;
  readonly worker: string | null;
  readonly device: string | null;
}

/** A time in which one worker held a job, as the event log tells it. */
interface Hold {
  readonly jobId: string;
  readonly device: string | null;
  readonly worker: string | null;
  readonly fromMs: number;
  /** Its end, or the last moment at which the log shows it alive when its worker vanished. */
  readonly untilMs: number;
  readonly vanished: boolean;
}

/**
 * What must be true of every history, however badly it went. Reads nothing but the event log, the jobs and sessions.
 * @returns what is wrong, in words; nothing for a sound history
 */
export function violations(db: Database, leaseMs: number): readonly string[] {
  const entries = db
    .prepare<[], Entry>(
      `SELECT job_id AS jobId, at_ms AS atMs, type, json_extract(data, '$.attempt') AS attempt,
         json_extract(data, '$.worker') AS worker, json_extract(data, '$.device') AS device
       FROM job_event ORDER BY id`,
    )
    .all();
  const holds = holdsOf(entries);
  return [
    ...jobsWithoutOneEnd(db),
    ...jobsWithSurplusSessions(db),
    ...tooEarly(holds, leaseMs),
    ...devicesHeldTwice(holds, leaseMs),
  ];
}

function holdsOf(entries: readonly Entry[]): readonly Hold[] {
  const open = new Map<string, Entry & { lastMs: number }>();
  const holds: Hold[] = [];
  const close = (jobId: string, untilMs: number, vanished: boolean): void => {
    const hold = open.get(jobId);
    if (hold === undefined) return;
    open.delete(jobId);
    const { device, worker, atMs } = hold;
    holds.push({ jobId, device, worker, fromMs: atMs, untilMs, vanished });
  };
  for (const entry of entries) {
    const hold = open.get(entry.jobId);
    if (entry.type === 'leased') {
      if (hold !== undefined) close(entry.jobId, hold.lastMs, true);
      open.set(entry.jobId, { ...entry, lastMs: entry.atMs });
    } else if (entry.type === 'finished' || entry.type === 'requeued') close(entry.jobId, entry.atMs, false);
    else if (hold !== undefined && entry.type === 'progress') hold.lastMs = entry.atMs;
  }
  return holds.sort((a, b) => a.fromMs - b.fromMs);
}

function jobsWithoutOneEnd(db: Database): readonly string[] {
  return db
    .prepare<[], string>(
      `SELECT job.id || ' has the events ' || coalesce(group_concat(type), 'none')
       FROM job LEFT JOIN job_event ON job_event.job_id = job.id
       WHERE status = 'finished' GROUP BY job.id
       HAVING sum(type = 'finished') <> 1
         -- A result that comes too late is refused after the end, and said so.
         OR max(job_event.id) FILTER (WHERE type <> 'refused') <> max(job_event.id) FILTER (WHERE type = 'finished')`,
    )
    .pluck()
    .all();
}

function jobsWithSurplusSessions(db: Database): readonly string[] {
  return db
    .prepare<[], string>(
      // A disturbed session is kept, and its job put back for another attempt.
      `SELECT job_id || ' has ' || count(*) || ' sessions' FROM session GROUP BY job_id
       HAVING count(*) > 1 + (SELECT count(*) FROM job_event WHERE job_event.job_id = session.job_id AND type = 'requeued')`,
    )
    .pluck()
    .all();
}

/** Two live attempts of one job: the second began before the first one's lease can have run out. */
function tooEarly(holds: readonly Hold[], leaseMs: number): readonly string[] {
  return holds.flatMap((hold, i) => {
    const next = holds.slice(i + 1).find(({ jobId }) => jobId === hold.jobId);
    if (next === undefined) return [];
    const freeMs = hold.vanished ? hold.untilMs + leaseMs : hold.untilMs;
    return next.fromMs >= freeMs
      ? []
      : [
          `${hold.jobId}: ${next.worker} began ${freeMs - next.fromMs} ms before ${hold.worker}'s lease ended`,
        ];
  });
}

function devicesHeldTwice(holds: readonly Hold[], leaseMs: number): readonly string[] {
  const busyUntil = new Map<string, Hold>();
  return holds.flatMap((hold) => {
    const { device } = hold;
    if (device === null) return [];
    const before = busyUntil.get(device);
    busyUntil.set(device, hold);
    if (before === undefined) return [];
    const freeMs = before.vanished ? before.untilMs + leaseMs : before.untilMs;
    return hold.fromMs >= freeMs
      ? []
      : [`${device}: ${hold.jobId} began ${freeMs - hold.fromMs} ms before ${before.jobId} gave it up`];
  });
}

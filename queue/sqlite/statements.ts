/**
 * SQL of the embedded queue over `queue_entry` (db/migrations/0006_queue.sql). An entry waits while `token` is NULL, is
 * held while `lease_until_ms` lies ahead, and is up for another claim once that has passed. Whatever a holder does is
 * conditional on its token *and* on the lease still running.
 */

const HELD = 'job_id = :jobId AND token = :token AND lease_until_ms > :now';

const UP_FOR_CLAIM = `not_before_ms <= :now AND (token IS NULL OR lease_until_ms <= :now)`;

/** Gives the next number of the one sequence that arrivals and tokens share. */
export const NEXT_NUMBER = 'UPDATE queue_counter SET value = value + 1 WHERE id = 1 RETURNING value';

export const ENQUEUE = `
  INSERT INTO queue_entry (job_id, queue, priority, seq) VALUES (:jobId, :queue, :priority, :seq)
  ON CONFLICT (job_id) DO NOTHING`;

export const IS_QUEUED = 'SELECT 1 FROM queue_entry WHERE job_id = ?';

/** First of one queue; workers ask few queues, so the best of the firsts is chosen in JavaScript. */
export const FIRST_OF_QUEUE = `
  SELECT job_id AS jobId, priority, seq FROM queue_entry
  WHERE queue = :queue AND ${UP_FOR_CLAIM}
  ORDER BY priority DESC, seq LIMIT 1`;

export const TAKE = `
  UPDATE queue_entry SET token = :token, worker = :worker, lease_until_ms = :until, attempt = attempt + 1
  WHERE job_id = :jobId AND ${UP_FOR_CLAIM}
  RETURNING queue, attempt`;

export const RENEW = `
  UPDATE queue_entry SET lease_until_ms = :until WHERE ${HELD}
  RETURNING cancel_requested AS cancelRequested`;

export const COMPLETE = `DELETE FROM queue_entry WHERE ${HELD}`;

export const RETRY = `
  UPDATE queue_entry SET token = NULL, worker = NULL, lease_until_ms = NULL, not_before_ms = :notBefore WHERE ${HELD}`;

export const RELEASE = `
  UPDATE queue_entry SET token = NULL, worker = NULL, lease_until_ms = NULL, attempt = attempt - 1 WHERE ${HELD}`;

export const SIGNAL_CANCEL = `
  UPDATE queue_entry SET cancel_requested = 1 WHERE job_id = :jobId AND lease_until_ms > :now`;

export const REMOVE_WAITING = `
  DELETE FROM queue_entry WHERE job_id = :jobId AND (token IS NULL OR lease_until_ms <= :now)`;

export const DEPTH = `
  SELECT queue, count(*) FILTER (WHERE token IS NULL OR lease_until_ms <= :now) AS waiting,
    count(*) FILTER (WHERE lease_until_ms > :now) AS leased
  FROM queue_entry GROUP BY queue`;

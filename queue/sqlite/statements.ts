import { MAX_LEASE_MS } from '../../contracts/job.js';

/**
 * SQL of the embedded queue over `queue_entry` (db/migrations/0006_queue.sql, 0010_leases.sql). An entry waits while `token` is NULL, is
 * held while `lease_until_ms` lies ahead, and is up for another claim once that has passed. Whatever a holder does is
 * conditional on its token *and* on the lease still running.
 */

const HELD = 'job_id = :jobId AND token = :token AND lease_until_ms > :now';

/** Past, or further ahead than anything may lie: the clock was set back since. */
const IS_OVER = (column: string) => `(${column} <= :now OR ${column} > :now + ${MAX_LEASE_MS})`;

const UP_FOR_CLAIM = `${IS_OVER('not_before_ms')} AND (token IS NULL OR ${IS_OVER('lease_until_ms')})`;

/**
 * Gives the next number of the one sequence that arrivals and tokens share. It keeps up with the clock (µs), as tokens
 * from Redis do: whichever queue a database had before, its tokens are behind.
 */
export const NEXT_NUMBER =
  'UPDATE queue_counter SET value = max(value + 1, :now * 1000) WHERE id = 1 RETURNING value';

export const ENQUEUE = `
  INSERT INTO queue_entry (job_id, queue, priority, turn, seq, attempt)
  VALUES (:jobId, :queue, :priority, :turn, :seq, :attempts)
  ON CONFLICT (job_id) DO NOTHING`;

/**
 * A submitter's next turn among jobs of one queue and priority: one after its last, but no earlier than the turn that
 * is being served, or it could save turns up.
 */
export const NEXT_TURN = `
  INSERT INTO submitter_turn (queue, priority, submitter, turn)
  VALUES (:queue, :priority, :submitter,
    coalesce((SELECT turn FROM served_turn WHERE queue = :queue AND priority = :priority), 0))
  ON CONFLICT (queue, priority, submitter) DO UPDATE SET turn = max(excluded.turn, turn + 1)
  RETURNING turn`;

export const SERVE_TURN = `
  INSERT INTO served_turn (queue, priority, turn) VALUES (:queue, :priority, :turn)
  ON CONFLICT (queue, priority) DO UPDATE SET turn = max(turn, excluded.turn)`;

/** Who is behind starts where everyone is: its row says nothing any more. */
export const FORGET_TURNS = `
  DELETE FROM submitter_turn WHERE queue = :queue AND priority = :priority AND turn < :turn`;

/** Of a list of job ids in JSON, those without an entry. */
export const UNKNOWN = `
  SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM queue_entry WHERE job_id = value) ORDER BY key`;

export const IS_QUEUED = 'SELECT 1 FROM queue_entry WHERE job_id = ?';

/** First of one queue; workers ask few queues, so the best of the firsts is chosen in JavaScript. */
export const FIRST_OF_QUEUE = `
  SELECT job_id AS jobId, priority, turn, seq FROM queue_entry
  WHERE queue = :queue AND ${UP_FOR_CLAIM}
  ORDER BY priority DESC, turn, seq LIMIT 1`;

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

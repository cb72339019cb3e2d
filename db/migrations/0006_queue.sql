-- The embedded queue (queue/sqlite): ids of jobs that wait for a worker or are held by one. Rows leave when the job is
-- done. No foreign key to job: a queue holds no truth, and could as well be another file.

CREATE TABLE queue_entry (
  job_id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  -- Order of arrival; kept over retries, so that a job handed back is the next again.
  seq INTEGER NOT NULL,
  -- Claims that were not released.
  attempt INTEGER NOT NULL DEFAULT 0,
  -- The holder's fencing token; NULL while the job waits.
  token INTEGER,
  worker TEXT,
  lease_until_ms INTEGER,
  not_before_ms INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  CHECK ((token IS NULL) = (lease_until_ms IS NULL)),
  CHECK ((token IS NULL) = (worker IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_entry_in_order ON queue_entry (queue, priority DESC, seq);

-- Source of arrival numbers and fencing tokens: one counter, so that a token never comes twice, even when a job id
-- leaves the queue and is put in again.
CREATE TABLE queue_counter (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  value INTEGER NOT NULL
) STRICT;
INSERT INTO queue_counter (id, value) VALUES (1, 0);

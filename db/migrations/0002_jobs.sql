-- The system of record for work. A queue only carries job ids and may forget them all.

CREATE TABLE job (
  -- Order of arrival; the cursor of lists.
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('measure', 'train')),
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'leased', 'running', 'finished')),
  outcome TEXT,
  message TEXT,
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  progress TEXT CHECK (json_valid(progress)),
  result TEXT CHECK (json_valid(result)),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- The fence: a result is stored only under the token that stands here, and tokens only grow.
  lease_token INTEGER,
  worker TEXT,
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  submitted_by TEXT,
  -- No foreign key: an adaptation may be deleted while its measurements, and so its jobs, stay.
  adaptation_id TEXT,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  -- How it ended is known exactly when it ended.
  CHECK ((status = 'finished') = (outcome IS NOT NULL)),
  CHECK ((status = 'finished') = (finished_at_ms IS NOT NULL))
) STRICT;

CREATE INDEX job_unfinished ON job (queue, priority DESC, seq) WHERE status <> 'finished';
CREATE INDEX job_by_adaptation ON job (adaptation_id, seq) WHERE adaptation_id IS NOT NULL;

-- What happened to a job, in order; ids are what a live stream resumes from.
CREATE TABLE job_event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT;

CREATE INDEX job_event_by_job ON job_event (job_id, id);

-- Answers to requests that carried an Idempotency-Key, so that a repeat creates nothing.
CREATE TABLE idempotency (
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  response TEXT NOT NULL CHECK (json_valid(response)),
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (route, key)
) STRICT, WITHOUT ROWID;

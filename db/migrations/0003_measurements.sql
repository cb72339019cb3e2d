-- What was measured, raw and append-only. Summaries stand beside the samples they came from and can be recomputed.

-- One uninterrupted stretch of measuring on a device.
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id INTEGER NOT NULL REFERENCES device (id),
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  job_id TEXT REFERENCES job (id),
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER NOT NULL,
  -- { seed, protocol }
  plan TEXT NOT NULL CHECK (json_valid(plan)),
  -- Load, affinity, switches, … before and after.
  observations TEXT NOT NULL CHECK (json_valid(observations)),
  verdict TEXT NOT NULL CHECK (verdict IN ('trusted', 'usable', 'rejected')),
  -- The checks that led to the verdict, each with its state and detail.
  checks TEXT NOT NULL CHECK (json_valid(checks)),
  -- Its anchor's latency ÷ the environment's baseline. Latencies of this session are divided by it to compare them
  -- with those of other sessions.
  anchor_factor REAL NOT NULL CHECK (anchor_factor > 0)
) STRICT;

CREATE INDEX session_by_device ON session (device_id, id);
CREATE INDEX session_by_environment ON session (environment_id);

-- Raw samples of one executed graph.
CREATE TABLE probe (
  session_id INTEGER NOT NULL REFERENCES session (id),
  graph_id TEXT NOT NULL,
  -- Building and loading the graph, and its first run; NULL where the child reported no number.
  open_ns INTEGER,
  first_ns INTEGER,
  -- Steady state, visit by visit: db/visits-codec.ts.
  visits BLOB NOT NULL,
  -- By visit: share of wall time spent waiting for a core, or null.
  wait_share TEXT NOT NULL CHECK (json_valid(wait_share)),
  PRIMARY KEY (session_id, graph_id)
) STRICT, WITHOUT ROWID;

-- Summary of one op, network or anchor in one session, or why there is none.
CREATE TABLE measurement (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES session (id),
  -- Copied from the session, for the indexes below.
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  subject_kind TEXT NOT NULL CHECK (subject_kind IN ('op', 'network', 'anchor')),
  op_id INTEGER REFERENCES op (id),
  network_hash TEXT REFERENCES network (hash),
  -- As measured: the session's anchor factor is not applied.
  latency_ns INTEGER CHECK (latency_ns > 0),
  low_ns INTEGER,
  high_ns INTEGER,
  sample_count INTEGER NOT NULL CHECK (sample_count >= 0),
  visits INTEGER NOT NULL CHECK (visits >= 0),
  verdict TEXT NOT NULL CHECK (verdict IN ('trusted', 'usable', 'rejected')),
  -- Why the verdict is not `trusted`.
  reasons TEXT NOT NULL CHECK (json_valid(reasons)),
  failure_kind TEXT,
  failure_message TEXT,
  CHECK ((subject_kind = 'op') = (op_id IS NOT NULL)),
  CHECK ((subject_kind <> 'op') = (network_hash IS NOT NULL)),
  CHECK ((latency_ns IS NULL) <> (failure_kind IS NULL)),
  CHECK (failure_kind IS NULL OR failure_message IS NOT NULL),
  CHECK (latency_ns IS NULL OR (low_ns <= latency_ns AND latency_ns <= high_ns))
) STRICT;

CREATE INDEX measurement_by_session ON measurement (session_id);
CREATE INDEX measurement_by_op ON measurement (op_id, environment_id) WHERE op_id IS NOT NULL;
CREATE INDEX measurement_by_kind ON measurement (environment_id, subject_kind);
-- The latest measurement of an environment, which dates its table, is the last entry here.
CREATE INDEX measurement_by_environment ON measurement (environment_id);

-- How the latency follows from graphs: Σ coefficient × statistic of the graph's samples.
CREATE TABLE measurement_term (
  measurement_id INTEGER NOT NULL REFERENCES measurement (id),
  graph_id TEXT NOT NULL,
  coefficient REAL NOT NULL,
  PRIMARY KEY (measurement_id, graph_id)
) STRICT, WITHOUT ROWID;

-- Append-only: later knowledge is a later row.
CREATE TRIGGER session_is_append_only_u BEFORE UPDATE ON session
BEGIN SELECT raise(ABORT, 'session is append-only'); END;
CREATE TRIGGER session_is_append_only_d BEFORE DELETE ON session
BEGIN SELECT raise(ABORT, 'session is append-only'); END;
CREATE TRIGGER probe_is_append_only_u BEFORE UPDATE ON probe
BEGIN SELECT raise(ABORT, 'probe is append-only'); END;
CREATE TRIGGER probe_is_append_only_d BEFORE DELETE ON probe
BEGIN SELECT raise(ABORT, 'probe is append-only'); END;
CREATE TRIGGER measurement_is_append_only_u BEFORE UPDATE ON measurement
BEGIN SELECT raise(ABORT, 'measurement is append-only'); END;
CREATE TRIGGER measurement_is_append_only_d BEFORE DELETE ON measurement
BEGIN SELECT raise(ABORT, 'measurement is append-only'); END;
CREATE TRIGGER measurement_term_is_append_only_u BEFORE UPDATE ON measurement_term
BEGIN SELECT raise(ABORT, 'measurement_term is append-only'); END;
CREATE TRIGGER measurement_term_is_append_only_d BEFORE DELETE ON measurement_term
BEGIN SELECT raise(ABORT, 'measurement_term is append-only'); END;

-- The latency tables: derived from measurements, kept as rows because a table of a million ops must answer in
-- microseconds. The transaction that stores a session refreshes them; they can be rebuilt at any time.

-- Level of the anchor that other sessions of the environment are compared with: its first usable measurement.
CREATE TABLE anchor_baseline (
  environment_id INTEGER PRIMARY KEY REFERENCES environment (id),
  latency_ns INTEGER NOT NULL CHECK (latency_ns > 0),
  measurement_id INTEGER NOT NULL REFERENCES measurement (id)
) STRICT;

CREATE TABLE latency_entry (
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  op_id INTEGER NOT NULL REFERENCES op (id),
  -- At the level of the anchor baseline.
  latency_ns INTEGER NOT NULL CHECK (latency_ns > 0),
  low_ns INTEGER NOT NULL,
  high_ns INTEGER NOT NULL,
  sample_count INTEGER NOT NULL,
  measured_at_ms INTEGER NOT NULL,
  measurement_id INTEGER NOT NULL REFERENCES measurement (id),
  PRIMARY KEY (environment_id, op_id)
) STRICT, WITHOUT ROWID;

-- What a table is made from: every measurement that counts, at the level of the anchor baseline. `standing` orders the
-- measurements of one subject: a trusted one stands before a usable one, a later one before an earlier one.
CREATE VIEW counted_measurement AS
SELECT
  measurement.id AS measurement_id,
  measurement.environment_id,
  measurement.subject_kind,
  measurement.op_id,
  measurement.network_hash,
  max(1, CAST(round(measurement.latency_ns / session.anchor_factor) AS INTEGER)) AS latency_ns,
  CAST(round(measurement.low_ns / session.anchor_factor) AS INTEGER) AS low_ns,
  CAST(round(measurement.high_ns / session.anchor_factor) AS INTEGER) AS high_ns,
  measurement.sample_count,
  measurement.verdict,
  session.id AS session_id,
  session.anchor_factor,
  session.ended_at_ms AS measured_at_ms,
  row_number() OVER (
    PARTITION BY measurement.environment_id, measurement.subject_kind, measurement.op_id, measurement.network_hash
    ORDER BY measurement.verdict = 'trusted' DESC, measurement.id DESC
  ) AS standing
FROM measurement
JOIN session ON session.id = measurement.session_id
WHERE measurement.latency_ns IS NOT NULL AND measurement.verdict <> 'rejected';

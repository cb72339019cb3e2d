-- Latencies of two targets, measurements that judge instead of calibrating, what is known of hosts, and how estimates
-- met measurements.

-- `cold`: the caches were emptied before every timed run. Ops are always measured steady.
ALTER TABLE measurement ADD COLUMN target TEXT NOT NULL DEFAULT 'steady' CHECK (target IN ('steady', 'cold'));

-- What the measurement is for: `held-out` ones judge estimates and never calibrate a table.
ALTER TABLE measurement ADD COLUMN purpose TEXT NOT NULL DEFAULT 'calibration'
  CHECK (purpose IN ('calibration', 'held-out'));

-- Facts about a host, measured inside a measuring child, e.g. what a byte of memory costs by footprint.
CREATE TABLE host_probe (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES session (id),
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  kind TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT;

CREATE INDEX host_probe_by_environment ON host_probe (environment_id, kind, id);

-- How estimates met held-out measurements of one family of networks, as it was known then.
CREATE TABLE fidelity_report (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id INTEGER NOT NULL REFERENCES device (id),
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  target TEXT NOT NULL CHECK (target IN ('steady', 'cold')),
  reported_at_ms INTEGER NOT NULL,
  report TEXT NOT NULL CHECK (json_valid(report))
) STRICT;

CREATE INDEX fidelity_report_by_environment ON fidelity_report (environment_id, target, id);

CREATE TRIGGER host_probe_is_append_only_u BEFORE UPDATE ON host_probe
BEGIN SELECT raise(ABORT, 'host_probe is append-only'); END;
CREATE TRIGGER host_probe_is_append_only_d BEFORE DELETE ON host_probe
BEGIN SELECT raise(ABORT, 'host_probe is append-only'); END;
CREATE TRIGGER fidelity_report_is_append_only_u BEFORE UPDATE ON fidelity_report
BEGIN SELECT raise(ABORT, 'fidelity_report is append-only'); END;
CREATE TRIGGER fidelity_report_is_append_only_d BEFORE DELETE ON fidelity_report
BEGIN SELECT raise(ABORT, 'fidelity_report is append-only'); END;

-- As before, with the two new columns. Ops of held-out jobs stand in the table like all others: it is networks that
-- calibrate.
DROP VIEW counted_measurement;
CREATE VIEW counted_measurement AS
SELECT
  measurement.id AS measurement_id,
  measurement.environment_id,
  measurement.subject_kind,
  measurement.target,
  measurement.purpose,
  measurement.op_id,
  measurement.network_hash,
  max(1, CAST(round(measurement.latency_ns / session.anchor_factor) AS INTEGER)) AS latency_ns,
  CAST(round(measurement.low_ns / session.anchor_factor) AS INTEGER) AS low_ns,
  CAST(round(measurement.high_ns / session.anchor_factor) AS INTEGER) AS high_ns,
  measurement.sample_count,
  measurement.verdict,
  session.id AS session_id,
  session.job_id,
  session.anchor_factor,
  session.ended_at_ms AS measured_at_ms,
  row_number() OVER (
    PARTITION BY measurement.environment_id, measurement.subject_kind, measurement.target, measurement.op_id,
      measurement.network_hash
    ORDER BY measurement.verdict = 'trusted' DESC, measurement.id DESC
  ) AS standing
FROM measurement
JOIN session ON session.id = measurement.session_id
WHERE measurement.latency_ns IS NOT NULL AND measurement.verdict <> 'rejected';

-- Ops move less from one session to the next than the anchor, a whole network, does.
-- Empty in sessions of earlier versions, whose ops were divided by the anchor's factor.
ALTER TABLE session ADD COLUMN op_factor REAL CHECK (op_factor > 0);

-- As before, with the level of ops.
DROP VIEW counted_measurement;
CREATE VIEW counted_measurement AS
WITH levelled AS (
  SELECT
    measurement.*,
    CASE subject_kind WHEN 'op' THEN coalesce(session.op_factor, session.anchor_factor) ELSE session.anchor_factor END
      AS level,
    session.job_id,
    session.anchor_factor,
    session.ended_at_ms
  FROM measurement
  JOIN session ON session.id = measurement.session_id
  WHERE measurement.latency_ns IS NOT NULL AND measurement.verdict <> 'rejected'
)
SELECT
  id AS measurement_id,
  environment_id,
  subject_kind,
  target,
  purpose,
  op_id,
  network_hash,
  max(1, CAST(round(latency_ns / level) AS INTEGER)) AS latency_ns,
  CAST(round(low_ns / level) AS INTEGER) AS low_ns,
  CAST(round(high_ns / level) AS INTEGER) AS high_ns,
  sample_count,
  verdict,
  session_id,
  job_id,
  anchor_factor,
  ended_at_ms AS measured_at_ms,
  row_number() OVER (
    PARTITION BY environment_id, subject_kind, target, op_id, network_hash
    ORDER BY verdict = 'trusted' DESC, id DESC
  ) AS standing
FROM levelled;

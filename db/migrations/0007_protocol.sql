-- What the measuring protocol adds. Sessions of earlier versions keep NULL in the new columns and stay readable.

-- The baseline that the session was judged against, so that its verdict can be computed again to the byte: JSON null
-- for the first session of an environment.
ALTER TABLE session ADD COLUMN judged_against TEXT CHECK (json_valid(judged_against));

-- By visit: when it began and what happened to the process. By process: visits, opening, first run, warm-up.
ALTER TABLE probe ADD COLUMN causes TEXT CHECK (json_valid(causes));
ALTER TABLE probe ADD COLUMN openings TEXT CHECK (json_valid(openings));

-- Of whole networks, median over processes: building and loading, and the first run. The steady state is latency_ns.
ALTER TABLE measurement ADD COLUMN open_ns INTEGER;
ALTER TABLE measurement ADD COLUMN first_ns INTEGER;
-- Width of the interval of the graph that is known worst, as a share of its median.
ALTER TABLE measurement ADD COLUMN precision REAL;

-- A/A: the same networks in two sessions of one environment, each in processes of its own.
CREATE TABLE noise_floor (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  first_session_id INTEGER NOT NULL REFERENCES session (id),
  second_session_id INTEGER NOT NULL UNIQUE REFERENCES session (id),
  measured_at_ms INTEGER NOT NULL,
  -- Two figures of this device that differ by less are indistinguishable at 95 %: a share.
  floor REAL NOT NULL CHECK (floor >= 0),
  -- By subject: { subject, firstNs, secondNs }, at the level of the anchor baseline.
  pairs TEXT NOT NULL CHECK (json_valid(pairs))
) STRICT;

CREATE INDEX noise_floor_by_environment ON noise_floor (environment_id, id);

CREATE TRIGGER noise_floor_is_append_only_u BEFORE UPDATE ON noise_floor
BEGIN SELECT raise(ABORT, 'noise_floor is append-only'); END;
CREATE TRIGGER noise_floor_is_append_only_d BEFORE DELETE ON noise_floor
BEGIN SELECT raise(ABORT, 'noise_floor is append-only'); END;

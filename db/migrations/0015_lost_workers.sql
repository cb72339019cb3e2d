-- Two things put a job up for another claim, and each has a limit of its own: a worker that vanished under it, and a
-- failure that may pass. `attempts` counts both, for people.

-- Workers lost one after the other: 0 again once one of them reported a failure or handed the job back.
ALTER TABLE job ADD COLUMN lost_in_a_row INTEGER NOT NULL DEFAULT 0;
-- Failures after which the job was put back for another attempt.
ALTER TABLE job ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;

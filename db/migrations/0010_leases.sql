-- Many devices, many machines: turns between submitters, device classes, quarantine, and who holds a device until when.

-- Names this database in a Redis that several may share; a Redis that does not know it has forgotten everything.
CREATE TABLE database_identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL
) STRICT;
INSERT INTO database_identity (id, name) VALUES (1, lower(hex(randomblob(8))));

-- Among jobs of one queue and priority, submitters take turns: a job runs at its submitter's turn.
ALTER TABLE queue_entry ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
DROP INDEX queue_entry_in_order;
CREATE INDEX queue_entry_in_order ON queue_entry (queue, priority DESC, turn, seq);

-- The last turn that a submitter was given. Rows that fell behind the turn being served are dropped.
CREATE TABLE submitter_turn (
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  submitter TEXT NOT NULL,
  turn INTEGER NOT NULL,
  PRIMARY KEY (queue, priority, submitter)
) STRICT, WITHOUT ROWID;

CREATE TABLE served_turn (
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  turn INTEGER NOT NULL,
  PRIMARY KEY (queue, priority)
) STRICT, WITHOUT ROWID;

-- Classes that a device belongs to, chosen by people: a JSON list of names.
ALTER TABLE device ADD COLUMN labels TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(labels));
-- Why the device gets no work until someone resumes it; NULL for a device in good standing.
ALTER TABLE device ADD COLUMN quarantine TEXT;
-- Sessions up to this one were looked at by whoever resumed the device; they do not quarantine it again.
ALTER TABLE device ADD COLUMN forgiven_session_id INTEGER NOT NULL DEFAULT 0;

-- Where a job is measured: known from the start, or from the claim on when it asked for any device of a class.
ALTER TABLE job ADD COLUMN device TEXT;
UPDATE job SET device = json_extract(payload, '$.device') WHERE kind = 'measure';
-- Until when its worker holds it. A device is held by one worker at a time.
ALTER TABLE job ADD COLUMN lease_until_ms INTEGER;
CREATE INDEX job_held ON job (device) WHERE status IN ('leased', 'running');

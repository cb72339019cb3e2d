-- One log of what changed, over jobs, devices and adaptations: what a page that shows everything resumes from. It names
-- the thing, and the page reads that thing anew, so old rows can go. Written by triggers: whoever changes a row, in
-- whatever process, the change is told in the same transaction.

CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('job', 'device', 'adaptation')),
  -- Job id, device name, adaptation id.
  ref TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT;

CREATE TRIGGER change_is_short AFTER INSERT ON change WHEN NEW.id % 512 = 0
BEGIN DELETE FROM change WHERE id <= NEW.id - 20000; END;

CREATE TRIGGER change_of_job AFTER INSERT ON job_event
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data) VALUES (NEW.at_ms, 'job', NEW.job_id, NEW.type, NEW.data);
END;

CREATE TRIGGER change_of_new_device AFTER INSERT ON device
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  VALUES (NEW.registered_at_ms, 'device', NEW.name, 'registered', '{}');
END;

CREATE TRIGGER change_of_device AFTER UPDATE OF state, quarantine, runtime, options, environment_id ON device
WHEN OLD.state IS NOT NEW.state OR OLD.quarantine IS NOT NEW.quarantine OR OLD.runtime IS NOT NEW.runtime OR OLD.options IS NOT NEW.options
  OR OLD.environment_id IS NOT NEW.environment_id
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  VALUES (CAST(unixepoch('subsec') * 1000 AS INTEGER), 'device', NEW.name, 'changed', '{}');
END;

-- A worker that was not heard of for a minute is there again. Every sign of life would be too much.
CREATE TRIGGER change_of_silent_device AFTER UPDATE OF last_seen_at_ms ON device
WHEN NEW.last_seen_at_ms - coalesce(OLD.last_seen_at_ms, 0) > 60000
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data) VALUES (NEW.last_seen_at_ms, 'device', NEW.name, 'seen', '{}');
END;

-- Health and table of the device are others now.
CREATE TRIGGER change_of_session AFTER INSERT ON session
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  SELECT NEW.ended_at_ms, 'device', name, 'session', json_object('sessionId', NEW.id, 'verdict', NEW.verdict)
  FROM device WHERE id = NEW.device_id;
END;

CREATE TRIGGER change_of_new_adaptation AFTER INSERT ON adaptation
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  VALUES (NEW.created_at_ms, 'adaptation', NEW.id, 'queued', '{}');
END;

CREATE TRIGGER change_of_adaptation AFTER UPDATE OF status, cancel_requested ON adaptation
WHEN OLD.status IS NOT NEW.status OR OLD.cancel_requested IS NOT NEW.cancel_requested
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  VALUES (
    CAST(unixepoch('subsec') * 1000 AS INTEGER), 'adaptation', NEW.id,
    CASE WHEN OLD.status IS NOT NEW.status THEN NEW.status ELSE 'cancel-requested' END, '{}'
  );
END;

CREATE TRIGGER change_of_adaptation_event AFTER INSERT ON adaptation_event
BEGIN
  INSERT INTO change (at_ms, kind, ref, type, data)
  VALUES (NEW.at_ms, 'adaptation', NEW.adaptation_id, NEW.type, json_object('seq', NEW.seq));
END;

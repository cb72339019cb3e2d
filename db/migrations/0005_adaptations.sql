-- NetAdapt runs: a request and the events that core/netadapt folds into a state.

CREATE TABLE adaptation (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  -- Complete: defaults are filled in before it is stored, so that a later version decides the same.
  request TEXT NOT NULL CHECK (json_valid(request)),
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'finished', 'failed', 'cancelled')),
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  -- The orchestrator that drives it, until owner_until_ms; the token grows with every owner.
  owner TEXT,
  owner_token INTEGER NOT NULL DEFAULT 0,
  owner_until_ms INTEGER
) STRICT;

-- One row a sequence number: of two orchestrators that write the same one, the second finds that it lost.
CREATE TABLE adaptation_event (
  adaptation_id TEXT NOT NULL REFERENCES adaptation (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  at_ms INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  PRIMARY KEY (adaptation_id, seq)
) STRICT, WITHOUT ROWID;

-- What can be measured, and where. JSON columns hold documents that are read whole; whatever is filtered or joined on
-- has its own column. Times are milliseconds since the epoch, latencies whole nanoseconds.

-- Facts that a latency depends on (contracts/environment.ts). The hash of their canonical JSON separates tables.
CREATE TABLE environment (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  facts TEXT NOT NULL CHECK (json_valid(facts)),
  created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  runtime TEXT NOT NULL,
  -- { threads, runtimeOptions }
  options TEXT NOT NULL CHECK (json_valid(options)),
  -- A draining device finishes what it holds and claims nothing more.
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'draining')),
  -- The environment of its latest session or description; NULL until a worker has described the device.
  environment_id INTEGER REFERENCES environment (id),
  registered_at_ms INTEGER NOT NULL,
  last_seen_at_ms INTEGER
) STRICT;

-- Architectures by content hash (core/network/content-hash.ts): a measurement of a network can always be re-read.
CREATE TABLE network (
  hash TEXT PRIMARY KEY,
  document TEXT NOT NULL CHECK (json_valid(document)),
  created_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Op keys as small integers: a million table rows take 42 MB with them and 76 MB with the keys themselves.
CREATE TABLE op (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

-- Who may do what. Of a secret only its SHA-256 is kept: secrets are random and long, so that no salt or slow hash is
-- needed.

CREATE TABLE token (
  -- Stands in the token's text, and is no secret.
  id TEXT PRIMARY KEY,
  -- Who or what holds it, for people; jobs and runs say it as `submitted_by`.
  name TEXT NOT NULL,
  secret_sha256 BLOB NOT NULL CHECK (length(secret_sha256) = 32),
  scope TEXT NOT NULL CHECK (scope IN ('read', 'submit', 'device', 'admin')),
  -- The one device that it may act for; NULL: any.
  device TEXT,
  -- The token that a browser exchanged for this session; it ends with it.
  parent_id TEXT REFERENCES token (id) ON DELETE CASCADE,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  revoked_at_ms INTEGER,
  CHECK (device IS NULL OR scope = 'device')
) STRICT, WITHOUT ROWID;

-- Codes that a person types on another machine, once, within minutes, in exchange for a device token.
CREATE TABLE pairing (
  code_sha256 BLOB PRIMARY KEY CHECK (length(code_sha256) = 32),
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  claimed_at_ms INTEGER,
  token_id TEXT REFERENCES token (id) ON DELETE CASCADE,
  CHECK ((claimed_at_ms IS NULL) = (token_id IS NULL))
) STRICT, WITHOUT ROWID;

-- Name of the token that a run was submitted with, as `job.submitted_by`.
ALTER TABLE adaptation ADD COLUMN submitted_by TEXT;

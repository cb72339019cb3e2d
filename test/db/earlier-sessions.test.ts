import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate } from '../../db/migrate.js';
import { openDatabase } from '../../db/open-database.js';
import { SessionRepository } from '../../db/repositories/sessions.js';
import { replaySession } from '../../db/session/replay-session.js';
import { encodeVisits } from '../../db/visits-codec.js';

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));

it('a session from before 0007 can be read after it, and says that it cannot be replayed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lutra-earlier-'));
  const earlier = join(directory, 'migrations');
  mkdirSync(earlier);
  for (const file of readdirSync(MIGRATIONS).filter((name) => name < '0007'))
    copyFileSync(join(MIGRATIONS, file), join(earlier, file));
  const file = join(directory, 'lutra.db');
  const old = new Sqlite(file);
  migrate(old, earlier);
  old.exec(`
    INSERT INTO environment (id, hash, facts, created_at_ms) VALUES (1, '${'a'.repeat(64)}', '{}', 1);
    INSERT INTO device (id, name, runtime, options, registered_at_ms) VALUES (1, 'bench', 'fake', '{"threads":1}', 1);
    INSERT INTO session (id, device_id, environment_id, started_at_ms, ended_at_ms, plan, observations, verdict, checks,
      anchor_factor) VALUES (1, 1, 1, 1, 2, '{"seed":1,"protocol":{"maxVisits":20}}', '{"timedMs":5}', 'trusted', '[]', 1);
    INSERT INTO op (id, key) VALUES (1, 'dense:64>32:f32');
    INSERT INTO measurement (id, session_id, environment_id, subject_kind, op_id, latency_ns, low_ns, high_ns,
      sample_count, visits, verdict, reasons) VALUES (1, 1, 1, 'op', 1, 4000, 3900, 4100, 2, 1, 'trusted', '[]');`);
  old
    .prepare(
      'INSERT INTO probe (session_id, graph_id, open_ns, first_ns, visits, wait_share) VALUES (1, ?, 9, 8, ?, ?)',
    )
    .run('op:dense:64>32:f32', encodeVisits([[4_000, 4_100]]), '[0.1]');
  old.close();

  const db = openDatabase(file);
  const session = new SessionRepository(db).get(1);
  expect(session).toMatchObject({
    verdict: 'trusted',
    judgedAgainst: null,
    plan: { protocol: { maxVisits: 20 } },
  });
  expect(session.probes).toEqual([
    {
      graphId: 'op:dense:64>32:f32',
      openNs: 9,
      firstNs: 8,
      visitsNs: [[4_000, 4_100]],
      visitWaitShare: [0.1],
    },
  ]);
  expect(session.measurements).toMatchObject([{ latencyNs: 4_000, openNs: null, precision: null }]);
  expect(replaySession(db, 1)).toBeNull();
  db.close();
  rmSync(directory, { recursive: true, force: true });
});

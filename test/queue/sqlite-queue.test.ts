import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../db/open-database.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { FIRST_OF_QUEUE } from '../../queue/sqlite/statements.js';
import { describeQueueConformance } from './queue-conformance.js';

const CLAIMER = fileURLToPath(new URL('./children/sqlite-claimer.mjs', import.meta.url));

describeQueueConformance('SQLite queue', async (clock) => {
  const directory = mkdtempSync(join(tmpdir(), 'lutra-queue-'));
  const file = join(directory, 'lutra.db');
  const db = openDatabase(file);
  let nowMs = 1_750_000_000_000;
  return {
    queue: new SqliteJobQueue(db, clock === 'real' ? Date.now : () => nowMs),
    advance: async (ms) => {
      nowMs += ms;
    },
    claimer: [CLAIMER, file],
    close: async () => {
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
});

describe('SQLite queue: cost of a claim', () => {
  it('finds the first entry by its index, whatever the depth', () => {
    const db = openDatabase(':memory:');
    const plan = db
      .prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${FIRST_OF_QUEUE}`)
      .all({ queue: 'train', now: 0 })
      .map(({ detail }) => detail);
    expect(plan).toEqual(['SEARCH queue_entry USING INDEX queue_entry_in_order (queue=?)']);
    db.close();
  });

  it('does not take the write lock while there is nothing to claim', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lutra-queue-'));
    const reader = openDatabase(join(directory, 'lutra.db'));
    const writer = openDatabase(join(directory, 'lutra.db'));
    reader.pragma('busy_timeout = 0');
    writer.exec('BEGIN IMMEDIATE');
    const queue = new SqliteJobQueue(reader);
    expect(await queue.claim(['train'], 'w1', 1_000)).toBeNull();
    await expect(queue.enqueue({ jobId: 'job_1', queue: 'train' })).rejects.toThrow('database is locked');
    writer.exec('ROLLBACK');
    reader.close();
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

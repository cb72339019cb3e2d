import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase } from '../../db/open-database.js';
import { write } from '../../db/write.js';
import { temporaryDirectory } from './temporary-directory.js';

it('a lock held by another connection becomes a retryable database-busy', () => {
  const file = join(temporaryDirectory(), 'lutra.db');
  const holder = openDatabase(file);
  const other = openDatabase(file);
  other.pragma('busy_timeout = 0');
  holder.exec('BEGIN IMMEDIATE');
  const attempt = () => write(other, () => other.prepare(`INSERT INTO op (key) VALUES ('x')`).run());
  expect(attempt).toThrow(expect.objectContaining({ code: 'database-busy', retryable: true }));
  holder.exec('ROLLBACK');
  attempt();
  expect(holder.prepare('SELECT key FROM op').pluck().all()).toEqual(['x']);
  holder.close();
  other.close();
});

it('what throws leaves nothing, also inside another transaction', () => {
  const db = openDatabase(':memory:');
  const insert = db.prepare('INSERT INTO op (key) VALUES (?)');
  write(db, () => {
    insert.run('outer');
    expect(() =>
      write(db, () => {
        insert.run('inner');
        throw new Error('no');
      }),
    ).toThrow('no');
  });
  expect(db.prepare('SELECT key FROM op').pluck().all()).toEqual(['outer']);
  db.close();
});

import type { Database } from '../open-database.js';

/** 64 hexadecimal digits in quotes: a blob, or the hash of something else, which does no harm here. */
const HASH = /"([0-9a-f]{64})"/g;

/** Which blobs jobs and runs name. It errs on the side of keeping: any hash in their documents counts. */
export class BlobReferences {
  constructor(private readonly db: Database) {}

  /** Of jobs that belong to no run, and of all that are not finished. */
  ofJobsApart(): ReadonlySet<string> {
    return this.hashes(
      `SELECT payload || coalesce(result, '') FROM job
       WHERE kind = 'train' AND (adaptation_id IS NULL OR status <> 'finished')`,
    );
  }

  /** Of one run: its request, its events, its jobs. */
  ofRun(adaptationId: string): ReadonlySet<string> {
    return this.hashes(
      `SELECT request FROM adaptation WHERE id = :id
       UNION ALL SELECT data FROM adaptation_event WHERE adaptation_id = :id
       UNION ALL SELECT payload || coalesce(result, '') FROM job WHERE adaptation_id = :id AND kind = 'train'`,
      { id: adaptationId },
    );
  }

  /** All of them, by age. */
  runs(): readonly string[] {
    return this.db.prepare<[], string>('SELECT id FROM adaptation ORDER BY seq').pluck().all();
  }

  private hashes(sql: string, parameters: object = {}): ReadonlySet<string> {
    const found = new Set<string>();
    for (const text of this.db.prepare<[object], string>(sql).pluck().iterate(parameters)) {
      for (const [, hash] of text.matchAll(HASH)) found.add(hash!);
    }
    return found;
  }
}

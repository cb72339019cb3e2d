import type { Database } from '../open-database.js';

/** Some ten milliseconds of counting. */
const ROWS_A_TURN = 20_000;

/**
 * Counts rows of a table that only grows, by name: what was counted is not read again. SQLite has one writer at a time,
 * so ids are committed in their order and none comes up behind the last one counted.
 */
export class GrowingCount {
  private readonly counts = new Map<string, number>();
  private readonly last;
  private readonly count;
  private countedTo = 0;

  /**
   * @param table with an ascending `id`
   * @param sql gives `name` and `rows` for ids in (`:after`, `:upTo`]
   */
  constructor(db: Database, table: string, sql: string) {
    this.last = db.prepare<[], number | null>(`SELECT max(id) FROM ${table}`).pluck();
    this.count = db.prepare<[object], { name: string; rows: number }>(sql);
  }

  /** @param breathe gives other work a turn: the first time there may be millions */
  async read(breathe: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
    const last = this.last.get() ?? 0;
    while (this.countedTo < last) {
      this.countSome(Math.min(last, this.countedTo + ROWS_A_TURN));
      if (this.countedTo < last) await breathe();
    }
    return this.counts;
  }

  /** In one step, so that several readers may count at once. */
  private countSome(upTo: number): void {
    for (const { name, rows } of this.count.all({ after: this.countedTo, upTo })) {
      this.counts.set(name, (this.counts.get(name) ?? 0) + rows);
    }
    this.countedTo = upTo;
  }
}

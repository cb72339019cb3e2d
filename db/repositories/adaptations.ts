import type { AdaptationRequest, AdaptationStatus } from '../../contracts/adaptation.js';
import { LutraError } from '../../core/errors.js';
import { createdBefore, createOnce, type Idempotency } from '../idempotent.js';
import { newId } from '../new-id.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import {
  type AdaptationEventRow,
  type AdaptationRow,
  SELECT_ADAPTATION,
  type StoredAdaptation,
  toAdaptationRow,
} from './adaptation-row.js';

/**
 * NetAdapt runs and their events. The orchestrator that drives a run owns it for a time that has to be renewed,
 * so that a run whose orchestrator was killed goes on in another one.
 */
export class AdaptationRepository {
  private readonly byId;
  private readonly after;
  private readonly last;
  private readonly insertEvent;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.byId = db.prepare<[string], StoredAdaptation>(`${SELECT_ADAPTATION} WHERE id = ?`);
    this.after = db.prepare<[string, number], AdaptationEventRow & { data: string }>(
      `SELECT seq, at_ms AS atMs, type, data FROM adaptation_event
       WHERE adaptation_id = ? AND seq > ? ORDER BY seq`,
    );
    this.last = db
      .prepare<[string], number>('SELECT coalesce(max(seq), 0) FROM adaptation_event WHERE adaptation_id = ?')
      .pluck();
    this.insertEvent = db.prepare(
      'INSERT INTO adaptation_event (adaptation_id, seq, at_ms, type, data) VALUES (?, ?, ?, ?, ?)',
    );
  }

  /**
   * @param submittedBy name of the caller
   * @throws LutraError `idempotency-mismatch`
   */
  create(request: AdaptationRequest, idempotency?: Idempotency, submittedBy?: string): AdaptationRow {
    const insert = () => {
      const id = newId('adp', this.now());
      this.db
        .prepare(
          `INSERT INTO adaptation (id, request, status, submitted_by, created_at_ms, updated_at_ms)
           VALUES (?, ?, 'queued', ?, ?, ?)`,
        )
        .run(id, JSON.stringify(request), submittedBy ?? null, this.now(), this.now());
      return [id];
    };
    return write(this.db, () => {
      const ids = idempotency === undefined ? insert() : createOnce(this.db, idempotency, this.now(), insert);
      return this.get(ids[0]!);
    });
  }

  /**
   * The run that an earlier request with this key created.
   * @throws LutraError `idempotency-mismatch`
   */
  findCreated(idempotency: Idempotency): AdaptationRow | undefined {
    const ids = createdBefore(this.db, idempotency);
    return ids && this.get(ids[0]!);
  }

  find(id: string): AdaptationRow | undefined {
    const stored = this.byId.get(id);
    return stored && toAdaptationRow(stored);
  }

  /** @throws LutraError `not-found` */
  get(id: string): AdaptationRow {
    const adaptation = this.find(id);
    if (adaptation === undefined) throw new LutraError('not-found', `there is no adaptation ${id}`);
    return adaptation;
  }

  /** The latest first. @param filter.before only runs created before this one */
  list(filter: { status?: AdaptationStatus; limit: number; before?: string }): readonly AdaptationRow[] {
    const conditions = ['1'];
    if (filter.status !== undefined) conditions.push('status = :status');
    if (filter.before !== undefined) {
      conditions.push('seq < (SELECT seq FROM adaptation WHERE id = :before)');
    }
    return this.db
      .prepare<[object], StoredAdaptation>(
        `${SELECT_ADAPTATION} WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT :limit`,
      )
      .all(filter)
      .map(toAdaptationRow);
  }

  /**
   * Adds the next event of a run; the first has seq 1.
   * @returns false when another orchestrator wrote this seq already: the caller has lost the run
   * @throws LutraError `conflict` when an earlier event is missing
   */
  appendEvent(id: string, seq: number, type: string, data: unknown): boolean {
    return write(this.db, () => {
      const last = this.lastSeq(id);
      if (seq >= 1 && seq <= last) return false;
      if (seq !== last + 1) {
        throw new LutraError('conflict', `adaptation ${id}: expected event ${last + 1}, got ${seq}`);
      }
      this.insertEvent.run(id, seq, this.now(), type, JSON.stringify(data));
      this.touch(id);
      return true;
    });
  }

  /** Events with a larger seq, in order; 0 for all. */
  events(id: string, afterSeq: number): readonly AdaptationEventRow[] {
    return this.after.all(id, afterSeq).map((row) => ({ ...row, data: JSON.parse(row.data) as unknown }));
  }

  /** Seq of a run's last event; 0 before the first. */
  lastSeq(id: string): number {
    return this.last.get(id)!;
  }

  /** Notes that someone wants the run to stop; its orchestrator sees it in the row. */
  requestCancel(id: string): AdaptationRow {
    return write(this.db, () => {
      this.db.prepare('UPDATE adaptation SET cancel_requested = 1 WHERE id = ?').run(id);
      this.touch(id);
      return this.get(id);
    });
  }

  /**
   * Takes back a request to cancel, and queues a run that ended, by its status or by its last event: its owner may have
   * yet to write the status, and leaves a run alone that was queued meanwhile.
   */
  resume(id: string): AdaptationRow {
    return write(this.db, () => {
      this.db
        .prepare(
          `UPDATE adaptation SET cancel_requested = 0,
             status = CASE WHEN status IN ('failed', 'cancelled') OR
               (SELECT type FROM adaptation_event WHERE adaptation_id = adaptation.id ORDER BY seq DESC LIMIT 1)
                 IN ('failed', 'cancelled') THEN 'queued' ELSE status END
           WHERE id = ? AND status <> 'finished'`,
        )
        .run(id);
      this.touch(id);
      return this.get(id);
    });
  }

  /** A queued run is running now. @returns false when another owner came: nothing was written */
  begin(id: string, token: number): boolean {
    return write(this.db, () => {
      const begun = this.db
        .prepare("UPDATE adaptation SET status = 'running' WHERE id = ? AND owner_token = ?")
        .run(id, token);
      if (begun.changes === 1) this.touch(id);
      return begun.changes === 1;
    });
  }

  /**
   * The end of a running run, as its owner sees it. A run that was resumed in the meantime is queued instead, and so is
   * one that was cancelled on a wish which was taken back; of another owner's run nothing is written.
   */
  end(id: string, token: number, status: 'finished' | 'failed' | 'cancelled'): void {
    write(this.db, () => {
      const ended = this.db
        .prepare(
          `UPDATE adaptation
           SET status = CASE WHEN :status = 'cancelled' AND cancel_requested = 0 THEN 'queued' ELSE :status END
           WHERE id = :id AND owner_token = :token AND status = 'running'`,
        )
        .run({ id, token, status });
      if (ended.changes === 1) this.touch(id);
    });
  }

  /** Queued and running adaptations that nobody drives, oldest first. */
  unowned(): readonly string[] {
    return this.db
      .prepare<[number], string>(
        `SELECT id FROM adaptation WHERE status IN ('queued', 'running')
           AND (owner_until_ms IS NULL OR owner_until_ms <= ?) ORDER BY seq`,
      )
      .pluck()
      .all(this.now());
  }

  /** @returns the owner's token, which grows with every owner, or null while another owner's time still runs */
  claimOwnership(id: string, owner: string, leaseMs: number): number | null {
    return write(this.db, () => {
      const token = this.db
        .prepare<[object], number>(
          `UPDATE adaptation SET owner = :owner, owner_token = owner_token + 1, owner_until_ms = :until
           WHERE id = :id AND (owner_until_ms IS NULL OR owner_until_ms <= :now)
           RETURNING owner_token`,
        )
        .pluck()
        .get({ id, owner, until: this.now() + leaseMs, now: this.now() });
      return token ?? null;
    });
  }

  /** @returns false when the time ran out or another owner came: stop driving */
  renew(id: string, token: number, leaseMs: number): boolean {
    return write(this.db, () => {
      const renewed = this.db
        .prepare(
          `UPDATE adaptation SET owner_until_ms = :until
           WHERE id = :id AND owner_token = :token AND owner_until_ms > :now`,
        )
        .run({ id, token, until: this.now() + leaseMs, now: this.now() });
      return renewed.changes === 1;
    });
  }

  /** Lets another orchestrator take over at once. */
  release(id: string, token: number): void {
    write(this.db, () => {
      this.db
        .prepare('UPDATE adaptation SET owner = NULL, owner_until_ms = NULL WHERE id = ? AND owner_token = ?')
        .run(id, token);
    });
  }

  private touch(id: string): void {
    this.db.prepare('UPDATE adaptation SET updated_at_ms = ? WHERE id = ?').run(this.now(), id);
  }
}

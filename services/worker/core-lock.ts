import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';

/** A measurement waits on another core than the one it wants. */
const MEASURING_POLL_MS = 4;
/** A trainer waits on the very core that is being measured, and must leave it alone. */
const TRAINING_POLL_MS = 25;

/** Where the locks of this machine lie: the same for every Lutra of one user, whatever its data folder. */
export function coreLockDirectory(): string {
  return join(tmpdir(), `lutra-cores-${userInfo().username}`);
}

/**
 * One core of this machine, shared between timed windows and training. The lock is the operating system's, taken
 * through SQLite and held by an open transaction: it ends with the process that holds it, however that ends. A
 * measurement that waits shows its intent in a second lock, and trainers let it go first. See
 * docs/decisions/0004-core-lock.md.
 */
export class CoreLock {
  private readonly core: FileLock;
  private readonly intent: FileLock;

  /** @param cpu number of the core */
  constructor(directory: string, cpu: number) {
    mkdirSync(directory, { recursive: true });
    this.core = new FileLock(join(directory, `core-${cpu}.lock`));
    this.intent = new FileLock(join(directory, `core-${cpu}.intent`));
  }

  /**
   * Waits until nothing else uses the core, then holds it until {@link release}.
   * @throws the signal's reason
   */
  async takeForMeasuring(signal: AbortSignal): Promise<void> {
    try {
      await poll(() => this.intent.take(), MEASURING_POLL_MS, signal);
      await poll(() => this.core.take(), MEASURING_POLL_MS, signal);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /**
   * Takes the core for a slice of training, or keeps it; gives it up first to a measurement that waits. Called before
   * every slice.
   * @throws the signal's reason
   */
  async takeForTraining(signal: AbortSignal): Promise<void> {
    if (this.core.held && this.isWanted()) this.core.give();
    await poll(() => this.core.held || (!this.isWanted() && this.core.take()), TRAINING_POLL_MS, signal);
  }

  release(): void {
    this.core.give();
    this.intent.give();
  }

  close(): void {
    this.core.close();
    this.intent.close();
  }

  private isWanted(): boolean {
    if (!this.intent.take()) return true;
    this.intent.give();
    return false;
  }
}

/** An exclusive lock on one file, never waited for. */
class FileLock {
  private readonly db: Sqlite.Database;

  constructor(file: string) {
    this.db = new Sqlite(file, { timeout: 0 });
  }

  get held(): boolean {
    return this.db.inTransaction;
  }

  take(): boolean {
    if (this.held) return true;
    try {
      this.db.exec('BEGIN EXCLUSIVE');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return false;
      throw error;
    }
  }

  give(): void {
    if (this.held) this.db.exec('ROLLBACK');
  }

  close(): void {
    this.db.close();
  }
}

async function poll(take: () => boolean, everyMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  while (!take()) {
    await sleep(everyMs);
    signal.throwIfAborted();
  }
}

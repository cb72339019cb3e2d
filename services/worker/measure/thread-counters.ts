import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** A thread that ran less than this between two looks only woke up. */
const COMPUTED_NS = 200_000;
const buffer = Buffer.alloc(128);

interface Thread {
  readonly descriptor: number;
  ranNs: number;
}

/**
 * The scheduler's counters (`/proc/self/task/<tid>/schedstat`: time run, time waited, timeslices) of the threads that
 * compute: the main one, and those of a runtime's pool. A read costs some microseconds, so idle threads are not read.
 */
export class ThreadCounters {
  private readonly threads = new Map<string, Thread>();
  private watched: readonly number[] = [];

  /** Threads that computed since the last look are watched from now on. To be called outside timed windows. */
  look(): void {
    const watched = new Set(this.watched);
    for (const tid of threadIds()) {
      const thread = this.threads.get(tid) ?? openThread(tid);
      if (thread === undefined) continue;
      this.threads.set(tid, thread);
      const ranNs = readCounters(thread.descriptor)?.[0] ?? thread.ranNs;
      if (tid === String(process.pid) || ranNs - thread.ranNs > COMPUTED_NS) watched.add(thread.descriptor);
      thread.ranNs = ranNs;
    }
    this.watched = [...watched];
  }

  /** Threads watched now; 0 where the system does not show them. */
  get count(): number {
    return this.watched.length;
  }

  /** By watched thread, nanoseconds; null for a thread that is gone. */
  readWaited(): readonly (number | null)[] {
    return this.watched.map((descriptor) => readCounters(descriptor)?.[1] ?? null);
  }

  close(): void {
    for (const { descriptor } of this.threads.values()) closeSync(descriptor);
    this.threads.clear();
    this.watched = [];
  }
}

function threadIds(): readonly string[] {
  try {
    return readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}

/** A new thread counts as idle until it has run. */
function openThread(tid: string): Thread | undefined {
  try {
    const descriptor = openSync(`/proc/self/task/${tid}/schedstat`, 'r');
    return { descriptor, ranNs: 0 };
  } catch {
    return undefined;
  }
}

function readCounters(descriptor: number): readonly [ranNs: number, waitedNs: number] | null {
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    const [ranNs, waitedNs] = buffer.toString('latin1', 0, length).split(' ', 2).map(Number);
    return Number.isFinite(ranNs) && Number.isFinite(waitedNs) ? [ranNs!, waitedNs!] : null;
  } catch {
    return null;
  }
}

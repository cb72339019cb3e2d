import { openSync, readSync } from 'node:fs';

/** Reads how long the calling process's main thread has waited for a core since it began. */
export interface WaitCounter {
  /** Nanoseconds, ever rising; null where the kernel does not tell. */
  read(): number | null;
}

const buffer = Buffer.alloc(128);

/** The scheduler's counter for this thread: `schedstat` holds time run, time waited and timeslices. */
export function openWaitCounter(): WaitCounter {
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return { read: () => null };
  }
  return {
    read() {
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      const waitedNs = Number(buffer.toString('latin1', 0, length).split(' ')[1]);
      return Number.isFinite(waitedNs) ? waitedNs : null;
    },
  };
}

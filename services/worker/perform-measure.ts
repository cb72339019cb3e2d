import type { CoreLock } from './core-lock.js';
import { SessionFailure, superviseSession } from './measure/supervise-session.js';
import type { Perform } from './run-worker.js';

/**
 * Measures what a job asks for, alone on the core.
 * @param cpu core to measure on; null = any, and without its lock
 */
export function performMeasure(cpu: number | null, lock: CoreLock | null): Perform {
  return async (work, { signal, onProgress }) => {
    if (work.kind !== 'measure') throw new Error(`a measuring worker was given a ${work.kind} job`);
    try {
      await lock?.takeForMeasuring(signal);
      const report = await superviseSession(work.plan, { cpu, signal, onProgress });
      return { kind: 'report', report: { kind: 'measure', report } };
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error;
      const { kind: outcome, message } = error.end;
      return { kind: 'failure', failure: { outcome, message, retry: true } };
    } finally {
      lock?.release();
    }
  };
}

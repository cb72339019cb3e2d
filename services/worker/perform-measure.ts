import type { CoreLock } from './core-lock.js';
import type { Cores } from './format-cores.js';
import { holdCores } from './hold-cores.js';
import { SessionFailure, superviseSession } from './measure/supervise-session.js';
import type { Perform } from './run-worker.js';

/**
 * Measures what a job asks for, alone on its cores.
 * @param cores to measure on; null = any
 * @param locks of these cores and their siblings
 */
export function performMeasure(cores: Cores | null, locks: readonly CoreLock[]): Perform {
  return async (work, { signal, onProgress }) => {
    if (work.kind !== 'measure') throw new Error(`a measuring worker was given a ${work.kind} job`);
    try {
      const measure = () => superviseSession(work.plan, { cores, signal, onProgress });
      const report = await holdCores(locks, signal, measure);
      return { kind: 'report', report: { kind: 'measure', report } };
    } catch (error) {
      if (!(error instanceof SessionFailure)) throw error;
      const { kind: outcome, message } = error.end;
      return { kind: 'failure', failure: { outcome, message, retry: true } };
    }
  };
}

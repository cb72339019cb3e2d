import type { VisitCauses } from '../../../contracts/measurement.js';
import type { SiblingWatch } from './sibling-watch.js';
import type { ThreadCounters } from './thread-counters.js';

/** `null`: the scheduler does not tell. */
type WatchedVisit = VisitCauses & { readonly waitShare: number | null; readonly sharedShare?: number };

/**
 * Watches what may happen to this process during one visit: waiting for a core, being stopped, major page faults,
 * preemptions, a sibling thread on the same core. Everything is read outside the timed runs.
 */
export class VisitWatch {
  private startMs = 0;
  private waitedNs: readonly (number | null)[] = [];
  private usage = process.resourceUsage();

  /**
   * @param originMs what start times are counted from, on the process's monotonic clock
   * @param sibling null: nobody looks
   */
  constructor(
    private readonly counters: ThreadCounters,
    private readonly originMs: number,
    private readonly sibling: SiblingWatch | null,
  ) {}

  begin(): void {
    this.sibling?.begin();
    // Reading a counter may itself be interrupted: the wall time must hold what the counters hold.
    this.startMs = performance.now();
    this.usage = process.resourceUsage();
    this.waitedNs = this.counters.readWaited();
  }

  end(): WatchedVisit {
    const waitedNs = this.counters.readWaited();
    const usage = process.resourceUsage();
    const wallNs = (performance.now() - this.startMs) * 1e6;
    const sibling = this.sibling?.end();
    const waits = waitedNs.flatMap((after, thread) => {
      const before = this.waitedNs[thread];
      return after === null || before == null ? [] : [after - before];
    });
    // With several threads the slowest one decides how long a run takes.
    const longestWaitNs = waits.length === 0 ? null : Math.max(...waits);
    const ranUs =
      usage.userCPUTime - this.usage.userCPUTime + (usage.systemCPUTime - this.usage.systemCPUTime);
    return {
      startMs: round(this.startMs - this.originMs, 1e3),
      waitShare: longestWaitNs === null ? null : round(longestWaitNs / wallNs, 1e6),
      stoppedShare: round(Math.max(0, 1 - (ranUs * 1e3 + (longestWaitNs ?? 0)) / wallNs), 1e6),
      preemptions: usage.involuntaryContextSwitches - this.usage.involuntaryContextSwitches,
      majorFaults: usage.majorPageFault - this.usage.majorPageFault,
      ...sibling,
    };
  }
}

function round(value: number, scale: number): number {
  return Math.round(value * scale) / scale;
}

import { type Rng, shuffle } from '../random.js';
import { medianInterval } from './median-interval.js';

/** When to stop visiting a graph. */
export interface VisitRules {
  readonly minVisits: number;
  readonly maxVisits: number;
  /** Width of the 95 % interval of the visit minima's median, as a share of it. */
  readonly targetRelativeInterval: number;
}

/**
 * Order of a session: rounds that visit every unfinished graph once, in random order, so that graphs share the
 * machine's states. A graph is finished after `maxVisits`, or from `minVisits` on when its interval is narrow enough;
 * a graph that is kept until the end (an anchor) finishes with the last of the others.
 */
export class VisitSchedule {
  private readonly minima = new Map<string, number[]>();
  private readonly kept: ReadonlySet<string>;

  /** @param keptUntilEnd graphs that every round visits */
  constructor(
    graphIds: readonly string[],
    private readonly rules: VisitRules,
    private readonly rng: Rng,
    keptUntilEnd: readonly string[] = [],
  ) {
    for (const graphId of graphIds) this.minima.set(graphId, []);
    this.kept = new Set(keptUntilEnd);
  }

  /** Graph ids in the order in which to visit them; empty when the session is done. */
  nextRound(): string[] {
    const isKept = (graphId: string) => this.kept.has(graphId);
    const graphIds = [...this.minima.keys()];
    const unfinished = graphIds.filter((graphId) => !this.isFinished(graphId));
    const onlyKeptRemain = unfinished.every(isKept) && !graphIds.every(isKept);
    if (onlyKeptRemain) return [];
    return shuffle(unfinished, this.rng);
  }

  /** Notes what a visit yielded: its smallest duration. */
  record(graphId: string, minimumNs: number): void {
    this.minima.get(graphId)?.push(minimumNs);
  }

  /** Takes a graph out, e.g. after a failure. */
  drop(graphId: string): void {
    this.minima.delete(graphId);
  }

  /** Visits done, and visits that there will be at most. */
  progress(): { readonly done: number; readonly total: number } {
    let done = 0;
    let total = 0;
    for (const [graphId, minima] of this.minima) {
      done += minima.length;
      total += this.isFinished(graphId) ? minima.length : this.rules.maxVisits;
    }
    return { done, total };
  }

  private isFinished(graphId: string): boolean {
    const minima = this.minima.get(graphId) ?? [];
    if (minima.length >= this.rules.maxVisits) return true;
    if (minima.length < this.rules.minVisits || this.kept.has(graphId)) return false;
    const { median, low, high } = medianInterval(minima);
    return high - low < this.rules.targetRelativeInterval * median;
  }
}

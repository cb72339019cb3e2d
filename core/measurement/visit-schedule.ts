import { type Rng, shuffle } from '../random.js';
import { medianInterval } from './median-interval.js';

/** When to stop visiting a graph. */
export interface VisitRules {
  readonly minVisits: number;
  readonly maxVisits: number;
  /** Width of the 95 % interval of the visit minima's median, as a share of it. */
  readonly targetRelativeInterval: number;
}

export interface VisitOrder {
  /** Graphs that every round visits. */
  readonly keptUntilEnd?: readonly string[];
  /** Two graphs that are compared. */
  readonly pair?: readonly [string, string];
}

/**
 * Order of a session: rounds that visit every unfinished graph once, in random order, so that graphs share the
 * machine's states. A graph is finished after `maxVisits`, or from `minVisits` on when its interval is narrow enough;
 * a graph that is kept until the end (an anchor) finishes with the last of the others.
 */
export class VisitSchedule {
  private readonly graphs = new Map<string, { visits: number; readonly minima: number[] }>();
  private readonly kept: ReadonlySet<string>;
  private readonly pair: VisitOrder['pair'];

  constructor(
    graphIds: readonly string[],
    private readonly rules: VisitRules,
    private readonly rng: Rng,
    { keptUntilEnd = [], pair }: VisitOrder = {},
  ) {
    for (const graphId of graphIds) this.graphs.set(graphId, { visits: 0, minima: [] });
    this.kept = new Set(keptUntilEnd);
    this.pair = pair;
  }

  /** Graph ids in the order in which to visit them; empty when the session is done. */
  nextRound(): string[] {
    const isKept = (graphId: string) => this.kept.has(graphId);
    const graphIds = [...this.graphs.keys()];
    const unfinished = graphIds.filter((graphId) => !this.isFinished(graphId));
    const onlyKeptRemain = unfinished.every(isKept) && !graphIds.every(isKept);
    if (onlyKeptRemain) return [];
    return this.inPairs(shuffle(unfinished, this.rng));
  }

  /**
   * Notes what a visit yielded.
   * @param minimumNs its smallest duration; null when it was disturbed, so that it counts as a visit but not as a value
   */
  record(graphId: string, minimumNs: number | null): void {
    const graph = this.graphs.get(graphId);
    if (graph === undefined) return;
    graph.visits++;
    if (minimumNs !== null) graph.minima.push(minimumNs);
  }

  /** Takes a graph out, e.g. after a failure. */
  drop(graphId: string): void {
    this.graphs.delete(graphId);
  }

  /** Visits done, and visits that there will be at most. */
  progress(): { readonly done: number; readonly total: number } {
    let done = 0;
    let total = 0;
    for (const [graphId, { visits }] of this.graphs) {
      done += visits;
      total += this.isFinished(graphId) ? visits : this.rules.maxVisits;
    }
    return { done, total };
  }

  /** Whether every graph's interval is narrow enough. */
  isPrecise(): boolean {
    return [...this.graphs.values()].every(({ minima }) => this.isNarrow(minima));
  }

  /** While one of a pair goes on, both do: A, B, B, A or B, A, A, B after what else the round visits. */
  private inPairs(round: string[]): string[] {
    const pair = this.pair?.filter((graphId) => this.graphs.has(graphId)) ?? [];
    if (pair.length < 2 || !round.some((graphId) => pair.includes(graphId))) return round;
    const [first, second] = shuffle(pair, this.rng);
    const others = round.filter((graphId) => !pair.includes(graphId));
    return [...others, first!, second!, second!, first!];
  }

  private isFinished(graphId: string): boolean {
    const { visits, minima } = this.graphs.get(graphId)!;
    if (visits >= this.rules.maxVisits) return true;
    return !this.kept.has(graphId) && this.isNarrow(minima);
  }

  private isNarrow(minima: readonly number[]): boolean {
    if (minima.length < this.rules.minVisits) return false;
    const { median, low, high } = medianInterval(minima);
    return high - low < this.rules.targetRelativeInterval * median;
  }
}

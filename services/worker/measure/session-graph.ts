import type { Phase } from '../../../contracts/measure-message.js';
import type { FailureKind, ProbeSamples, Protocol, VisitCauses } from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import {
  isGettingFaster,
  SETTLING_BATCH,
  STEADY_SHARE,
} from '../../../core/measurement/is-getting-faster.js';
import { implausibleReason } from '../../../core/measurement/plausible.js';
import { runsPerSample } from '../../../core/measurement/runs-per-sample.js';
import { isUndisturbed } from '../../../core/measurement/visit-class.js';
import type { Executable } from '../../../runtimes/tensor-runtime.js';
import type { ClockFacts } from './calibrate-clock.js';
import type { PlannedGraph } from './plan-graphs.js';

/** Why a graph yields no latency, while the process goes on. */
export class GraphFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Looks at what may happen to the process during one visit. */
export interface VisitPort {
  begin(): void;
  /** `waitShare` null: the scheduler does not tell; `sharedShare` absent: nobody saw what a sibling thread took. */
  end(): VisitCauses & { readonly waitShare: number | null; readonly sharedShare?: number };
}

/** What all graphs of a session share. */
export interface GraphSurroundings {
  readonly protocol: Protocol;
  readonly threads: number;
  readonly clock: ClockFacts;
  announce(phase: Phase, graphId: string): void;
}

const WARM_UP_MS = { least: 1, most: 40 } as const;
/**
 * The first runs of a visit find caches that other graphs filled; a last-level cache that resists single passes takes
 * five to take in a large network again. Fewer only where a protocol asks for fewer.
 */
const MIN_SAMPLES_PER_VISIT = 8;
/** A clock with a larger step shows nothing of a short run: runs are put in rows before anything is timed. */
const COARSE_STEP_NS = 1_000;
const MOST_RUNS = 100_000;

/** One graph during a session: opened once, visited many times. */
export class SessionGraph {
  private readonly visitsNs: number[][] = [];
  private readonly visitWaitShare: (number | null)[] = [];
  private readonly causes: VisitCauses[] = [];
  private readonly opening = { openNs: 0, firstNs: 0, warmUpRuns: 0, warmUpNs: 0, steady: false };
  private executable!: Executable;
  private runs = 1;
  private samplesPerVisit = MIN_SAMPLES_PER_VISIT;

  constructor(
    private readonly planned: PlannedGraph,
    private readonly surroundings: GraphSurroundings,
  ) {}

  /** Opens the graph and runs it to its steady state. @throws GraphFailure */
  async open(): Promise<void> {
    const { clock, protocol } = this.surroundings;
    this.announce('open');
    const startMs = performance.now();
    this.executable = await refusable(() => this.planned.term.open());
    this.opening.openNs = Math.round((performance.now() - startMs) * 1e6);
    this.announce('first');
    this.opening.firstNs = await this.firstRun();
    this.announce('warm-up');
    if (clock.stepNs >= COARSE_STEP_NS) await this.fillClockSteps();
    const steadyNs = await this.warmUp();
    this.runs = Math.max(this.runs, runsPerSample(steadyNs, clock.stepNs));
    const affordable = Math.floor((protocol.visitBudgetMs * 1e6) / (steadyNs * this.runs));
    this.samplesPerVisit = Math.min(protocol.samplesPerVisit, Math.max(MIN_SAMPLES_PER_VISIT, affordable));
  }

  /**
   * @returns the smallest duration of the visit, or null when something disturbed it
   * @throws GraphFailure
   */
  async visit(watch: VisitPort): Promise<number | null> {
    this.announce('visit');
    watch.begin();
    const durationsNs = await this.sampleUntilSteady();
    const { waitShare, sharedShare = 0, ...causes } = watch.end();
    this.visitsNs.push(durationsNs);
    this.visitWaitShare.push(waitShare);
    this.causes.push(causes);
    return isUndisturbed(waitShare, causes, sharedShare) ? Math.min(...durationsNs) : null;
  }

  /** The caches that other graphs filled come back sooner or later: a visit goes on meanwhile, within its budget. */
  private async sampleUntilSteady(): Promise<number[]> {
    const budgetNs = this.surroundings.protocol.visitBudgetMs * 1e6;
    const durationsNs = await this.sample(this.samplesPerVisit);
    const spentNs = () => this.runs * durationsNs.reduce((sum, ns) => sum + ns, 0);
    while (isGettingFaster(durationsNs) && spentNs() < budgetNs)
      durationsNs.push(...(await this.sample(SETTLING_BATCH)));
    return durationsNs;
  }

  samples(): ProbeSamples {
    const { visitsNs, visitWaitShare, causes, opening } = this;
    const { openNs, firstNs } = opening;
    return {
      graphId: this.planned.term.graphId,
      openNs,
      firstNs,
      visitsNs,
      visitWaitShare,
      causes,
      openings: [{ visits: visitsNs.length, ...opening, runsPerSample: this.runs }],
    };
  }

  /** Of one that was never opened: nothing. */
  async close(): Promise<void> {
    await this.executable?.close();
  }

  private announce(phase: Phase): void {
    this.surroundings.announce(phase, this.planned.term.graphId);
  }

  /** Between two steps of a coarse clock the first run took at most one of them. */
  private async firstRun(): Promise<number> {
    const { stepNs } = this.surroundings.clock;
    const [firstNs] = await refusable(() => this.executable.sample(1));
    if (firstNs === 0 && stepNs >= COARSE_STEP_NS) return stepNs;
    return this.plausible(firstNs!);
  }

  /** Puts as many runs in a row as it takes for the clock to move by many steps. */
  private async fillClockSteps(): Promise<void> {
    const { stepNs } = this.surroundings.clock;
    for (;;) {
      const runNs = Math.min(...(await this.executable.sample(SETTLING_BATCH, this.runs)));
      const needed = Math.min(MOST_RUNS, runsPerSample(runNs, stepNs));
      if (!(needed > this.runs)) return;
      this.runs = Math.min(needed, this.runs * 10);
    }
  }

  private async warmUp(): Promise<number> {
    const startMs = performance.now();
    let bestNs = Number.POSITIVE_INFINITY;
    for (let batch = 0; ; batch++) {
      const count = bestNs * this.runs > 1e6 ? 1 : SETTLING_BATCH;
      const batchNs = Math.min(...(await this.sample(count)));
      this.opening.warmUpRuns += count * this.runs;
      const elapsedMs = performance.now() - startMs;
      const steady = batchNs >= STEADY_SHARE * bestNs;
      bestNs = Math.min(bestNs, batchNs);
      // One batch alone tells nothing, however long it took.
      if (batch === 0) continue;
      if (elapsedMs > WARM_UP_MS.most || (steady && elapsedMs > WARM_UP_MS.least)) {
        this.opening.warmUpNs = Math.round(elapsedMs * 1e6);
        this.opening.steady = steady;
        return bestNs;
      }
    }
  }

  private async sample(count: number): Promise<number[]> {
    const durationsNs = await this.executable.sample(count, this.runs);
    return Array.from(durationsNs, (durationNs) => this.plausible(durationNs));
  }

  private plausible(durationNs: number): number {
    const reason = implausibleReason(durationNs, this.planned.macs, this.surroundings.threads);
    if (reason !== null) throw new GraphFailure('nonsense', reason);
    return durationNs;
  }
}

/**
 * Engines refuse a graph when they load it, or only when they first run it and find no kernel for an operator. Either
 * way what they throw says so, and the process goes on; a trap inside WebAssembly leaves it in no state to.
 */
async function refusable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'RuntimeError') throw error;
    const message = error instanceof Error ? error.message : String(error);
    const memory = !(error instanceof LutraError) && /bad_alloc|allocate memory|out of memory/i.test(message);
    throw new GraphFailure(memory ? 'out-of-memory' : 'unsupported-op', message, error);
  }
}

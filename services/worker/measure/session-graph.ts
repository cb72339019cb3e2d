import type { Phase } from '../../../contracts/measure-message.js';
import type { FailureKind, ProbeSamples, Protocol } from '../../../contracts/measurement.js';
import { LutraError } from '../../../core/errors.js';
import { implausibleReason } from '../../../core/measurement/plausible.js';
import type { Executable } from '../../../runtimes/tensor-runtime.js';
import type { PlannedGraph } from './plan-graphs.js';
import type { WaitCounter } from './wait-counter.js';

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

/** Steady state: no run faster than the best before by this share within a batch. */
const STEADY_SHARE = 0.98;
const WARM_UP_BATCH = 5;
const WARM_UP_MS = { least: 1, most: 40 } as const;
/**
 * The first runs of a visit find caches that other graphs filled; a last-level cache that resists single passes takes
 * five to take in a large network again.
 */
const MIN_SAMPLES_PER_VISIT = 8;

/** One graph during a session: opened once, visited many times. */
export class SessionGraph {
  private readonly visitsNs: number[][] = [];
  private readonly visitWaitShare: (number | null)[] = [];
  private executable!: Executable;
  private openNs = 0;
  private firstNs = 0;
  private samplesPerVisit = MIN_SAMPLES_PER_VISIT;

  constructor(
    private readonly planned: PlannedGraph,
    private readonly threads: number,
    private readonly announce: (phase: Phase) => void,
  ) {}

  /** Opens the graph and runs it to its steady state. @throws GraphFailure */
  async open(protocol: Protocol): Promise<void> {
    this.announce('open');
    const startMs = performance.now();
    this.executable = await openExecutable(this.planned);
    this.openNs = Math.round((performance.now() - startMs) * 1e6);
    this.announce('first');
    this.firstNs = (await this.sample(1))[0]!;
    this.announce('warm-up');
    const steadyNs = await this.warmUp();
    const affordable = Math.floor((protocol.visitBudgetMs * 1e6) / steadyNs);
    this.samplesPerVisit = Math.max(MIN_SAMPLES_PER_VISIT, Math.min(affordable, protocol.samplesPerVisit));
  }

  /** @returns the smallest duration of the visit @throws GraphFailure */
  async visit(waitCounter: WaitCounter): Promise<number> {
    this.announce('visit');
    // Reading the counter may itself be interrupted: the wall time must hold what the counter holds.
    const startMs = performance.now();
    const waitedBeforeNs = waitCounter.read();
    const durationsNs = await this.sample(this.samplesPerVisit);
    const waitedAfterNs = waitCounter.read();
    const wallNs = (performance.now() - startMs) * 1e6;
    this.visitsNs.push(durationsNs);
    this.visitWaitShare.push(
      waitedBeforeNs === null || waitedAfterNs === null ? null : (waitedAfterNs - waitedBeforeNs) / wallNs,
    );
    return Math.min(...durationsNs);
  }

  samples(): ProbeSamples {
    const { openNs, firstNs, visitsNs, visitWaitShare } = this;
    return { graphId: this.planned.term.graphId, openNs, firstNs, visitsNs, visitWaitShare };
  }

  async close(): Promise<void> {
    await this.executable.close();
  }

  private async warmUp(): Promise<number> {
    const startMs = performance.now();
    let bestNs = Number.POSITIVE_INFINITY;
    for (;;) {
      const batchNs = Math.min(...(await this.sample(bestNs > 1e6 ? 1 : WARM_UP_BATCH)));
      const elapsedMs = performance.now() - startMs;
      const steady = batchNs >= STEADY_SHARE * bestNs;
      bestNs = Math.min(bestNs, batchNs);
      if (elapsedMs > WARM_UP_MS.most || (steady && elapsedMs > WARM_UP_MS.least)) return bestNs;
    }
  }

  private async sample(count: number): Promise<number[]> {
    const durationsNs = Array.from(await this.executable.sample(count));
    for (const durationNs of durationsNs) {
      const reason = implausibleReason(durationNs, this.planned.macs, this.threads);
      if (reason !== null) throw new GraphFailure('nonsense', reason);
    }
    return durationsNs;
  }
}

async function openExecutable({ term }: PlannedGraph): Promise<Executable> {
  try {
    return await term.open();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const memory = !(error instanceof LutraError) && /bad_alloc|allocate memory|out of memory/i.test(message);
    throw new GraphFailure(memory ? 'out-of-memory' : 'unsupported-op', message, error);
  }
}

import type { MeasurementPlan, ProcessObservations } from '../../../contracts/measurement.js';
import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { calibrateClock } from './calibrate-clock.js';
import { cacheEvictor } from './evict-caches.js';
import { LiveGraphs, type SessionPort } from './live-graphs.js';
import { planGraphs } from './plan-graphs.js';
import { RoundWatch } from './round-watch.js';
import { ThreadCounters } from './thread-counters.js';
import { VisitWatch } from './visit-watch.js';

/**
 * One process's part of a session: opens every graph of every subject, runs each to its steady state, then visits all
 * of them in rounds at random order until each is known well enough or the time is used up. Everything is told as it
 * happens, raw samples at the end. A graph that the runtime refuses, or whose durations cannot be, is told and left
 * out, with what only its subjects needed.
 */
export async function measureSession(
  runtime: TensorRuntime,
  plan: MeasurementPlan,
  port: SessionPort,
): Promise<ProcessObservations> {
  const session = planGraphs(runtime, plan.subjects, cacheEvictor());
  port.send({ type: 'terms', terms: [...session.terms] });
  for (const failure of session.failures) port.send({ type: 'subject-failure', failure });
  const originMs = performance.now();
  const counters = new ThreadCounters();
  const clock = calibrateClock(runtime.clockNs ?? (() => performance.now() * 1e6));
  const rounds = new RoundWatch(originMs);
  const machine = { opened: () => counters.look(), betweenRounds: () => rounds.betweenRounds() };
  const live = new LiveGraphs(session, plan, port, machine, {
    protocol: plan.protocol,
    threads: plan.threads,
    clock,
    announce: (phase, graphId) => port.send({ type: 'announce', phase, graphId }),
  });
  counters.look();
  await live.openAll();
  rounds.start();
  const stoppedBy = await live.visitAll(new VisitWatch(counters, originMs));
  const observations = rounds.end();
  await live.finish();
  const watchedThreads = counters.count;
  counters.close();
  return { ...observations, clock, stoppedBy, watchedThreads, rssBytes: process.memoryUsage.rss() };
}

/** The graphs of a session that still are of use to a subject. */
class LiveGraphs {
  private readonly graphs = new Map<string, SessionGraph>();
  private readonly failedSubjects = new Set<string>();

  constructor(
    private readonly session: PlannedSession,
    private readonly plan: MeasurementPlan,
    private readonly port: SessionPort,
    private readonly counters: ThreadCounters,
    private readonly surroundings: GraphSurroundings,
  ) {}

  async openAll(): Promise<void> {
    let done = 0;
    for (const [graphId, planned] of this.session.graphs) {
      if (this.isUseful(graphId)) {
        const graph = new SessionGraph(planned, this.surroundings);
        this.graphs.set(graphId, graph);
        await this.guard(graphId, () => graph.open());
        this.counters.look();
      }
      done++;
      const total = this.session.graphs.size * (1 + this.plan.protocol.maxVisits);
      if (done % 8 === 0) this.port.send({ type: 'progress', done, total });
    }
  }

  /** @returns why the visits ended */
  async visitAll(rounds: RoundWatch, watch: VisitWatch): Promise<ProcessObservations['stoppedBy']> {
    const { protocol, seed } = this.plan;
    const ids = [...this.graphs.keys()];
    const anchors = this.session.anchorGraphIds.filter((graphId) => this.graphs.has(graphId));
    const compared = this.session.comparedGraphIds.filter((graphId) => this.graphs.has(graphId));
    const schedule = new VisitSchedule(ids, protocol, seededRng(seed), {
      keptUntilEnd: anchors,
      ...(protocol.order === 'abba' && compared.length === 2 ? { pair: [compared[0]!, compared[1]!] } : {}),
    });
    const opened = this.session.graphs.size;
    const { processes = 1, spreadMs = 0, budgetMs = Number.POSITIVE_INFINITY } = protocol;
    const startMs = performance.now();
    const spentMs = () => performance.now() - startMs;
    const overBudget = () => spentMs() > budgetMs / processes;
    const roundEveryMs = spreadMs / processes / Math.max(1, protocol.minVisits - 1);
    for (let number = 0; ; number++) {
      const round = schedule.nextRound();
      if (round.length === 0) return schedule.isPrecise() ? 'precision' : 'visits';
      // Spread out until the least number of rounds; what more it takes follows without pause.
      const dueMs = Math.min(number, protocol.minVisits - 1) * roundEveryMs;
      const earlyMs = Math.min(dueMs, budgetMs / processes) - spentMs();
      if (earlyMs > 0) await sleep(earlyMs);
      rounds.betweenRounds();
      for (const graphId of round) {
        // Everything is visited once, whatever it takes: a result with a wide interval is better than none.
        if (number > 0 && overBudget()) return 'budget';
        const graph = this.graphs.get(graphId);
        if (graph === undefined) schedule.drop(graphId);
        else await this.guard(graphId, async () => schedule.record(graphId, await graph.visit(watch)));
      }
      const { done, total } = schedule.progress();
      this.port.send({ type: 'progress', done: opened + done, total: opened + total });
    }
  }

  async finish(): Promise<void> {
    for (const graph of this.graphs.values()) {
      this.port.send({ type: 'probe', probe: graph.samples() });
      await graph.close();
    }
  }

  private async guard(graphId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof GraphFailure)) throw error;
      const { kind, message } = error;
      this.port.send({ type: 'graph-failure', graphId, kind, message });
      for (const subjectId of this.session.graphs.get(graphId)!.subjectIds)
        this.failedSubjects.add(subjectId);
      for (const id of [...this.graphs.keys()]) if (!this.isUseful(id)) this.graphs.delete(id);
    }
  }

  private isUseful(graphId: string): boolean {
    const { subjectIds } = this.session.graphs.get(graphId)!;
    return [...subjectIds].some((subjectId) => !this.failedSubjects.has(subjectId));
  }
}

import type { MeasureMessage } from '../../../contracts/measure-message.js';
import type { MeasurementPlan, ProbeSamples, ProcessObservations } from '../../../contracts/measurement.js';
import { roundPace } from '../../../core/measurement/round-pace.js';
import { summarizeSubject } from '../../../core/measurement/summarize-subject.js';
import { VisitSchedule } from '../../../core/measurement/visit-schedule.js';
import { seededRng } from '../../../core/random.js';
import type { PlannedSession } from './plan-graphs.js';
import { GraphFailure, type GraphSurroundings, SessionGraph, type VisitPort } from './session-graph.js';

export interface SessionPort {
  send(message: MeasureMessage): void;
}

/** What looks at the machine outside the visits; nothing in a browser. */
export interface MachineWatch {
  /** A graph was opened: its runtime may have started threads. */
  opened(): void;
  betweenRounds(): void;
}

const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** The graphs of a session that still are of use to a subject. Runs in Node and in a browser's worker. */
export class LiveGraphs {
  private readonly graphs = new Map<string, SessionGraph>();
  private readonly failedSubjects = new Set<string>();

  constructor(
    private readonly session: PlannedSession,
    private readonly plan: MeasurementPlan,
    private readonly port: SessionPort,
    private readonly machine: MachineWatch,
    private readonly surroundings: GraphSurroundings,
  ) {}

  async openAll(): Promise<void> {
    let done = 0;
    for (const [graphId, planned] of this.session.graphs) {
      if (this.isUseful(graphId)) {
        const graph = new SessionGraph(planned, this.surroundings);
        this.graphs.set(graphId, graph);
        await this.guard(graphId, () => graph.open());
        this.machine.opened();
      }
      done++;
      const total = this.session.graphs.size * (1 + this.plan.protocol.maxVisits);
      if (done % 8 === 0) this.port.send({ type: 'progress', done, total });
    }
  }

  /** @returns why the visits ended */
  async visitAll(watch: VisitPort): Promise<ProcessObservations['stoppedBy']> {
    const { protocol, seed } = this.plan;
    const ids = [...this.graphs.keys()];
    const anchors = this.session.anchorGraphIds.filter((graphId) => this.graphs.has(graphId));
    const compared = this.session.comparedGraphIds.filter((graphId) => this.graphs.has(graphId));
    const schedule = new VisitSchedule(ids, protocol, seededRng(seed), {
      keptUntilEnd: anchors,
      ...(protocol.order === 'abba' && compared.length === 2 ? { pair: [compared[0]!, compared[1]!] } : {}),
    });
    const opened = this.session.graphs.size;
    const { processes = 1, budgetMs = Number.POSITIVE_INFINITY } = protocol;
    const startMs = performance.now();
    const spentMs = () => performance.now() - startMs;
    const overBudget = () => spentMs() > budgetMs / processes;
    const pace = roundPace(protocol);
    for (let number = 0; ; number++) {
      const round = schedule.nextRound();
      if (round.length === 0) return schedule.isPrecise() ? 'precision' : 'visits';
      // Spread out until the least number of rounds; what more it takes follows without pause.
      const dueMs = Math.min(number, pace.rounds - 1) * pace.everyMs;
      const earlyMs = Math.min(dueMs, budgetMs / processes) - spentMs();
      if (earlyMs > 0) await sleep(earlyMs);
      this.machine.betweenRounds();
      for (const graphId of round) {
        // Everything is visited once, whatever it takes: a result with a wide interval is better than none.
        if (number > 0 && overBudget()) return 'budget';
        const graph = this.graphs.get(graphId);
        if (graph === undefined) schedule.drop(graphId);
        else await this.guard(graphId, async () => schedule.record(graphId, await graph.visit(watch)));
      }
      const { done, total } = schedule.progress();
      const soFar = this.firstNetwork();
      this.port.send({
        type: 'progress',
        done: opened + done,
        total: opened + total,
        ...(soFar === null ? {} : { soFar }),
      });
    }
  }

  async finish(): Promise<void> {
    for (const graph of this.graphs.values()) {
      this.port.send({ type: 'probe', probe: graph.samples() });
      await graph.close();
    }
  }

  /** What the visits so far say of the first network of the plan; null while they say nothing. */
  private firstNetwork(): { latencyNs: number; lowNs: number; highNs: number } | null {
    const network = this.plan.subjects.find(({ kind }) => kind === 'network');
    const terms = this.session.terms.find(({ subjectId }) => subjectId === network?.id)?.terms ?? [];
    const probes = new Map<string, ProbeSamples>();
    for (const { graphId } of terms) {
      const graph = this.graphs.get(graphId);
      const samples = graph?.samples();
      if (samples === undefined || samples.visitsNs.length === 0) return null;
      probes.set(graphId, samples);
    }
    if (probes.size === 0) return null;
    const { latencyNs, lowNs, highNs } = summarizeSubject(terms, probes);
    return { latencyNs, lowNs, highNs };
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
      await this.closeUseless();
    }
  }

  /** What no subject needs any more keeps no memory beside what is timed. */
  private async closeUseless(): Promise<void> {
    for (const [id, graph] of [...this.graphs]) {
      if (this.isUseful(id)) continue;
      this.graphs.delete(id);
      // An engine that has just failed may fail to let go too; the session goes on.
      await graph.close().catch(() => undefined);
    }
  }

  private isUseful(graphId: string): boolean {
    const { subjectIds } = this.session.graphs.get(graphId)!;
    return [...subjectIds].some((subjectId) => !this.failedSubjects.has(subjectId));
  }
}

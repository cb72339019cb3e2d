import type { MeasureMessage } from '../../../contracts/measure-message.js';
import type { MeasurementPlan } from '../../../contracts/measurement.js';
import { VisitSchedule } from '../../../core/measurement/visit-schedule.js';
import { seededRng } from '../../../core/random.js';
import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { cacheEvictor } from './evict-caches.js';
import { type PlannedSession, planGraphs } from './plan-graphs.js';
import { readProcStatus } from './proc-status.js';
import { GraphFailure, SessionGraph } from './session-graph.js';
import type { WaitCounter } from './wait-counter.js';

export interface SessionPort {
  send(message: MeasureMessage): void;
  readonly waitCounter: WaitCounter;
}

/** Of the timed visits, opening and warm-up apart. */
export interface SessionObservations {
  readonly timedMs: number;
  readonly involuntarySwitches?: number;
}

/**
 * One session: opens every graph of every subject, runs each to its steady state, then visits all of them in rounds at
 * random order until each is known well enough. Everything is told as it happens, raw samples at the end. A graph that
 * the runtime refuses, or whose durations cannot be, is told and left out, with what only its subjects needed.
 */
export async function measureSession(
  runtime: TensorRuntime,
  plan: MeasurementPlan,
  port: SessionPort,
): Promise<SessionObservations> {
  const session = planGraphs(runtime, plan.subjects, cacheEvictor());
  port.send({ type: 'terms', terms: [...session.terms] });
  for (const failure of session.failures) port.send({ type: 'subject-failure', failure });
  const live = new LiveGraphs(session, plan, port);
  await live.openAll();
  const switchesBefore = readProcStatus('self').involuntarySwitches;
  const timedStartMs = performance.now();
  await live.visitAll();
  const timedMs = performance.now() - timedStartMs;
  const switchesAfter = readProcStatus('self').involuntarySwitches;
  await live.finish();
  if (switchesBefore === undefined || switchesAfter === undefined) return { timedMs };
  return { timedMs, involuntarySwitches: switchesAfter - switchesBefore };
}

/** The graphs of a session that still are of use to a subject. */
class LiveGraphs {
  private readonly graphs = new Map<string, SessionGraph>();
  private readonly failedSubjects = new Set<string>();

  constructor(
    private readonly session: PlannedSession,
    private readonly plan: MeasurementPlan,
    private readonly port: SessionPort,
  ) {}

  async openAll(): Promise<void> {
    let done = 0;
    for (const [graphId, planned] of this.session.graphs) {
      if (this.isUseful(graphId)) {
        const graph = new SessionGraph(planned, this.plan.threads, (phase) =>
          this.port.send({ type: 'announce', phase, graphId }),
        );
        this.graphs.set(graphId, graph);
        await this.guard(graphId, () => graph.open(this.plan.protocol));
      }
      done++;
      const total = this.session.graphs.size * (1 + this.plan.protocol.maxVisits);
      if (done % 8 === 0) this.port.send({ type: 'progress', done, total });
    }
  }

  async visitAll(): Promise<void> {
    const ids = [...this.graphs.keys()];
    const anchors = this.session.anchorGraphIds.filter((graphId) => this.graphs.has(graphId));
    const schedule = new VisitSchedule(ids, this.plan.protocol, seededRng(this.plan.seed), anchors);
    const opened = this.session.graphs.size;
    for (let round = schedule.nextRound(); round.length > 0; round = schedule.nextRound()) {
      for (const graphId of round) {
        const graph = this.graphs.get(graphId);
        if (graph === undefined) schedule.drop(graphId);
        else
          await this.guard(graphId, async () =>
            schedule.record(graphId, await graph.visit(this.port.waitCounter)),
          );
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

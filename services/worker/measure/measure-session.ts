import type { MeasurementPlan, ProcessObservations } from '../../../contracts/measurement.js';
import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { calibrateClock } from './calibrate-clock.js';
import { cacheEvictor } from './evict-caches.js';
import { LiveGraphs, type SessionPort } from './live-graphs.js';
import { planGraphs } from './plan-graphs.js';
import { RoundWatch } from './round-watch.js';
import { SiblingWatch } from './sibling-watch.js';
import { ThreadCounters } from './thread-counters.js';
import { VisitWatch } from './visit-watch.js';

export interface SessionSurroundings {
  readonly port: SessionPort;
  /** Durations come from a clock, not from a formula: visits mind who else is on the core. */
  readonly isTimed: boolean;
}

/**
 * One process's part of a session: opens every graph of every subject, runs each to its steady state, then visits all
 * of them in rounds at random order until each is known well enough or the time is used up. Everything is told as it
 * happens, raw samples at the end. A graph that the runtime refuses, or whose durations cannot be, is told and left
 * out, with what only its subjects needed.
 */
export async function measureSession(
  runtime: TensorRuntime,
  plan: MeasurementPlan,
  { port, isTimed }: SessionSurroundings,
): Promise<ProcessObservations> {
  const session = planGraphs(runtime, plan.subjects, cacheEvictor());
  port.send({ type: 'terms', terms: [...session.terms] });
  for (const failure of session.failures) port.send({ type: 'subject-failure', failure });
  const originMs = performance.now();
  const counters = new ThreadCounters();
  const clock = calibrateClock(runtime.clockNs ?? (() => performance.now() * 1e6));
  const sibling = isTimed ? new SiblingWatch() : null;
  const rounds = new RoundWatch(originMs, sibling);
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
  const stoppedBy = await live.visitAll(new VisitWatch(counters, originMs, sibling));
  const observations = rounds.end();
  await live.finish();
  const watchedThreads = counters.count;
  counters.close();
  return { ...observations, clock, stoppedBy, watchedThreads, rssBytes: process.memoryUsage.rss() };
}

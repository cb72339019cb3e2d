import type { MeasurementPlan, ProcessObservations } from '../../../contracts/measurement.js';
import type { TensorRuntime } from '../../../runtimes/tensor-runtime.js';
import { calibrateClock } from '../../worker/measure/calibrate-clock.js';
import { cacheEvictor } from '../../worker/measure/evict-caches.js';
import { LiveGraphs } from '../../worker/measure/live-graphs.js';
import { planGraphs } from '../../worker/measure/plan-graphs.js';
import { createWebRuntime } from './create-web-runtime.js';
import type { WorkerMessage, WorkerRequest } from './worker-message.js';

/**
 * A browser's measuring child: one worker for each session, ended by the page when it is hidden or the lease is lost.
 * Nothing else runs in it.
 */
const send = (message: WorkerMessage) => postMessage(message);

addEventListener('message', async ({ data }: MessageEvent<WorkerRequest>) => {
  try {
    const runtime = await createWebRuntime(data);
    send({ type: 'described', environment: await runtime.environment() });
    if (data.plan !== null) send({ type: 'done', observations: await measure(runtime, data.plan) });
  } catch (error) {
    send({ type: 'broken', message: error instanceof Error ? error.message : String(error) });
  }
});

/** As `services/worker/measure/measure-session.ts`, without what a page cannot see: the scheduler, cores, pressure. */
async function measure(runtime: TensorRuntime, plan: MeasurementPlan): Promise<Partial<ProcessObservations>> {
  const session = planGraphs(runtime, plan.subjects, cacheEvictor());
  send({ type: 'terms', terms: [...session.terms] });
  for (const failure of session.failures) send({ type: 'subject-failure', failure });
  const originMs = performance.now();
  const clock = calibrateClock(() => performance.now() * 1e6);
  const blind = { opened: () => undefined, betweenRounds: () => undefined };
  const live = new LiveGraphs(session, plan, { send }, blind, {
    protocol: plan.protocol,
    threads: plan.threads,
    clock,
    announce: (phase, graphId) => send({ type: 'announce', phase, graphId }),
  });
  await live.openAll();
  const startMs = performance.now();
  let visitStartMs = 0;
  const stoppedBy = await live.visitAll({
    begin: () => {
      visitStartMs = performance.now() - originMs;
    },
    end: () => ({ startMs: visitStartMs, waitShare: null, stoppedShare: 0, preemptions: 0, majorFaults: 0 }),
  });
  const timedMs = performance.now() - startMs;
  await live.finish();
  return {
    clock,
    timedMs,
    stoppedBy,
    watchedThreads: 0,
    probes: [],
    allowedCores: [],
    before: {},
    after: {},
    rssBytes: 0,
  };
}

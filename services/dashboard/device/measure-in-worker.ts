import type { Environment } from '../../../contracts/environment.js';
import type { JobProgress } from '../../../contracts/job.js';
import type {
  MeasurementPlan,
  ProbeSamples,
  SessionReport,
  SubjectFailure,
  SubjectTerms,
} from '../../../contracts/measurement.js';
import { jobProgress } from '../../worker/measure/job-progress.js';
import type { WebRuntimeChoice, WorkerMessage, WorkerRequest } from './worker-message.js';

/** The worker did not get as far as measuring: the browser lacks something. */
export class WorkerBroken extends Error {}

/** What this browser is, with a runtime. @throws WorkerBroken where the browser cannot run it */
export async function describe(choice: WebRuntimeChoice): Promise<Environment> {
  let environment: Environment | undefined;
  await converse({ ...choice, plan: null }, new AbortController().signal, (message) => {
    if (message.type === 'described') environment = { ...message.environment, pinned: false };
    return environment !== undefined;
  });
  return environment!;
}

/**
 * Measures a plan in a worker of its own.
 * @throws the signal's reason when aborted, at once: a visit that the page could not watch over never counts
 * @throws WorkerBroken
 */
export async function measureInWorker(
  choice: WebRuntimeChoice,
  plan: MeasurementPlan,
  signal: AbortSignal,
  onProgress: (progress: JobProgress, graphId: string) => void,
): Promise<SessionReport> {
  const startedAtMs = Date.now();
  const probes: ProbeSamples[] = [];
  const failures = new Map<string, SubjectFailure>();
  let terms: readonly SubjectTerms[] = [];
  let environment: Environment | undefined;
  let observations: object = {};
  let graphId = '';
  await converse({ ...choice, plan }, signal, (message) => {
    switch (message.type) {
      case 'described':
        environment = { ...message.environment, pinned: false };
        break;
      case 'terms':
        terms = message.terms;
        break;
      case 'subject-failure':
        failures.set(message.failure.subjectId, message.failure);
        break;
      case 'graph-failure':
        for (const { subjectId, terms: own } of terms) {
          if (!own.some((term) => term.graphId === message.graphId)) continue;
          failures.set(subjectId, { subjectId, kind: message.kind, message: message.message });
        }
        break;
      case 'announce':
        graphId = message.graphId;
        break;
      case 'progress':
        onProgress(jobProgress(message), graphId);
        break;
      case 'probe': {
        // A page sees nothing of what happened during a visit; zeros would claim that nothing did.
        const { causes: _, ...probe } = message.probe;
        probes.push(probe);
        break;
      }
      case 'done':
        observations = message.observations;
        return true;
    }
    return false;
  });
  return {
    environment: environment!,
    startedAtMs,
    endedAtMs: Date.now(),
    plan: { seed: plan.seed, protocol: plan.protocol },
    observations: { processes: [observations], visible: true },
    probes,
    subjects: plan.subjects,
    terms: terms.filter(({ subjectId }) => !failures.has(subjectId)),
    failures: [...failures.values()],
  };
}

/** Talks with a new worker until `hear` says that it has heard enough. */
function converse(
  request: WorkerRequest,
  signal: AbortSignal,
  hear: (message: WorkerMessage) => boolean,
): Promise<void> {
  const worker = new Worker(new URL('./measure-worker.ts', import.meta.url), { type: 'module' });
  const talk = new Promise<void>((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    worker.addEventListener('error', (event) =>
      reject(new WorkerBroken(event.message || 'the worker did not load')),
    );
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
      if (data.type === 'broken') reject(new WorkerBroken(data.message));
      else if (hear(data)) resolve();
    });
    worker.postMessage(request);
  });
  return talk.finally(() => worker.terminate());
}

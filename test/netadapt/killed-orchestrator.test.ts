import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { AdaptationRequest, AdaptationView } from '../../contracts/adaptation.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { completeAdaptation } from '../../services/api/complete-adaptation.js';
import { foldAdaptationView } from '../../services/netadapt/adaptation-view.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { openWithDevice, simulateWorker } from './simulated-worker.js';

const OPTIONS = { width: 1.5 };
const ENTRY = join(import.meta.dirname, '../../dist/services/netadapt/main.js');

const REQUEST: AdaptationRequest = {
  device: 'local',
  candidate: { zoo: 'mobilenet-v3-tiny', options: OPTIONS },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.7 },
  initialReduction: 0.08,
};

function startOrchestrator(dataDirectory: string): ChildProcess {
  return spawn(process.execPath, [ENTRY, '--data', dataDirectory, '--lease-ms', '600'], { stdio: 'ignore' });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Runs an adaptation; kills the orchestrator's process after so many further events, as often as there are numbers. */
async function adapt(killAfterEvents: readonly number[]) {
  const dataDirectory = temporaryDirectory();
  const db = openWithDevice(dataDirectory);
  const stop = new AbortController();
  const seed = buildZooNetwork('mobilenet-v3-tiny', OPTIONS);
  const worker = simulateWorker(db, { dataDirectory, seed, signal: stop.signal });
  let child = startOrchestrator(dataDirectory);
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([worker, kill(child)]);
    db.close();
  });
  const adaptations = new AdaptationRepository(db);
  const { id } = adaptations.create(completeAdaptation(REQUEST));
  const eventsReach = async (count: number): Promise<void> => {
    while (adaptations.events(id, count - 1).length === 0 && adaptations.get(id).status !== 'finished') {
      await delay(2);
    }
  };
  let seen = 0;
  for (const further of killAfterEvents) {
    await eventsReach(seen + further);
    await kill(child);
    seen = adaptations.events(id, 0).length;
    child = startOrchestrator(dataDirectory);
  }
  await eventsReach(Number.MAX_SAFE_INTEGER);
  const view = foldAdaptationView(adaptations.get(id), adaptations.events(id, 0));
  return { view, jobs: new JobRepository(db).list({ adaptationId: id, limit: 1000 }) };
}

function decisionsOf({ iterations, final, baselines, budgetMs }: AdaptationView) {
  return { iterations, final, baselines, budgetMs };
}

it('comes to the same decisions after kill -9 of its process, and does no job twice', async () => {
  const uncut = await adapt([]);
  const cut = await adapt([1, 3, 5, 4, 2]);
  expect(uncut.view.status).toBe('finished');
  expect(cut.view.status).toBe('finished');
  expect(decisionsOf(cut.view)).toEqual(decisionsOf(uncut.view));
  const trainings = (jobs: typeof cut.jobs): number => jobs.filter(({ kind }) => kind === 'train').length;
  expect(trainings(cut.jobs)).toBe(trainings(uncut.jobs));
});

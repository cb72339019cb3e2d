import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { AdaptationView } from '../../contracts/adaptation.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { isAlive } from '../serve/processes.js';
import { BLOBS_DEVICE, blobsRequest, submitAdaptation, untilEnded } from './blobs-adaptation.js';
import { writeBlobsDataset } from './blobs-dataset.js';
import { type JobInFlight, RunLedger, type TimeSpan } from './run-ledger.js';
import { type Part, RunningService } from './running-service.js';

/** A kill -9 while a job of this kind is under way that no earlier one has hit, after so many iterations. */
interface Strike {
  readonly part: Part | 'serve' | 'everything';
  readonly amid: JobInFlight['kind'];
  readonly afterIterations: number;
}

const STRIKES: readonly Strike[] = [
  { part: 'training child', amid: 'train', afterIterations: 0 },
  { part: 'measuring child', amid: 'measure', afterIterations: 0 },
  { part: 'worker', amid: 'measure', afterIterations: 0 },
  { part: 'api', amid: 'train', afterIterations: 0 },
  { part: 'trainer', amid: 'train', afterIterations: 0 },
  { part: 'orchestrator', amid: 'train', afterIterations: 1 },
  { part: 'serve', amid: 'train', afterIterations: 2 },
  { part: 'everything', amid: 'train', afterIterations: 3 },
];

const POLL_MS = 3;

/** From before the blow until all that dies of it is dead. */
interface Kill extends TimeSpan {
  readonly part: Strike['part'];
}

interface Run {
  readonly view: AdaptationView;
  readonly ledger: RunLedger;
  readonly kills: readonly Kill[];
}

/** Runs the adaptation on a data directory of its own, with these kills in turn. */
async function adapt(images: string, strikes: readonly Strike[]): Promise<Run> {
  const dataDirectory = temporaryDirectory();
  let service = await RunningService.start(dataDirectory, BLOBS_DEVICE);
  const ledger = new RunLedger(dataDirectory);
  onTestFinished(async () => {
    await service.stop();
    ledger.close();
  });
  const seen = new Set<number>();
  const look = () => {
    for (const { pid } of service.processes()) seen.add(pid);
  };
  const id = await submitAdaptation(service.url, blobsRequest(images));
  const kills: Kill[] = [];
  for (const strike of strikes) {
    const blow = async ({ workerPid }: JobInFlight): Promise<boolean> => {
      look();
      const { part } = strike;
      if (part !== 'serve' && part !== 'everything') return service.killPart(part, workerPid);
      const orphans = service.processes();
      await (part === 'serve' ? service.killAlone() : service.killWhole());
      service = await RunningService.start(dataDirectory, BLOBS_DEVICE);
      while (orphans.some(({ pid }) => isAlive(pid))) await sleep(POLL_MS);
      return true;
    };
    kills.push(await strikeInTime(strike, ledger, kills, blow));
  }
  const view = await untilEnded(service.url, id);
  look();
  await service.stop();
  expect([...seen].filter(isAlive)).toEqual([]);
  return { view, ledger, kills };
}

/**
 * Strikes while a worker has a job of the kind in its hands.
 * @param blow whether there was something to kill: a job's child comes after its lease and goes before its end
 */
async function strikeInTime(
  { part, amid, afterIterations }: Strike,
  ledger: RunLedger,
  kills: readonly Kill[],
  blow: (job: JobInFlight) => Promise<boolean>,
): Promise<Kill> {
  for (;;) {
    const fromMs = Date.now();
    const job = ledger.inFlight().find(({ id, kind }) => kind === amid && !ledger.wasHeld(id, kills));
    if (job !== undefined && ledger.iterations() >= afterIterations && (await blow(job)))
      return { part, fromMs, untilMs: Date.now() };
    if (ledger.runEnded()) throw new Error(`the run ended before its ${part} could be killed`);
    await sleep(POLL_MS);
  }
}

function decisionsOf({ status, seed, iterations, final, baselines, budgetMs, budgetMet }: AdaptationView) {
  return { status, seed, iterations, final, baselines, budgetMs, budgetMet };
}

function expectOrder({ ledger, kills }: Run): void {
  const seqs = ledger.eventSeqs();
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  expect(ledger.outcomes()).toEqual([{ status: 'finished', outcome: 'ok' }]);
  expect(ledger.jobsWithoutOneEnd()).toEqual([]);
  expect(ledger.jobsWithTwoSessions()).toEqual([]);
  expect(ledger.subjectsMeasuredTwice()).toEqual([]);
  expect(ledger.opsMeasuredTwice()).toEqual([]);
  const unstruck = ledger.repeatedJobs().filter((id) => !ledger.wasHeld(id, kills));
  expect(unstruck.map((id) => ledger.story(id))).toEqual([]);
  expect(ledger.queued()).toBe(0);
  expect(ledger.damage()).toEqual([]);
}

it('decides the same when each of its processes is killed in turn, and loses only work in flight', {
  timeout: 400_000,
}, async () => {
  const images = join(temporaryDirectory(), 'blobs');
  writeBlobsDataset(images, { train: 1500, test: 200 });

  const undisturbed = await adapt(images, []);
  expect(undisturbed.view.status).toBe('finished');
  expect(undisturbed.view.iterations.length).toBeGreaterThan(3);
  expect(undisturbed.ledger.repeatedJobs()).toEqual([]);
  expectOrder(undisturbed);

  const disturbed = await adapt(images, STRIKES);
  expect(disturbed.kills.map(({ part }) => part)).toEqual(STRIKES.map(({ part }) => part));
  expect(decisionsOf(disturbed.view)).toEqual(decisionsOf(undisturbed.view));
  expect(disturbed.ledger.trainings()).toBe(undisturbed.ledger.trainings());
  expect(disturbed.ledger.repeatedJobs().length).toBeGreaterThanOrEqual(4);
  expectOrder(disturbed);
});

import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { BlobStore } from '../../db/blob-store.js';
import { LatencyTableCache } from '../../db/load-latency-table.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { foldAdaptationView } from '../../services/netadapt/adaptation-view.js';
import { orchestrate } from '../../services/netadapt/orchestrate.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import type { SimulatedDevice } from './simulated-device.js';
import { openWithDevice, type SimulatedWorkerOptions, simulateWorker } from './simulated-worker.js';

const OPTIONS = { width: 1.5 };
export const SEED = buildZooNetwork('mobilenet-v3-tiny', OPTIONS);

export const REQUEST: AdaptationRequest = {
  device: 'local',
  candidate: { zoo: 'mobilenet-v3-tiny', options: OPTIONS },
  dataset: { kind: 'mnist' },
  budget: { ratio: 0.7 },
  initialReduction: 0.08,
};

/** Orchestrator and worker in this process, over a real database; both stop with the test. */
export function startAll(
  options: Partial<SimulatedWorkerOptions> = {},
  others: Readonly<Record<string, SimulatedDevice>> = {},
  {
    linked = (queue: JobQueue) => queue,
    logger = pino({ level: 'silent' }) as Logger,
    dataDirectory = temporaryDirectory(),
  } = {},
) {
  const db = openWithDevice(dataDirectory, ['local', ...Object.keys(others)]);
  const stop = new AbortController();
  const common = { dataDirectory, seed: SEED, signal: stop.signal };
  const workers = [
    simulateWorker(db, { ...common, ...options }),
    ...Object.entries(others).map(([name, simulated]) =>
      simulateWorker(db, { ...common, device: { name, simulated } }),
    ),
  ];
  const orchestratorDb = openDatabase(db.name);
  const queue = linked(new SqliteJobQueue(orchestratorDb));
  const orchestrator = startOrchestrator(orchestratorDb, dataDirectory, stop.signal, { queue, logger });
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([...workers, orchestrator]);
    orchestratorDb.close();
    db.close();
  });
  return {
    db,
    orchestratorDb,
    dataDirectory,
    adaptations: new AdaptationRepository(db),
    jobs: new JobRepository(db),
  };
}

export function startOrchestrator(
  db: Database,
  dataDirectory: string,
  signal: AbortSignal,
  { logger = pino({ level: 'silent' }) as Logger, queue = new SqliteJobQueue(db) as JobQueue } = {},
): Promise<void> {
  const context = {
    db,
    queue,
    blobs: new BlobStore(dataDirectory),
    tables: new LatencyTableCache(db),
    logger,
    pollMs: 5,
  };
  return orchestrate(context, { owner: 'test', leaseMs: 3_000, scanMs: 10 }, signal);
}

/** What an orchestrator says of its errors, line by line. */
export function listen() {
  const words: string[] = [];
  return { words, logger: pino({ level: 'error' }, { write: (line: string) => words.push(line) }) as Logger };
}

/** Takes every page that the file has: short rows still find room among their like, a job with a network does not. */
export function fillDatabase(db: Database): void {
  db.pragma('max_page_count = 1');
  const insert = db.prepare('INSERT INTO network (hash, document, created_at_ms) VALUES (?, ?, 0)');
  const fill = () => {
    for (let i = 0; ; i++) insert.run(`filler ${i}`, JSON.stringify('x'.repeat(3_900)));
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'SQLITE_FULL' }));
}

export async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen) return seen;
    await delay(5);
  }
}

export function viewOf(adaptations: AdaptationRepository, id: string) {
  return foldAdaptationView(adaptations.get(id), adaptations.events(id, 0));
}

const ENDED = ['finished', 'failed', 'cancelled'];

export async function ended(adaptations: AdaptationRepository, id: string) {
  await until(() => ENDED.includes(adaptations.get(id).status));
  return viewOf(adaptations, id);
}

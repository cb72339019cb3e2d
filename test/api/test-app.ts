import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import type { JobQueue } from '../../queue/job-queue.js';
import { openQueue } from '../../queue/open-queue.js';
import { type AppOptions, buildApp } from '../../services/api/app.js';
import { type SessionPlan, sessionReport } from '../db/session-report.js';

export interface TestApp {
  readonly app: FastifyInstance;
  readonly db: Database;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly directory: string;
  /** Sends a JSON body. */
  send(method: 'POST' | 'PUT', url: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  inject(options: InjectOptions): Promise<Answer>;
  /** Stores a session of the device, as a worker would. */
  commit(device: string, plan: SessionPlan): void;
  /** Rows of every table: what a refused request must leave as it was. */
  rowCounts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export type Answer = LightMyRequestResponse;

/**
 * The real app over a real database file, with the device `bench` registered.
 * @param redisUrl default: the embedded queue
 */
export async function startTestApp(redisUrl?: string, options: Partial<AppOptions> = {}): Promise<TestApp> {
  const directory = mkdtempSync(join(tmpdir(), 'lutra-api-'));
  const db = openDatabase(join(directory, 'lutra.db'));
  const opened = await openQueue(db, redisUrl, () => undefined);
  const { queue } = opened;
  const blobs = new BlobStore(directory);
  const app = await buildApp({ db, queue, blobs, version: '1.2.3', ...options });
  app.addHook('preSerialization', async (request, reply, payload) => {
    const { schema } = request.routeOptions;
    if (schema?.hide !== true) holdToSchema(schema?.response, reply.statusCode, payload);
    return payload;
  });
  let closed = false;
  new DeviceRepository(db).register({ name: 'bench', runtime: 'fake', options: { threads: 1 } });
  return {
    app,
    db,
    queue,
    blobs,
    directory,
    send: (method, url, body, headers = {}) =>
      app.inject({
        method,
        url,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (url, headers = {}) => app.inject({ method: 'GET', url, headers }),
    inject: (options) => app.inject(options),
    commit: (deviceName, plan) => {
      new MeasurementRepository(db).commitSession({ deviceName, jobId: null, report: sessionReport(plan) });
    },
    rowCounts: () => rowCounts(db),
    close: async () => {
      if (closed) return;
      closed = true;
      await app.close();
      await opened.close();
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Every answer of every test is what the OpenAPI document says of it. @throws Error, which the api answers with 500 */
function holdToSchema(responses: unknown, status: number, payload: unknown): void {
  const schema = (responses as Readonly<Record<string, TSchema>> | undefined)?.[String(status)];
  if (schema === undefined) throw new Error(`no schema for an answer with ${status}`);
  const problems = Value.Errors(schema, payload);
  if (problems.length > 0) throw new Error(`the answer breaks its schema: ${JSON.stringify(problems)}`);
}

function rowCounts(db: Database): Readonly<Record<string, number>> {
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return Object.fromEntries(
    tables.map((table) => [table, db.prepare<[], number>(`SELECT count(*) FROM "${table}"`).pluck().get()!]),
  );
}

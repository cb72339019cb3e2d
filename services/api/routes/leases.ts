import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import {
  LeaseEnd,
  LeaseRenewal,
  LeaseRequest,
  LeaseResult,
  LeaseState,
  LeaseView,
} from '../../../contracts/http/lease.js';
import { Problem } from '../../../contracts/http/problem.js';
import type { DatasetSpec, JobOutcome } from '../../../contracts/job.js';
import { LutraError } from '../../../core/errors.js';
import { databaseError } from '../../../db/database-error.js';
import type { Lease } from '../../../queue/job-queue.js';
import type { Capabilities } from '../../lease/capabilities.js';
import { holdReportToJob } from '../../lease/hold-report-to-job.js';
import { holdToDevice } from '../../lease/hold-to-device.js';
import { leaseId, parseLeaseId } from '../../lease/lease-id.js';
import type { LeasedWork } from '../../lease/lease-source.js';
import { LocalLeaseSource } from '../../lease/local-lease-source.js';
import { noiseCheckInterval } from '../../lease/noise-check.js';
import { opsToMeasure } from '../../lease/ops-to-measure.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { requireDevice } from '../security/require-device.js';
import { untilWritable } from '../write-gate.js';

const DEFAULT_LEASE_MS = 10_000;
/** While a caller waits, the queue is looked at this often. */
const LOOK_EVERY_MS = 40;
/** Raw samples of a session: a large network with all its ops is some megabytes. */
const REPORT_LIMIT_BYTES = 32 * 2 ** 20;

const LeaseId = Type.Object({ id: Type.String({ maxLength: 80 }) });

type IdxDataset = Extract<DatasetSpec, { kind: 'idx' }>;

/** What the routes need of a lease: everything else stands in the job's row. */
interface HeldLease {
  readonly lease: Lease;
  readonly source: LocalLeaseSource;
  readonly leaseMs: number;
}

/** Work over HTTP: the lease contract of `services/lease/lease-source.ts`. `contracts/http/lease.ts` says how to use it. */
export function leaseRoutes(api: Api, context: ApiContext): void {
  const { db, queue, blobs, devices, jobs } = context;
  const sourceOf = (worker: string, capabilities: Capabilities, leaseMs: number) =>
    new LocalLeaseSource({
      db,
      queue,
      blobs,
      worker,
      capabilities,
      leaseMs,
      ...noiseCheckInterval(),
    });

  /** @throws LutraError `lease-lost` for a lease that this job never had */
  const heldLease = (request: FastifyRequest, id: string): HeldLease => {
    const named = parseLeaseId(id);
    const job = named === null ? undefined : jobs.find(named.jobId);
    if (named === null || job === undefined) throw lost();
    if (job.device !== null) requireDevice(request.principal, job.device);
    const { leaseMs, ...lease } = named;
    return {
      lease: { ...lease, queue: job.queue, attempt: job.attempts, expiresAtMs: 0 },
      source: sourceOf(job.worker ?? '', { device: job.device, hasDataset: null }, leaseMs),
      leaseMs,
    };
  };

  api.post(
    '/leases',
    {
      // Looks before it writes, for as long as it waits.
      config: { scope: 'device', writes: false },
      schema: {
        tags: ['leases'],
        summary: 'Ask for work, and wait for it if need be',
        description: '204: there was none. The lease ends `leaseMs` after its last renewal.',
        body: LeaseRequest,
        response: { 200: LeaseView, 204: Type.Null(), '4xx': Problem },
      },
    },
    async (request, reply): Promise<LeaseView | null> => {
      const { worker, device = null, datasets = [], trainers, waitMs = 0 } = request.body;
      const { leaseMs = DEFAULT_LEASE_MS } = request.body;
      if (device === null && datasets.length === 0) {
        throw new LutraError('invalid-request', '/device: expected a device, or data sets to train on', {
          pointer: '/device',
        });
      }
      // A token of one device does not train.
      requireDevice(request.principal, device ?? '');
      if (device !== null) requireKnown(device);
      const hasDataset = datasets.length === 0 ? null : offers(datasets);
      const source = sourceOf(
        worker,
        { device, hasDataset, ...(trainers && { engines: trainers }) },
        leaseMs,
      );
      const claim = async () => {
        try {
          return await source.claim();
        } catch (error) {
          if (databaseError(error)?.code !== 'database-busy') throw error;
          await untilWritable(db);
          return null;
        }
      };
      const work = await claimWithin(claim, waitMs, () => reply.raw.destroyed || context.closing.aborted);
      if (work === null) return reply.code(204).send(null);
      if (reply.raw.destroyed) {
        // Whoever asked has gone: nobody will do it.
        await source.release(work.lease);
        return reply.code(204).send(null);
      }
      return leaseView(work, leaseMs);
    },
  );

  api.put(
    '/leases/:id',
    {
      config: { scope: 'device' },
      schema: {
        tags: ['leases'],
        summary: 'Renew a lease and tell how far the work is',
        params: LeaseId,
        body: LeaseRenewal,
        response: { 200: LeaseState, '4xx': Problem },
      },
    },
    async (request): Promise<LeaseState> => {
      const { lease, source, leaseMs } = heldLease(request, request.params.id);
      const state = await source.heartbeat(lease, request.body.progress);
      if (state === 'lost') throw lost();
      return { state, leaseMs };
    },
  );

  api.post(
    '/leases/:id/result',
    {
      bodyLimit: REPORT_LIMIT_BYTES,
      config: { scope: 'device' },
      schema: {
        tags: ['leases'],
        summary: 'Hand in how the work ended',
        description: 'A result that is sent twice counts once.',
        params: LeaseId,
        body: LeaseResult,
        response: { 200: LeaseEnd, '4xx': Problem },
      },
    },
    async (request): Promise<LeaseEnd> => {
      const { lease, source } = heldLease(request, request.params.id);
      const answer = await handIn(source, lease, request.body);
      if (answer === 'lost') throw lost();
      return { answer };
    },
  );

  api.delete(
    '/leases/:id',
    {
      config: { scope: 'device' },
      schema: {
        tags: ['leases'],
        summary: 'Hand unfinished work back unharmed',
        params: LeaseId,
        response: { 204: Type.Null(), '4xx': Problem },
      },
    },
    async (request, reply): Promise<null> => {
      const { lease, source } = heldLease(request, request.params.id);
      await source.release(lease);
      return reply.code(204).send(null);
    },
  );

  function requireKnown(device: string): void {
    if (devices.find(device) === undefined) {
      throw new LutraError('unknown-device', `no device named '${device}' is registered`, {
        pointer: '/device',
      });
    }
  }

  async function handIn(
    source: LocalLeaseSource,
    lease: Lease,
    body: LeaseResult,
  ): Promise<'committed' | 'retried' | 'lost'> {
    switch (body.kind) {
      case 'cancelled':
        return source.cancelled(lease);
      case 'failure': {
        const { outcome, message, retry } = body;
        return source.fail(lease, { outcome: failureOutcome(outcome), message, retry });
      }
      case 'train':
        return source.complete(lease, { kind: 'train', result: body.result });
      case 'measure': {
        const { payload, device: name, status } = jobs.get(lease.jobId);
        if (payload.kind !== 'measure' || name === null) throw wrongKind();
        const device = devices.get(name);
        holdToDevice(body.report.environment, device, '/report/environment');
        // What is sent once more was held to the table as it stood before.
        const ops = status === 'finished' ? [] : opsToMeasure(db, payload, device.environmentId);
        const report = holdReportToJob(body.report, payload, ops);
        return source.complete(lease, { kind: 'measure', report });
      }
    }
  }
}

async function claimWithin(
  claim: () => Promise<LeasedWork | null>,
  waitMs: number,
  isGivenUp: () => boolean,
): Promise<LeasedWork | null> {
  const until = performance.now() + waitMs;
  for (;;) {
    const work = await claim();
    if (work !== null || performance.now() >= until || isGivenUp()) return work;
    await sleep(LOOK_EVERY_MS);
  }
}

function leaseView(work: LeasedWork, leaseMs: number): LeaseView {
  const { jobId, attempt } = work.lease;
  const leased = { id: leaseId({ ...work.lease, leaseMs }), jobId, attempt, leaseMs };
  return work.kind === 'measure'
    ? { ...leased, kind: work.kind, plan: work.plan }
    : { ...leased, kind: work.kind, payload: work.payload };
}

function offers(datasets: readonly DatasetSpec[]): (dataset: DatasetSpec) => boolean {
  return (asked) =>
    datasets.some((own) =>
      own.kind === 'idx' ? asked.kind === 'idx' && isSame(own, asked) : asked.kind === own.kind,
    );
}

/** By what it holds; by where it lies only for jobs of versions that did not look. */
function isSame(own: IdxDataset, asked: IdxDataset): boolean {
  return asked.sha256 === undefined ? own.directory === asked.directory : own.sha256 === asked.sha256;
}

function failureOutcome(outcome: JobOutcome): Exclude<JobOutcome, 'ok' | 'cancelled'> {
  if (outcome !== 'ok' && outcome !== 'cancelled') return outcome;
  throw new LutraError('invalid-request', `/outcome: a failure does not end as '${outcome}'`, {
    pointer: '/outcome',
  });
}

function wrongKind(): LutraError {
  return new LutraError('invalid-request', '/kind: the job is not one of measuring', { pointer: '/kind' });
}

function lost(): LutraError {
  return new LutraError('lease-lost', 'the lease ended, or went to another worker; nothing was stored');
}

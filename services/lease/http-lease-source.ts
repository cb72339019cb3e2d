import { createHash } from 'node:crypto';
import {
  type LeaseEnd,
  type LeaseRequest,
  type LeaseResult,
  type LeaseState,
  type LeaseView,
  MAX_FAILURE_MESSAGE,
} from '../../contracts/http/lease.js';
import type { JobProgress } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { HeartbeatAnswer, Lease } from '../../queue/job-queue.js';
import type { ApiConnection } from './api-connection.js';
import type { LeasedWork, LeaseSource, WorkFailure, WorkReport } from './lease-source.js';

/** How long the api may keep a claim waiting for work; the worker shows that it is alive by asking again. */
const WAIT_MS = 10_000;

/** Work for a process that reaches nothing but the api. */
export class HttpLeaseSource implements LeaseSource {
  /** The api's names of the leases that are held now. */
  private readonly ids = new Map<string, string>();

  constructor(
    private readonly api: ApiConnection,
    private readonly request: Omit<LeaseRequest, 'waitMs'>,
    /** Ends a claim that waits. */
    private readonly stop: AbortSignal,
  ) {}

  async claim(): Promise<LeasedWork | null> {
    const { leaseMs } = this.request;
    const body = { ...this.request, waitMs: WAIT_MS };
    const view = await this.api.json<LeaseView | null>('POST', '/leases', {
      body,
      silenceMs: WAIT_MS + this.api.silenceMs,
      signal: this.stop,
    });
    if (view === null) return null;
    const [jobId = '', token = ''] = view.id.split('.');
    const lease: Lease = {
      jobId,
      token: Number(token),
      queue: '',
      attempt: view.attempt,
      expiresAtMs: Date.now() + (leaseMs ?? view.leaseMs),
    };
    this.ids.set(keyOf(lease), view.id);
    return view.kind === 'measure'
      ? { kind: 'measure', lease, plan: view.plan }
      : { kind: 'train', lease, payload: view.payload };
  }

  async heartbeat(lease: Lease, progress?: JobProgress): Promise<HeartbeatAnswer> {
    const body = progress === undefined ? {} : { progress };
    const state = await orLost(this.api.json<LeaseState>('PUT', this.path(lease), { body }));
    return state === 'lost' ? 'lost' : state.state;
  }

  async complete(lease: Lease, report: WorkReport): Promise<'committed' | 'lost'> {
    const end = await this.handIn(lease, report);
    return end === 'lost' ? 'lost' : 'committed';
  }

  async fail(lease: Lease, failure: WorkFailure): Promise<'committed' | 'retried' | 'lost'> {
    const message = failure.message.slice(0, MAX_FAILURE_MESSAGE);
    return this.handIn(lease, { kind: 'failure', ...failure, message });
  }

  async release(lease: Lease): Promise<void> {
    await this.api.json('DELETE', this.path(lease));
    this.ids.delete(keyOf(lease));
  }

  async cancelled(lease: Lease): Promise<'committed' | 'lost'> {
    const end = await this.handIn(lease, { kind: 'cancelled' });
    return end === 'lost' ? 'lost' : 'committed';
  }

  /** Verified on arrival: a damaged copy is an error, never weights. */
  async readBlob(sha256: string): Promise<Uint8Array> {
    const bytes = await this.api.bytes(`/blobs/${sha256}`);
    const actual = hashOf(bytes);
    if (actual === sha256) return bytes;
    throw new LutraError('internal', `blob ${sha256} arrived as ${actual}`);
  }

  async writeBlob(bytes: Uint8Array): Promise<string> {
    const sha256 = hashOf(bytes);
    await this.api.json('PUT', `/blobs/${sha256}`, { bytes });
    return sha256;
  }

  private async handIn(lease: Lease, result: LeaseResult): Promise<'committed' | 'retried' | 'lost'> {
    const path = `${this.path(lease)}/result`;
    const end = await orLost(this.api.json<LeaseEnd>('POST', path, { body: result }));
    this.ids.delete(keyOf(lease));
    return end === 'lost' ? 'lost' : end.answer;
  }

  private path(lease: Lease): string {
    const id = this.ids.get(keyOf(lease));
    if (id === undefined) throw new LutraError('lease-lost', `job ${lease.jobId} is not held here`);
    return `/leases/${id}`;
  }
}

function keyOf({ jobId, token }: Lease): string {
  return `${jobId}.${token}`;
}

async function orLost<T>(answer: Promise<T>): Promise<T | 'lost'> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof LutraError && error.code === 'lease-lost') return 'lost';
    throw error;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

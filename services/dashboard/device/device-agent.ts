import { signal } from '@preact/signals';
import type { Environment } from '../../../contracts/environment.js';
import type { LeaseResult, LeaseState, LeaseView } from '../../../contracts/http/lease.js';
import type { JobProgress } from '../../../contracts/job.js';
import { ApiProblem } from '../api/client.js';
import { type Credentials, storeCredentials } from './credentials.js';
import { DeviceApi } from './device-api.js';
import { describe, measureInWorker } from './measure-in-worker.js';
import { becomeOnlyTab } from './only-tab.js';
import { WEB_RUNTIMES } from './worker-message.js';

export type AgentState =
  | 'starting'
  | 'waiting'
  | 'measuring'
  /** The page is hidden: browsers slow such pages down, so nothing is measured. */
  | 'hidden'
  | 'offline'
  | 'another-tab'
  /** The token is not accepted any more. */
  | 'refused'
  | 'broken';

export interface Work {
  readonly jobId: string;
  readonly progress: JobProgress;
  readonly graphId: string;
}

export interface EndedWork {
  readonly jobId: string;
  readonly atMs: number;
  readonly end: 'handed in' | 'given back' | 'lost' | 'cancelled' | 'failed';
}

export const agentState = signal<AgentState>('starting');
export const agentMessage = signal('');
export const agentEnvironment = signal<Environment | null>(null);
export const currentWork = signal<Work | null>(null);
export const endedWork = signal<readonly EndedWork[]>([]);

const WAIT_MS = 10_000;
const LEASE_MS = 9_000;
const AGAIN_MS = 1_000;

/** Why a measurement was ended early. */
type Stop = 'hidden' | 'lost' | 'cancelled';

/** Makes this tab the device: asks for work, measures it, hands it in, until the tab is closed. */
export async function runAgent(credentials: Credentials): Promise<void> {
  if (!(await becomeOnlyTab())) {
    agentState.value = 'another-tab';
    return;
  }
  const agent = new DeviceAgent(credentials);
  addEventListener('pagehide', () => agent.leave());
  try {
    await agent.run();
  } catch (error) {
    agentMessage.value = error instanceof Error ? error.message : String(error);
    const isRefused = error instanceof ApiProblem && [401, 403].includes(error.problem.status);
    if (isRefused) storeCredentials(null);
    agentState.value = isRefused ? 'refused' : 'broken';
  }
}

class DeviceAgent {
  private readonly api: DeviceApi;
  private leaseId: string | null = null;

  constructor(private readonly credentials: Credentials) {
    this.api = new DeviceApi(credentials.token);
  }

  async run(): Promise<never> {
    await untilVisible();
    await this.introduce();
    for (;;) {
      await untilVisible();
      agentState.value = 'waiting';
      const lease = await this.nextLease();
      if (lease !== null) await this.work(lease);
    }
  }

  /** The page goes away: what it holds is handed back, by a request that outlives it. */
  leave(): void {
    if (this.leaseId === null) return;
    void this.api.send('DELETE', `/leases/${this.leaseId}`, { keepalive: true });
    this.leaseId = null;
  }

  /** Registers the device and says what it is, at every start: another browser version is another environment. */
  private async introduce(): Promise<void> {
    const { device, runtime, threads } = this.credentials;
    const environment = await describe({ runtime, threads });
    agentEnvironment.value = environment;
    const name = WEB_RUNTIMES.find(({ id }) => id === runtime)!.runtime;
    await insist(() => this.api.send('POST', '/devices', { body: { name: device, runtime: name, threads } }));
    const path = `/devices/${encodeURIComponent(device)}/environment`;
    await insist(() => this.api.send('PUT', path, { body: environment }));
  }

  private async nextLease(): Promise<LeaseView | null> {
    const hidden = whenHidden();
    const body = { worker: 'browser', device: this.credentials.device, waitMs: WAIT_MS, leaseMs: LEASE_MS };
    try {
      return await this.api.send<LeaseView>('POST', '/leases', { body, signal: hidden.signal });
    } catch (error) {
      if (hidden.signal.aborted) return null;
      if (error instanceof ApiProblem && !error.problem.retryable) throw error;
      agentState.value = 'offline';
      await pause(AGAIN_MS);
      return null;
    } finally {
      hidden.end();
    }
  }

  private async work(lease: LeaseView): Promise<void> {
    const { id, jobId } = lease;
    if (lease.kind !== 'measure') {
      await this.api.send('DELETE', `/leases/${id}`);
      return;
    }
    this.leaseId = id;
    agentState.value = 'measuring';
    currentWork.value = { jobId, progress: { done: 0, total: 0 }, graphId: '' };
    const hidden = whenHidden();
    const stop = new AbortController();
    hidden.signal.addEventListener('abort', () => stop.abort('hidden' satisfies Stop));
    const renewal = this.keepRenewing(id, lease.leaseMs, stop);
    try {
      const { runtime, threads } = this.credentials;
      const report = await measureInWorker(
        { runtime, threads },
        lease.plan,
        stop.signal,
        (progress, graphId) => {
          currentWork.value = { jobId, progress, graphId };
        },
      );
      const handedIn = await this.handIn(id, { kind: 'measure', report });
      note(jobId, handedIn ? 'handed in' : 'lost');
    } catch (error) {
      note(jobId, await this.giveUp(id, stop.signal.aborted ? (stop.signal.reason as Stop) : null, error));
    } finally {
      renewal.end();
      hidden.end();
      this.leaseId = null;
      currentWork.value = null;
    }
  }

  /** @returns how it ended */
  private async giveUp(id: string, stop: Stop | null, error: unknown): Promise<EndedWork['end']> {
    switch (stop) {
      case 'lost':
        return 'lost';
      case 'cancelled':
        await this.handIn(id, { kind: 'cancelled' });
        return 'cancelled';
      case 'hidden':
        // Should the request fail, the lease runs out by itself.
        await this.api.send('DELETE', `/leases/${id}`, { keepalive: true }).catch(() => undefined);
        return 'given back';
      case null: {
        const message = error instanceof Error ? error.message : String(error);
        await this.handIn(id, {
          kind: 'failure',
          outcome: 'crashed',
          message: message.slice(0, 2000),
          retry: true,
        });
        return 'failed';
      }
    }
  }

  private keepRenewing(id: string, leaseMs: number, stop: AbortController): { end(): void } {
    const timer = setInterval(async () => {
      const progress = currentWork.value?.progress;
      try {
        const state = await this.api.send<LeaseState>('PUT', `/leases/${id}`, {
          body: progress === undefined || progress.total === 0 ? {} : { progress },
        });
        if (state?.state === 'cancelled') stop.abort('cancelled' satisfies Stop);
        agentState.value = 'measuring';
      } catch (error) {
        if (error instanceof ApiProblem && !error.problem.retryable) stop.abort('lost' satisfies Stop);
        else agentState.value = 'offline';
      }
    }, leaseMs / 3);
    return { end: () => clearInterval(timer) };
  }

  /** Sends a result until there is an answer: the api counts it once. @returns false: the work is another's now */
  private async handIn(id: string, result: LeaseResult): Promise<boolean> {
    try {
      await insist(() => this.api.send('POST', `/leases/${id}/result`, { body: result }));
      return true;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.code === 'lease-lost') return false;
      throw error;
    }
  }
}

function note(jobId: string, end: EndedWork['end']): void {
  endedWork.value = [{ jobId, atMs: Date.now(), end }, ...endedWork.value].slice(0, 20);
}

/** Tries again for as long as the api cannot be reached. @throws ApiProblem that will not pass */
async function insist<T>(request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ApiProblem && !error.problem.retryable) throw error;
      agentState.value = 'offline';
      await pause(AGAIN_MS);
    }
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function untilVisible(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  agentState.value = 'hidden';
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
  });
}

/** A signal that is aborted as soon as the page is hidden; `end` stops listening. */
function whenHidden(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const look = () => {
    if (document.hidden) controller.abort();
  };
  document.addEventListener('visibilitychange', look);
  look();
  return { signal: controller.signal, end: () => document.removeEventListener('visibilitychange', look) };
}

import { expect } from 'vitest';
import type { LeaseView } from '../../contracts/http/lease.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { carryOut, measureJob } from '../lease/lease-world.js';
import type { TestApp } from './test-app.js';

export type MeasuringLease = Extract<LeaseView, { kind: 'measure' }>;

export const DENSE = 'dense:64>10:f32';
export const POOL = 'globalAvgPool:7x7x64:f32';

/** What a worker of the device `bench` says to the api. @param app of the test that runs */
export function leaseDesk(app: () => TestApp) {
  const ask = async (more: object = {}) =>
    app().send('POST', '/leases', { worker: 'board', device: 'bench', leaseMs: 1_000, ...more });
  const lease = async (more: object = {}): Promise<LeaseView> => {
    const answer = await ask(more);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  return {
    submit: (ops: readonly string[] = [DENSE]) =>
      submitJob(app().db, app().queue, measureJob({ device: 'bench', ops: [...ops], remeasure: true })),
    ask,
    lease,
    measuring: async (more: object = {}): Promise<MeasuringLease> => {
      const view = await lease(more);
      if (view.kind !== 'measure') throw new Error('not a measure job');
      return view;
    },
    handIn: (id: string, body: unknown) => app().send('POST', `/leases/${id}/result`, body),
    report: ({ plan }: MeasuringLease) => ({ kind: 'measure', report: carryOut(plan) }),
    job: (id: string) => new JobRepository(app().db).get(id),
  };
}

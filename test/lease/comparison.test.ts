import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView } from '../../contracts/http/job-view.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { holdReportToJob } from '../../services/lease/hold-report-to-job.js';
import { LocalLeaseSource } from '../../services/lease/local-lease-source.js';
import { startTestApp, type TestApp } from '../api/test-app.js';

// From dist/: the supervisor starts its child beside itself.
const { superviseSession } = (await import(
  new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/supervise-session.js');

const A = { zoo: 'mobilenet-v3-tiny' };
const B = { zoo: 'mobilenet-v3-tiny', options: { width: 1.5 } };
const SLOW = contentHash(buildZooNetwork('mobilenet-v3-tiny', { width: 1.5 }));

let t: TestApp;
let source: LocalLeaseSource;
beforeAll(async () => {
  t = await startTestApp();
  new DeviceRepository(t.db).register({
    name: 'bench',
    runtime: 'fake',
    options: {
      threads: 1,
      dtype: 'float32',
      runtimeOptions: {
        opFixedNs: 0,
        macsPerNs: 1e12,
        elementsPerNs: 1e12,
        networkFactor: 1,
        networkOverheadNs: 1e6,
        rules: [{ match: `network:${SLOW}`, behaviour: 'slow', slowdown: 1.1 }],
      },
    },
  });
  source = new LocalLeaseSource({
    db: t.db,
    queue: t.queue,
    blobs: t.blobs,
    worker: 'w',
    capabilities: { device: 'bench', hasDataset: null },
    leaseMs: 60_000,
  });
});
afterAll(() => t.close());

/** Asks over HTTP, measures in real children, hands in, and reads the answer over HTTP. */
async function compare(a: object, b: object): Promise<JobView> {
  const { job } = (await t.send('POST', '/comparisons', { device: 'bench', a, b })).json<{ job: JobView }>();
  const work = (await source.claim())!;
  if (work.kind !== 'measure') throw new Error('a measure job');
  const report = await superviseSession(work.plan, { cores: null, signal: new AbortController().signal });
  const payload = new JobRepository(t.db).get(job.id).payload;
  if (payload.kind !== 'measure') throw new Error('a measure job');
  const held = holdReportToJob(report, payload, []);
  expect(await source.complete(work.lease, { kind: 'measure', report: held })).toBe('committed');
  return (await t.get(`/jobs/${job.id}`)).json<JobView>();
}

describe('a comparison, from the request to its answer', () => {
  it('finds the slower network, with a ratio that is exact', async () => {
    const job = await compare(A, B);
    expect(job).toMatchObject({
      status: 'finished',
      outcome: 'ok',
      result: { comparison: { answer: 'slower' } },
    });
    const comparison = job.result?.kind === 'measure' ? job.result.comparison! : null;
    expect(comparison?.ratio).toBeCloseTo(1.1, 9);
    expect(comparison).toMatchObject({ processes: 3, noiseFloor: null });
  });

  it('of a network with itself is the same, and its session replays', async () => {
    const job = await compare(A, A);
    expect(job.result).toMatchObject({ comparison: { answer: 'same', ratio: 1 } });
    const sessionId = job.result?.kind === 'measure' ? job.result.sessionId : null;
    const session = (await t.get(`/sessions/${sessionId}`)).json<{ replaysToTheSame: boolean }>();
    expect(session.replaysToTheSame).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import type { MeasureAccepted } from '../../contracts/http/measure.js';
import type { MeasurePayload } from '../../contracts/job.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { type SessionPlan, sessionReport } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const WIDTHS = [1, 2, 3];
const NETWORKS = WIDTHS.map((width) => buildZooNetwork('mobilenet-v3-tiny', { width }));
const KEYS = NETWORKS.map((network) => fuse(network).map(({ key }) => key));
const OP_NS = 10_000;

async function heldOutJob(body: object = {}): Promise<string> {
  const candidates = WIDTHS.map((width) => ({ zoo: 'mobilenet-v3-tiny', options: { width } }));
  const answer = await t.send('POST', '/measure', {
    device: 'bench',
    candidates,
    purpose: 'held-out',
    ...body,
  });
  expect(answer.statusCode).toBe(202);
  return answer.json<MeasureAccepted>().job.id;
}

function commit(
  jobId: string | null,
  plan: SessionPlan,
  purpose: 'calibration' | 'held-out' = 'calibration',
): void {
  new MeasurementRepository(t.db).commitSession({
    deviceName: 'bench',
    jobId,
    report: sessionReport(plan),
    purpose,
  });
}

/** All networks, each `scale` times its sum of ops. */
const measured = (scale: number): SessionPlan => ({
  networks: NETWORKS.map((network, i) => ({ network, latencyNs: scale * OP_NS * KEYS[i]!.length })),
});

describe('POST /fidelity-reports', () => {
  it('judges a table by what held-out jobs measured, without what they measured', async () => {
    const jobs = [await heldOutJob(), await heldOutJob()];
    // All three calibrate with 1.1, which must not count when they judge.
    commit(null, { ops: Object.fromEntries(KEYS.flat().map((key) => [key, OP_NS])), ...measured(1.1) });
    commit(jobs[0]!, measured(1.26), 'held-out');
    commit(jobs[1]!, measured(1.2), 'held-out');
    const answer = await t.send('POST', '/fidelity-reports', { device: 'bench', family: 'tiny', jobs });
    expect(answer.statusCode).toBe(201);
    const report = answer.json();
    // Uncalibrated without the three: 1 against a mean of 1.23.
    expect(report).toMatchObject({
      device: 'bench',
      target: 'steady',
      family: 'tiny',
      calibrated: { networks: 3, meanAbsoluteError: expect.closeTo(0.23 / 1.23, 6), kendallTau: null },
      repeated: { networks: 3, meanDeviation: expect.closeTo(0.05, 6) },
      incomplete: 0,
    });
    const table = (await t.get('/latency-table?device=bench')).json<LatencyTableView>();
    expect(table.fidelity).toEqual(report);
    expect(table.calibration).toMatchObject({ networks: 3, scale: expect.closeTo(1.1, 6) });
    const device = (await t.get('/devices/bench')).json<DeviceView>();
    expect(device.fidelity).toEqual({ steady: report, cold: null });
  });

  it('refuses jobs that measured nothing to judge by', async () => {
    const answer = await t.send('POST', '/fidelity-reports', {
      device: 'bench',
      family: 'tiny',
      jobs: [await heldOutJob()],
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', pointer: '/jobs' });
  });
});

describe('POST /measure', () => {
  it('takes several networks, single ops, a target and a purpose into one job', async () => {
    const key = 'dense:1280>1000:f32';
    const id = await heldOutJob({ ops: [key], target: 'cold' });
    const payload = new JobRepository(t.db).get(id).payload as MeasurePayload;
    expect(payload).toMatchObject({ target: 'cold', purpose: 'held-out' });
    expect(payload.networks).toHaveLength(3);
    expect(new Set(payload.ops)).toEqual(new Set([...KEYS.flat(), key]));
  });

  it.each([
    [{}, '/candidate', 'invalid-request'],
    [{ ops: ['conv9d:what'] }, '/ops/0', 'invalid-op-key'],
    [{ candidates: [{ zoo: 'none' }] }, '/candidates/0/zoo', 'unknown-zoo-network'],
    [{ ops: ['dense:1>1:f32'], target: 'warm' }, '/target', 'invalid-request'],
  ])('refuses %j', async (body, pointer, code) => {
    const answer = await t.send('POST', '/measure', { device: 'bench', ...body });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.json()).toMatchObject({ code, pointer });
  });
});

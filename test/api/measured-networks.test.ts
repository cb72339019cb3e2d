import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MeasuredNetworks } from '../../contracts/http/measured-networks.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { type SessionPlan, sessionReport } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const [narrow, wide] = [1, 2].map((width) => buildZooNetwork('mobilenet-v3-tiny', { width })) as [
  Network,
  Network,
];
const OPS = Object.fromEntries(fuse(narrow).map(({ key }) => [key, 10_000]));

function commit(plan: SessionPlan, purpose: 'calibration' | 'held-out' = 'calibration'): void {
  const report = sessionReport(plan);
  new MeasurementRepository(t.db).commitSession({ deviceName: 'bench', jobId: null, report, purpose });
}

const list = async (query = '') =>
  (await t.get(`/latency-table/networks?device=bench${query}`)).json<MeasuredNetworks>().networks;

it('a network that was held out does not calibrate; measured to calibrate as well, it does', async () => {
  commit({ ops: OPS, networks: [{ network: narrow, latencyNs: 500_000 }] }, 'held-out');
  expect(await list()).toMatchObject([
    { networkHash: contentHash(narrow), measuredMs: 0.5, measurements: 1, calibrates: false },
  ]);
  commit({ networks: [{ network: narrow, latencyNs: 600_000 }] });
  expect(await list()).toMatchObject([{ measuredMs: 0.55, measurements: 2, calibrates: true }]);
});

it('neither does one with an op that was not measured itself', async () => {
  commit({ ops: OPS, networks: [{ network: wide, latencyNs: 500_000 }] });
  expect(await list()).toMatchObject([{ networkHash: contentHash(wide), calibrates: false }]);
});

it('targets do not mix, and the network that was measured last stands last', async () => {
  commit({ networks: [{ network: narrow, latencyNs: 500_000 }] });
  commit({ networks: [{ network: wide, latencyNs: 700_000 }] });
  commit({ networks: [{ network: narrow, latencyNs: 900_000, target: 'cold' }] });
  expect((await list()).map(({ measuredMs }) => measuredMs)).toEqual([0.5, 0.7]);
  expect((await list('&target=cold')).map(({ measuredMs }) => measuredMs)).toEqual([0.9]);
  commit({ networks: [{ network: narrow, latencyNs: 500_000 }] });
  expect((await list()).map(({ measuredMs }) => measuredMs)).toEqual([0.7, 0.5]);
});

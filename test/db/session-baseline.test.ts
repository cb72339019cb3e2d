import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { sessionBaseline } from '../../db/repositories/session-baseline.js';
import { QUIET, sessionReport } from './session-report.js';
import { temporaryDirectory } from './temporary-directory.js';

let db: Database;
beforeEach(() => {
  db = openDatabase(`${temporaryDirectory()}/lutra.db`);
  new DeviceRepository(db).register({ name: 'bench', runtime: 'fake', options: { threads: 1 } });
});
afterEach(() => db.close());

/** @param cacheNsPerByte what every reading of the last-level cache says; undefined: none was taken */
function commit(anchorNs: number, cacheNsPerByte?: number): void {
  const report = sessionReport({ anchorNs, ops: { 'dense:64>32:f32': 4_000 } });
  const spin = { atMs: 0, takenShare: 0.01, longestGapUs: 40, chunkNs: 1_640 };
  const probe = cacheNsPerByte === undefined ? spin : { ...spin, cacheNsPerByte };
  report.observations = { ...QUIET, processes: [{ timedMs: 1, probes: [probe] }] };
  new MeasurementRepository(db).commitSession({ deviceName: 'bench', jobId: null, report });
}

it('is nothing before the first session', () => {
  expect(sessionBaseline(db, 1)).toBeNull();
});

it('is the first anchor, and what reading the cache usually cost in the last twenty sessions', () => {
  commit(300_000);
  expect(sessionBaseline(db, 1)).toMatchObject({ anchorNs: 300_000, hostCache: null });
  commit(320_000, 0.02);
  commit(310_000, 0.04);
  commit(330_000, 0.03);
  expect(sessionBaseline(db, 1)).toMatchObject({ anchorNs: 300_000, chunkNs: 1_640 });
  const { usualNsPerByte, spreadNsPerByte } = sessionBaseline(db, 1)!.hostCache!;
  expect(usualNsPerByte).toBe(0.03);
  // Deviations of 0.01, 0.01 and 0.
  expect(spreadNsPerByte).toBeCloseTo(0.014826, 9);
  for (let i = 0; i < 15; i++) commit(300_000, 0.05);
  expect(sessionBaseline(db, 1)!.hostCache).toEqual({ usualNsPerByte: 0.05, spreadNsPerByte: 0 });
  // Over all 33 sessions 0.03 is in the middle.
  for (let i = 0; i < 15; i++) commit(300_000, 0.02);
  expect(sessionBaseline(db, 1)!.hostCache!.usualNsPerByte).toBe(0.02);
});

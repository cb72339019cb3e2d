import { beforeEach, describe, expect, it } from 'vitest';
import type { HostProbe } from '../../contracts/measurement.js';
import { contentHash } from '../../core/network/content-hash.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { LatencyTableCache, loadLatencyTable } from '../../db/load-latency-table.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { ENVIRONMENT, type SessionPlan, sessionReport } from './session-report.js';

const NETWORK = buildZooNetwork('mobilenet-v3-tiny', {});
const OP_KEYS = fuse(NETWORK).map(({ key }) => key);

describe('a latency table in memory', () => {
  let db: Database;
  let devices: DeviceRepository;

  beforeEach(() => {
    db = openDatabase(':memory:');
    devices = new DeviceRepository(db);
    devices.register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
    return () => db.close();
  });

  const commit = (plan: SessionPlan) =>
    new MeasurementRepository(db).commitSession({
      deviceName: 'local',
      jobId: null,
      report: sessionReport(plan),
    });

  it('is not there for a device that nobody described, and refused for one that nobody knows', () => {
    expect(loadLatencyTable(db, 'local')).toBeUndefined();
    expect(new LatencyTableCache(db).get('local')).toBeUndefined();
    expect(() => loadLatencyTable(db, 'x')).toThrow(expect.objectContaining({ code: 'unknown-device' }));
  });

  it('is empty for a device that was described and not yet measured', () => {
    const { hash } = devices.setEnvironment('local', ENVIRONMENT);
    expect(loadLatencyTable(db, 'local')).toMatchObject({
      device: 'local',
      environmentHash: hash,
      channelStep: 16,
      size: 0,
      observations: [],
    });
  });

  it('holds ops and whole networks at the level of the anchor', () => {
    commit({ anchorNs: 300_000, ops: Object.fromEntries(OP_KEYS.map((key) => [key, 10_000])) });
    commit({ anchorNs: 600_000, networks: [{ network: NETWORK, latencyNs: 24_000 * OP_KEYS.length }] });
    const table = loadLatencyTable(db, 'local')!;
    expect(table.size).toBe(new Set(OP_KEYS).size);
    expect(table.get(OP_KEYS[0]!)).toEqual({
      key: OP_KEYS[0],
      latencyNs: 10_000,
      lowNs: 10_000,
      highNs: 10_000,
      source: 'measured',
      samples: 80,
      measuredAtMs: 1_750_000_060_000,
    });
    expect(table.observations).toEqual([
      {
        networkHash: contentHash(NETWORK),
        latencyNs: 12_000 * OP_KEYS.length,
        opKeys: OP_KEYS,
        target: 'steady',
      },
    ]);
    // The whole network takes 1.2 times the sum of its ops.
    expect(table.calibration.scale).toBeCloseTo(1.2, 12);
  });

  it('is calibrated for each target on its own networks, and never on held-out ones', () => {
    const keys = Object.fromEntries(OP_KEYS.map((key) => [key, 10_000]));
    const latencyNs = (scale: number) => scale * 10_000 * OP_KEYS.length;
    commit({ ops: keys, networks: [{ network: NETWORK, latencyNs: latencyNs(1.1) }] });
    commit({ networks: [{ network: NETWORK, latencyNs: latencyNs(1.6), target: 'cold' }] });
    new MeasurementRepository(db).commitSession({
      deviceName: 'local',
      jobId: null,
      report: sessionReport({ networks: [{ network: NETWORK, latencyNs: latencyNs(5) }] }),
      purpose: 'held-out',
    });
    const table = loadLatencyTable(db, 'local')!;
    expect(table.calibrationOf('steady')).toMatchObject({ networks: 1, scale: expect.closeTo(1.1, 9) });
    expect(table.calibrationOf('cold')).toMatchObject({ networks: 1, scale: expect.closeTo(1.6, 9) });
  });

  it('prices memory by the middle of what sessions found of the host', () => {
    const [key] = OP_KEYS;
    const curve = (nsPerByte: number): HostProbe => ({
      kind: 'memory-curve',
      data: [
        { footprintBytes: 1, nsPerByte: 0.01 },
        { footprintBytes: 2, nsPerByte },
      ],
    });
    for (const cost of [1.01, 9.01, 2.01]) commit({ ops: { [key!]: 10_000 }, hostProbes: [curve(cost)] });
    const table = loadLatencyTable(db, 'local')!;
    // Of a network of one op, weights have paid; maps cost 2.01 − 0.01 ns a byte more, its code half of 0.01 less than 2.01.
    const { mapBytes } = table.memoryOf(key!);
    expect(mapBytes).toBeGreaterThan(0);
    const memoryNs = 2 * mapBytes + 2.005 * 22 * 1024;
    expect(table.modelNs(table.sums([key!])!)).toBeCloseTo(10_000 + memoryNs, 6);
  });

  it('is read again exactly when a session was added', () => {
    const cache = new LatencyTableCache(db);
    commit({ ops: { [OP_KEYS[0]!]: 10_000 } });
    const first = cache.get('local')!;
    expect(cache.get('local')).toBe(first);
    commit({ ops: { [OP_KEYS[0]!]: 11_000 } });
    const second = cache.get('local')!;
    expect(second.get(OP_KEYS[0]!)!.latencyNs).toBe(11_000);
    expect(cache.get('local')).toBe(second);
  });

  it('is another one after the device changed its environment', () => {
    const cache = new LatencyTableCache(db);
    commit({ ops: { [OP_KEYS[0]!]: 10_000 } });
    expect(cache.get('local')!.size).toBe(1);
    devices.setEnvironment('local', { ...ENVIRONMENT, runtimeVersion: '1.0.1' });
    expect(cache.get('local')!.size).toBe(0);
    devices.setEnvironment('local', ENVIRONMENT);
    expect(cache.get('local')!.size).toBe(1);
  });
});

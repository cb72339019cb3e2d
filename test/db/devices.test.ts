import { beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { ENVIRONMENT, MOVED, sessionReport } from './session-report.js';

const LOCAL = { name: 'local', runtime: 'fake', options: { threads: 1 } };

describe('devices', () => {
  let db: Database;
  let nowMs: number;
  let devices: DeviceRepository;

  beforeEach(() => {
    db = openDatabase(':memory:');
    nowMs = 1_750_000_000_000;
    devices = new DeviceRepository(db, () => nowMs);
    return () => db.close();
  });

  it('are registered without an environment', () => {
    expect(devices.register(LOCAL)).toEqual({
      id: 1,
      name: 'local',
      runtime: 'fake',
      options: { threads: 1, dtype: 'float32' },
      state: 'active',
      quarantine: null,
      labels: [],
      environmentId: null,
      environmentHash: null,
      environment: null,
      registeredAtMs: 1_750_000_000_000,
      lastSeenAtMs: null,
    });
  });

  it('have an element type of their own, which changes what is measured', () => {
    devices.register(LOCAL);
    devices.setEnvironment('local', ENVIRONMENT);
    const quantised = devices.register({ ...LOCAL, options: { threads: 1, dtype: 'int8' } });
    expect(quantised.options).toEqual({ threads: 1, dtype: 'int8' });
    expect(quantised.environment).toBeNull();
    expect(devices.register({ ...LOCAL, options: { threads: 1, dtype: 'float32' } }).options.dtype).toBe(
      'float32',
    );
  });

  it('keep their environment when registered again alike, and lose it with other options', () => {
    devices.register(LOCAL);
    const { hash } = devices.setEnvironment('local', ENVIRONMENT);
    expect(devices.register(LOCAL)).toMatchObject({ environmentHash: hash, environment: ENVIRONMENT });
    expect(devices.register({ ...LOCAL, options: { threads: 2 } })).toMatchObject({
      id: 1,
      options: { threads: 2 },
      environmentHash: null,
    });
    expect(devices.list()).toHaveLength(1);
  });

  it('share an environment of equal facts, whatever the order of its fields', () => {
    devices.register(LOCAL);
    devices.register({ ...LOCAL, name: 'other' });
    const reversed = Object.fromEntries(Object.entries(ENVIRONMENT).reverse()) as typeof ENVIRONMENT;
    const first = devices.setEnvironment('local', ENVIRONMENT);
    expect(devices.setEnvironment('other', reversed)).toEqual(first);
    expect(devices.setEnvironment('other', { ...ENVIRONMENT, threads: 2 }).hash).not.toBe(first.hash);
  });

  it('refuse names that a queue could not carry', () => {
    for (const name of ['', 'a b', 'a:b', '.hidden', 'x'.repeat(65), 'ä']) {
      expect(() => devices.register({ ...LOCAL, name })).toThrow(
        expect.objectContaining({ code: 'invalid-request', pointer: '/name' }),
      );
    }
    expect(devices.list()).toEqual([]);
  });

  it('are unknown under another name', () => {
    const unknown = expect.objectContaining({ code: 'unknown-device', pointer: '/device' });
    expect(devices.find('x')).toBeUndefined();
    expect(() => devices.get('x')).toThrow(unknown);
    expect(() => devices.drain('x')).toThrow(unknown);
    expect(() => devices.setEnvironment('x', ENVIRONMENT)).toThrow(unknown);
    expect(db.prepare('SELECT count(*) FROM environment').pluck().get()).toBe(0);
  });

  it('are drained, resumed and seen', () => {
    devices.register(LOCAL);
    expect(devices.drain('local').state).toBe('draining');
    expect(devices.resume('local').state).toBe('active');
    nowMs += 60_000;
    devices.touch('local');
    expect(devices.get('local').lastSeenAtMs).toBe(1_750_000_060_000);
  });

  it('show how steady their anchors were', () => {
    devices.register(LOCAL);
    expect(devices.health('local')).toEqual({
      anchors: [],
      baselineNs: null,
      noise: null,
      noiseChecks: [],
      verdicts: { trusted: 0, usable: 0, rejected: 0 },
    });
    const measurements = new MeasurementRepository(db);
    const commit = (plan: Parameters<typeof sessionReport>[0]) =>
      measurements.commitSession({ deviceName: 'local', jobId: null, report: sessionReport(plan) });
    commit({ anchorNs: 300_000, endedAtMs: 1_000 });
    commit({ anchorNs: 900_000, endedAtMs: 2_000, observations: MOVED });
    commit({ anchorNs: 310_000, endedAtMs: 3_000 });
    commit({ anchorNs: 290_000, endedAtMs: 4_000 });
    const health = devices.health('local');
    expect(health.baselineNs).toBe(300_000);
    expect(health.verdicts).toEqual({ trusted: 3, usable: 0, rejected: 1 });
    expect(health.anchors.map(({ latencyNs, verdict }) => [latencyNs, verdict])).toEqual([
      [290_000, 'trusted'],
      [310_000, 'trusted'],
      [900_000, 'rejected'],
      [300_000, 'trusted'],
    ]);
    // Quantiles of 290, 300, 310 at 2.5 % and 97.5 %: 290.5 and 309.5; half of that over 300.
    expect(health.noise).toBeCloseTo(9.5 / 300, 12);
    expect(devices.health('local', 1).anchors).toHaveLength(1);
  });
});

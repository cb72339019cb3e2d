import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { hostProbesDue } from '../../services/lease/host-probes-due.js';
import { ENVIRONMENT, sessionReport } from '../db/session-report.js';

const OP = 'globalAvgPool:7x7x960:f32';

/** A device in its environment, sessions of which end one after the other. */
function world() {
  const db = openDatabase(':memory:');
  onTestFinished(() => void db.close());
  const devices = new DeviceRepository(db);
  devices.register({ name: 'local', runtime: 'onnxruntime', options: { threads: 1 } });
  return {
    describe: () => devices.setEnvironment('local', ENVIRONMENT),
    due: (nowMs: number) => hostProbesDue(db, devices.get('local'), nowMs),
    /** Reads what is asked for. */
    session(endedAtMs: number) {
      const kinds = hostProbesDue(db, devices.get('local'), endedAtMs);
      const hostProbes = kinds.map((kind) => ({ kind, data: [{ footprintBytes: 1e6, nsPerByte: 0.01 }] }));
      new MeasurementRepository(db).commitSession({
        deviceName: 'local',
        jobId: null,
        report: sessionReport({ ops: { [OP]: 1_000 }, hostProbes, endedAtMs }),
      });
      return kinds.length;
    },
  };
}

test('memory is read by the first session of a device that nobody has described', () => {
  expect(world().due(0)).toEqual(['memory-curve']);
});

test('memory is read by three sessions at once, then by one in twenty seconds, fifteen times in all', () => {
  const { describe, session } = world();
  describe();
  const at = 1_750_000_000_000;
  expect([0, 1, 2, 3, 4].map((second) => session(at + 1_000 * second))).toEqual([1, 1, 1, 0, 0]);
  // The last reading was at two seconds.
  expect([21.9, 22, 23].map((second) => session(at + 1_000 * second))).toEqual([0, 1, 0]);
  const later = Array.from({ length: 20 }, (_, minute) => session(at + 60_000 * (1 + minute)));
  expect(later.reduce((sum, readings) => sum + readings, 4)).toBe(15);
  expect(later.slice(0, 11)).toEqual(Array(11).fill(1));
});

test('the fake device has no memory to read', () => {
  const db = openDatabase(':memory:');
  onTestFinished(() => void db.close());
  expect(hostProbesDue(db, { runtime: 'fake', environmentId: null }, 0)).toEqual([]);
});

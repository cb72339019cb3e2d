import { decodeOpKey } from '../core/ops/op-key.js';
import { opMacs } from '../core/ops/op-macs.js';
import { type Database, openDatabase } from '../db/open-database.js';
import { DeviceRepository } from '../db/repositories/devices.js';
import { BENCH_ENVIRONMENT } from './bench-environment.js';

const DEVICE = 'bench';

/** A database with one device `bench` and a measured table of the given ops, filled through the schema's own rows. */
export function benchDatabase(file: string, keys: Iterable<string>): { db: Database; environmentId: number } {
  const db = openDatabase(file);
  const devices = new DeviceRepository(db);
  devices.register({ name: DEVICE, runtime: 'fake', options: { threads: 1 } });
  devices.setEnvironment(DEVICE, BENCH_ENVIRONMENT);
  const { id: deviceId, environmentId } = devices.get(DEVICE);
  db.transaction(() => fill(db, deviceId, environmentId!, keys)).immediate();
  return { db, environmentId: environmentId! };
}

function fill(db: Database, deviceId: number, environmentId: number, keys: Iterable<string>): void {
  const session = db
    .prepare(
      `INSERT INTO session (device_id, environment_id, started_at_ms, ended_at_ms, plan, observations, verdict, checks,
         anchor_factor) VALUES (?, ?, 0, 0, '{}', '{}', 'trusted', '[]', 1)`,
    )
    .run(deviceId, environmentId);
  const addOp = db.prepare('INSERT INTO op (key) VALUES (?)');
  const addMeasurement = db.prepare(
    `INSERT INTO measurement (session_id, environment_id, subject_kind, op_id, latency_ns, low_ns, high_ns, sample_count,
       visits, verdict, reasons) VALUES (?, ?, 'op', ?, ?, ?, ?, 200, 20, 'trusted', '[]')`,
  );
  const addEntry = db.prepare(
    `INSERT INTO latency_entry (environment_id, op_id, latency_ns, low_ns, high_ns, sample_count, measured_at_ms,
       measurement_id) VALUES (?, ?, ?, ?, ?, 200, 0, ?)`,
  );
  for (const key of keys) {
    const latencyNs = Math.round(1_000 + opMacs(decodeOpKey(key)) * 0.03);
    const op = addOp.run(key).lastInsertRowid;
    const measurement = addMeasurement.run(
      session.lastInsertRowid,
      environmentId,
      op,
      latencyNs,
      latencyNs - 10,
      latencyNs + 10,
    ).lastInsertRowid;
    addEntry.run(environmentId, op, latencyNs, latencyNs - 10, latencyNs + 10, measurement);
  }
}

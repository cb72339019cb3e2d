import type { DTypeName } from '../contracts/environment.js';
import { LatencyTable, type NetworkObservation } from '../core/latency/latency-table.js';
import { fuse } from '../core/ops/fuse.js';
import type { Database } from './open-database.js';
import { DeviceRepository, type DeviceRow } from './repositories/devices.js';
import { LatencyTableRepository } from './repositories/latency-table.js';
import { MeasurementRepository } from './repositories/measurements.js';
import { NetworkRepository } from './repositories/networks.js';

/**
 * A device's latency table in its current environment, with the whole networks that calibrate it.
 * @returns undefined while no worker has described the device
 * @throws LutraError `unknown-device`
 */
export function loadLatencyTable(db: Database, deviceName: string): LatencyTable | undefined {
  return loadFor(db, new DeviceRepository(db).get(deviceName));
}

/** Tables in memory, read again when the database has newer ones. */
export class LatencyTableCache {
  private readonly devices: DeviceRepository;
  private readonly tables: LatencyTableRepository;
  private readonly loaded = new Map<string, { readonly version: string; readonly table: LatencyTable }>();

  constructor(private readonly db: Database) {
    this.devices = new DeviceRepository(db);
    this.tables = new LatencyTableRepository(db);
  }

  /**
   * @returns undefined while no worker has described the device
   * @throws LutraError `unknown-device`
   */
  get(deviceName: string): LatencyTable | undefined {
    const device = this.devices.get(deviceName);
    if (device.environmentId === null) return undefined;
    const version = this.tables.version(device.environmentId);
    const held = this.loaded.get(deviceName);
    if (held?.version === version) return held.table;
    const table = loadFor(this.db, device)!;
    this.loaded.set(deviceName, { version, table });
    return table;
  }
}

function loadFor(db: Database, device: DeviceRow): LatencyTable | undefined {
  const { name, environmentId, environmentHash, environment } = device;
  if (environmentId === null || environmentHash === null || environment === null) return undefined;
  const read = () =>
    new LatencyTable({
      device: name,
      environmentHash,
      channelStep: environment.channelStep,
      dtype: environment.dtype,
      entries: new LatencyTableRepository(db).allEntries(environmentId),
      observations: observationsIn(db, environmentId, environment.dtype),
    });
  // One snapshot: entries and observations of the same moment.
  return db.transaction(read).deferred();
}

function observationsIn(
  db: Database,
  environmentId: number,
  dtype: DTypeName,
): readonly NetworkObservation[] {
  const networks = new NetworkRepository(db);
  const keysOf = new Map<string, readonly string[]>();
  return new MeasurementRepository(db)
    .networkMeasurements(environmentId)
    .map(({ networkHash, latencyNs }) => {
      const opKeys = keysOf.get(networkHash) ?? fuse(networks.get(networkHash), dtype).map(({ key }) => key);
      keysOf.set(networkHash, opKeys);
      return { networkHash, latencyNs, opKeys };
    });
}

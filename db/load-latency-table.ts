import type { DTypeName } from '../contracts/environment.js';
import { LatencyTable, type NetworkObservation } from '../core/latency/latency-table.js';
import { medianCurve } from '../core/latency/memory-curve.js';
import { fuse } from '../core/ops/fuse.js';
import type { Database } from './open-database.js';
import { DeviceRepository, type DeviceRow } from './repositories/devices.js';
import { HostProbeRepository } from './repositories/host-probes.js';
import { LatencyTableRepository } from './repositories/latency-table.js';
import { MeasurementRepository } from './repositories/measurements.js';
import { NetworkRepository } from './repositories/networks.js';

/**
 * A device's latency table in its current environment, with the whole networks that calibrate it.
 * @param options.without hashes of networks that are not to calibrate it
 * @returns undefined while no worker has described the device
 * @throws LutraError `unknown-device`
 */
export function loadLatencyTable(
  db: Database,
  deviceName: string,
  { without = NOTHING }: { readonly without?: ReadonlySet<string> } = {},
): LatencyTable | undefined {
  return loadTableOf(db, new DeviceRepository(db).get(deviceName), without);
}

const NOTHING: ReadonlySet<string> = new Set();

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
    const table = loadTableOf(this.db, device)!;
    this.loaded.set(deviceName, { version, table });
    return table;
  }
}

/**
 * The table of the environment that a device's row names.
 * @returns undefined where it names none
 */
export function loadTableOf(
  db: Database,
  device: DeviceRow,
  without: ReadonlySet<string> = NOTHING,
): LatencyTable | undefined {
  const { name, environmentId, environmentHash, environment } = device;
  if (environmentId === null || environmentHash === null || environment === null) return undefined;
  const read = () =>
    new LatencyTable({
      device: name,
      environmentHash,
      channelStep: environment.channelStep,
      offStep: environment.flags.offStep === 'slower' ? 'slower' : 'padded',
      dtype: environment.dtype,
      entries: new LatencyTableRepository(db).allEntries(environmentId),
      observations: observationsIn(db, environmentId, environment.dtype, without),
      memoryCurve: medianCurve(new HostProbeRepository(db).memoryCurves(environmentId)),
    });
  // One snapshot: entries and observations of the same moment.
  return db.transaction(read).deferred();
}

function observationsIn(
  db: Database,
  environmentId: number,
  dtype: DTypeName,
  without: ReadonlySet<string>,
): readonly NetworkObservation[] {
  const networks = new NetworkRepository(db);
  const keysOf = new Map<string, readonly string[]>();
  return new MeasurementRepository(db)
    .networkMeasurements(environmentId)
    .filter(({ purpose, networkHash }) => purpose === 'calibration' && !without.has(networkHash))
    .map(({ networkHash, latencyNs, target }) => {
      const opKeys = keysOf.get(networkHash) ?? fuse(networks.get(networkHash), dtype).map(({ key }) => key);
      keysOf.set(networkHash, opKeys);
      return { networkHash, latencyNs, opKeys, target };
    });
}

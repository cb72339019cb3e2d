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

interface LoadOptions {
  /** Hashes of networks that are not to calibrate the table. */
  readonly without?: ReadonlySet<string>;
  /** Kept from one loading to the next. */
  readonly opKeys?: OpKeys;
}

/**
 * A device's latency table in its current environment, with the whole networks that calibrate it.
 * @returns undefined while no worker has described the device
 * @throws LutraError `unknown-device`
 */
export function loadLatencyTable(
  db: Database,
  deviceName: string,
  options: LoadOptions = {},
): LatencyTable | undefined {
  return loadTableOf(db, new DeviceRepository(db).get(deviceName), options);
}

const NOTHING: ReadonlySet<string> = new Set();

/** Ops of networks, by element type and hash, each key once for each occurrence. */
export class OpKeys {
  private readonly known = new Map<string, readonly string[]>();

  of(networkHash: string, dtype: DTypeName, networks: NetworkRepository): readonly string[] {
    const name = `${dtype} ${networkHash}`;
    const keys = this.known.get(name) ?? fuse(networks.get(networkHash), dtype).map(({ key }) => key);
    this.known.set(name, keys);
    return keys;
  }
}

/** Tables in memory, read again when the database has newer ones. */
export class LatencyTableCache {
  private readonly devices: DeviceRepository;
  private readonly tables: LatencyTableRepository;
  private readonly loaded = new Map<string, { readonly version: string; readonly table: LatencyTable }>();
  /** Networks never change: each is taken apart once, not after every session. */
  private readonly opKeys = new OpKeys();

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
    const table = loadTableOf(this.db, device, { opKeys: this.opKeys })!;
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
  { without = NOTHING, opKeys = new OpKeys() }: LoadOptions = {},
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
      observations: observationsIn(db, { environmentId, dtype: environment.dtype }, without, opKeys),
      memoryCurve: medianCurve(new HostProbeRepository(db).memoryCurves(environmentId)),
    });
  // One snapshot: entries and observations of the same moment.
  return db.transaction(read).deferred();
}

function observationsIn(
  db: Database,
  { environmentId, dtype }: { readonly environmentId: number; readonly dtype: DTypeName },
  without: ReadonlySet<string>,
  opKeys: OpKeys,
): readonly NetworkObservation[] {
  const networks = new NetworkRepository(db);
  return new MeasurementRepository(db)
    .networkMeasurements(environmentId)
    .filter(({ purpose, networkHash }) => purpose === 'calibration' && !without.has(networkHash))
    .map(({ networkHash, latencyNs, target }) => ({
      networkHash,
      latencyNs,
      opKeys: opKeys.of(networkHash, dtype, networks),
      target,
    }));
}

import type { DType } from '../ops/op.js';
import { type Calibration, calibrate } from './calibration.js';

/** What the table knows of one op. */
export interface TableEntry {
  readonly key: string;
  readonly latencyNs: number;
  /** 95 % interval of `latencyNs`. */
  readonly lowNs: number;
  readonly highNs: number;
  /** `measured` on the device, or derived from measured neighbours. */
  readonly source: 'measured' | 'snapped' | 'interpolated';
  /** Timed runs behind the figure. */
  readonly samples: number;
  readonly measuredAtMs: number;
}

/** A whole network as measured on the table's device, in the table's environment. */
export interface NetworkObservation {
  readonly networkHash: string;
  readonly latencyNs: number;
  /** Its ops, one key for each occurrence. */
  readonly opKeys: readonly string[];
}

export interface LatencyTableSource {
  readonly device: string;
  readonly environmentHash: string;
  /** Latency is flat between multiples of this many channels; 1 where there is no such step. */
  readonly channelStep: number;
  /** Element type of the table's ops; default float32. */
  readonly dtype?: DType;
  /** At most one entry for a key; the last one counts. */
  readonly entries: Iterable<TableEntry>;
  readonly observations: readonly NetworkObservation[];
}

/** Op latencies of one device in one environment, in memory, with the calibration that its whole networks give. */
export class LatencyTable {
  readonly device: string;
  readonly environmentHash: string;
  readonly channelStep: number;
  readonly dtype: DType;
  readonly observations: readonly NetworkObservation[];
  readonly calibration: Calibration;
  private readonly entryByKey = new Map<string, TableEntry>();

  constructor(source: LatencyTableSource) {
    this.device = source.device;
    this.environmentHash = source.environmentHash;
    this.channelStep = source.channelStep;
    this.dtype = source.dtype ?? 'float32';
    this.observations = source.observations;
    for (const entry of source.entries) this.entryByKey.set(entry.key, entry);
    this.calibration = calibrate(source.observations, (keys) => this.sumNs(keys));
  }

  get size(): number {
    return this.entryByKey.size;
  }

  get(key: string): TableEntry | undefined {
    return this.entryByKey.get(key);
  }

  has(key: string): boolean {
    return this.entryByKey.has(key);
  }

  entries(): IterableIterator<TableEntry> {
    return this.entryByKey.values();
  }

  /**
   * The uncalibrated sum of op latencies: the hot path of searches.
   * @param keys one for each occurrence
   * @returns nanoseconds, or null when an op is missing
   */
  sumNs(keys: readonly string[]): number | null {
    let sum = 0;
    for (let i = 0; i < keys.length; i++) {
      const entry = this.entryByKey.get(keys[i]!);
      if (entry === undefined) return null;
      sum += entry.latencyNs;
    }
    return sum;
  }
}

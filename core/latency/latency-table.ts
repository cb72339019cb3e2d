import type { DType } from '../ops/op.js';
import { type Calibration, type CalibrationPoint, calibrate } from './calibration.js';
import { derivedEntry, type OffStep, widened } from './derived-entry.js';
import { type DerivedError, derivedError } from './derived-error.js';
import { AS_READ, type MemoryCost, modelNs } from './fit-latency.js';
import { type MemoryCurve, type MemoryPrices, memoryPrices } from './memory-curve.js';
import {
  memoryCost,
  type NetworkSums,
  NO_MEMORY,
  networkPrices,
  type OpMemory,
  opMemory,
} from './network-sums.js';
import { type OpCount, opsSpread } from './op-count.js';
import type { TimingTarget } from './timing-target.js';

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
  /** Default steady. */
  readonly target?: TimingTarget;
}

export interface LatencyTableSource {
  readonly device: string;
  readonly environmentHash: string;
  /** Widths are best chosen as multiples of this many channels; 1 where there is no such step. */
  readonly channelStep: number;
  /** Default `padded`: latency is flat between multiples. */
  readonly offStep?: OffStep;
  /** Element type of the table's ops; default float32. */
  readonly dtype?: DType;
  /** At most one entry for a key; the last one counts. */
  readonly entries: Iterable<TableEntry>;
  readonly observations: readonly NetworkObservation[];
  /** What memory costs on the device's host; null or absent where nobody has measured it. */
  readonly memoryCurve?: MemoryCurve | null;
}

/** Op latencies of one device in one environment, in memory, with the calibrations that its whole networks give. */
export class LatencyTable {
  readonly device: string;
  readonly environmentHash: string;
  readonly channelStep: number;
  readonly dtype: DType;
  readonly observations: readonly NetworkObservation[];
  private readonly offStep: OffStep;
  private readonly prices: MemoryPrices | null;
  private readonly entryByKey = new Map<string, TableEntry>();
  private readonly derivedByKey = new Map<string, TableEntry | undefined>();
  private derivedErrorOf: DerivedError | undefined;
  private readonly memoryByKey = new Map<string, OpMemory>();
  private readonly calibrations: Readonly<Record<TimingTarget, Calibration>>;

  constructor(source: LatencyTableSource) {
    this.device = source.device;
    this.environmentHash = source.environmentHash;
    this.channelStep = source.channelStep;
    this.offStep = source.offStep ?? 'padded';
    this.dtype = source.dtype ?? 'float32';
    this.observations = source.observations;
    this.prices = source.memoryCurve?.length ? memoryPrices(source.memoryCurve) : null;
    for (const entry of source.entries) this.entryByKey.set(entry.key, entry);
    this.calibrations = { steady: this.calibrated('steady'), cold: this.calibrated('cold') };
  }

  /** Of the target `steady`. */
  get calibration(): Calibration {
    return this.calibrations.steady;
  }

  calibrationOf(target: TimingTarget): Calibration {
    return this.calibrations[target];
  }

  get size(): number {
    return this.entryByKey.size;
  }

  /** What was measured of an op. */
  get(key: string): TableEntry | undefined {
    return this.entryByKey.get(key);
  }

  has(key: string): boolean {
    return this.entryByKey.has(key);
  }

  /** What was measured of an op, else what its measured neighbours tell, marked as such. */
  find(key: string): TableEntry | undefined {
    const measured = this.entryByKey.get(key);
    if (measured !== undefined || this.derivedByKey.has(key)) return measured ?? this.derivedByKey.get(key);
    const measuredEntry = (neighbour: string) => this.entryByKey.get(neighbour);
    const derived = derivedEntry(key, this.channelStep, measuredEntry, this.offStep);
    const entry = derived && widened(derived, this.errorOf(derived));
    this.derivedByKey.set(key, entry);
    return entry;
  }

  /** Found out when it is first asked for: many tables never are. */
  private errorOf(derived: TableEntry): number {
    this.derivedErrorOf ??= derivedError(this.entryByKey, this.channelStep, this.offStep);
    return this.derivedErrorOf(derived);
  }

  entries(): IterableIterator<TableEntry> {
    return this.entryByKey.values();
  }

  /**
   * Sums over measured ops: the hot path of searches, with {@link latencyNs}.
   * @param keys one for each occurrence
   * @returns null when an op is missing
   */
  sums(keys: readonly string[]): NetworkSums | null {
    let opNs = 0;
    let reusedBytes = 0;
    let onceBytes = 0;
    let mapBytes = 0;
    let reusedPaidNs = 0;
    let oncePaidNs = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const entry = this.entryByKey.get(key);
      if (entry === undefined) return null;
      opNs += entry.latencyNs;
      if (this.prices === null) continue;
      const memory = this.memoryOf(key);
      reusedBytes += memory.reusedBytes;
      onceBytes += memory.onceBytes;
      mapBytes += memory.mapBytes;
      reusedPaidNs += memory.reusedPaidNs;
      oncePaidNs += memory.oncePaidNs;
    }
    return { opNs, reusedBytes, onceBytes, mapBytes, reusedPaidNs, oncePaidNs };
  }

  /** Memory that an op touches; nothing where the table has no memory curve to price it with. */
  memoryOf(key: string): OpMemory {
    if (this.prices === null) return NO_MEMORY;
    let memory = this.memoryByKey.get(key);
    if (memory === undefined) {
      memory = opMemory(key, this.prices);
      this.memoryByKey.set(key, memory);
    }
    return memory;
  }

  /** Calibrated latency of a network, in nanoseconds. */
  latencyNs(sums: NetworkSums, target: TimingTarget = 'steady'): number {
    const { scale, interceptNs } = this.calibrations[target];
    return scale * this.modelNs(sums, target) + interceptNs;
  }

  /** The sum of ops and what their memory costs besides, before scale and intercept, in nanoseconds. */
  modelNs(sums: NetworkSums, target: TimingTarget = 'steady'): number {
    return modelNs(sums.opNs, this.memoryCost(sums, target), this.calibrations[target].memory ?? AS_READ);
  }

  /** What each op of a network adds to {@link modelNs}; these add up to it. */
  modelOfOps(network: NetworkSums, target: TimingTarget = 'steady'): (ops: NetworkSums) => number {
    if (this.prices === null) return ({ opNs }) => opNs;
    const prices = networkPrices(network, this.prices, target);
    const factors = this.calibrations[target].memory ?? AS_READ;
    return (ops) => modelNs(ops.opNs, memoryCost(ops, prices), factors);
  }

  private memoryCost(sums: NetworkSums, target: TimingTarget): MemoryCost {
    if (this.prices === null) return FREE;
    return memoryCost(sums, networkPrices(sums, this.prices, target));
  }

  private calibrated(target: TimingTarget): Calibration {
    return calibrate(target, this.observed(target), this.prices !== null);
  }

  /** Whole networks with all their ops known. */
  private observed(target: TimingTarget): readonly CalibrationPoint[] {
    return this.observations
      .filter((observation) => (observation.target ?? 'steady') === target)
      .flatMap(({ networkHash, latencyNs, opKeys }) => {
        const sums = this.sums(opKeys);
        if (sums === null) return [];
        const { opNs } = sums;
        const memory = this.memoryCost(sums, target);
        return [{ networkHash, latencyNs, opNs, memory, opSpread: this.opSpread(opKeys, opNs) }];
      });
  }

  private opSpread(keys: readonly string[], sumNs: number): number {
    const counts = new Map<string, OpCount>();
    for (const key of keys) {
      counts.set(key, { entry: this.entryByKey.get(key)!, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    const { belowNs, aboveNs } = opsSpread(counts.values());
    return (belowNs + aboveNs) / 2 / sumNs;
  }
}

const FREE: MemoryCost = { onceNs: 0, streamedNs: 0, beyondNs: 0 };

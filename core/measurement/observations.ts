/** A spin between rounds of visits. */
export interface SpinReading {
  /** Milliseconds after its process began. */
  readonly atMs: number;
  /** Share of the spin that was taken away from it. */
  readonly takenShare: number;
  readonly longestGapUs: number;
  /** The fastest piece of its work. */
  readonly chunkNs: number;
  /** The fastest piece of work that a core can do much of at once, over that of a chain. */
  readonly parallelRatio?: number;
  /** Of reading in the last-level cache, nanoseconds. */
  readonly cacheNsPerByte?: number;
}

/** Facts of the machine at one moment; counters only grow. */
export interface MachineFacts {
  readonly pressureCpuUs?: number;
  readonly pressureMemoryUs?: number;
  readonly pressureIoUs?: number;
  readonly swappedPages?: number;
  readonly stolenTicks?: number;
  readonly availableBytes?: number;
  readonly totalBytes?: number;
  readonly ownSwapBytes?: number;
  readonly frequencyMhz?: number;
  readonly throttles?: number;
  readonly temperatureC?: number;
}

/** What one measuring process saw. */
export interface ObservedProcess {
  readonly timedMs?: number;
  readonly involuntarySwitches?: number;
  readonly stoppedBy?: string;
  readonly clock: { readonly stepNs?: number; readonly costNs?: number };
  readonly probes: readonly SpinReading[];
  /** Every different set of cores that was allowed between rounds. */
  readonly allowedCores: readonly string[];
  readonly before: MachineFacts;
  readonly after: MachineFacts;
}

/**
 * What was noted around a session. Every field may be missing: machines differ in what they show. Stored as it is,
 * never part of an environment's hash.
 */
export interface Observations {
  /** Cores the children were asked to stay on, e.g. `0` or `0-3`; absent = not pinned. */
  readonly coresRequested?: string;
  /** The same in sessions of earlier versions. */
  readonly cpuRequested?: number;
  /** Cores the operating system allowed, as read back, e.g. `0` or `0-3`. */
  readonly affinityBefore?: string;
  readonly affinityAfter?: string;
  /** One-minute load averages. */
  readonly loadBefore?: number;
  readonly loadAfter?: number;
  readonly coreCount?: number;
  /** Involuntary context switches of the measuring processes during the timed visits. */
  readonly involuntarySwitches?: number;
  /** Wall time of the timed visits. */
  readonly timedMs?: number;
  /** In order of time; none in sessions of earlier versions. */
  readonly processes: readonly ObservedProcess[];
}

type Loose = Readonly<Record<string, unknown>>;

/** Reads what it knows out of a stored record; anything of another type counts as missing. */
export function readObservations(record: Loose): Observations {
  return {
    ...numbers(record, [
      'cpuRequested',
      'loadBefore',
      'loadAfter',
      'coreCount',
      'involuntarySwitches',
      'timedMs',
    ]),
    ...texts(record, ['coresRequested', 'affinityBefore', 'affinityAfter']),
    processes: list(record.processes).map(readProcess),
  };
}

function readProcess(record: Loose): ObservedProcess {
  return {
    ...numbers(record, ['timedMs', 'involuntarySwitches']),
    ...texts(record, ['stoppedBy']),
    clock: numbers(object(record.clock), ['stepNs', 'costNs']),
    probes: list(record.probes)
      .map((probe) => numbers(probe, [...SPIN, 'parallelRatio', 'cacheNsPerByte']))
      .filter((probe): probe is SpinReading => SPIN.every((name) => probe[name] !== undefined)),
    allowedCores: Array.isArray(record.allowedCores)
      ? record.allowedCores.filter((cores): cores is string => typeof cores === 'string')
      : [],
    before: numbers(object(record.before), FACTS),
    after: numbers(object(record.after), FACTS),
  };
}

const SPIN = ['atMs', 'takenShare', 'longestGapUs', 'chunkNs'] as const;
const FACTS = [
  'pressureCpuUs',
  'pressureMemoryUs',
  'pressureIoUs',
  'swappedPages',
  'stolenTicks',
  'availableBytes',
  'totalBytes',
  'ownSwapBytes',
  'frequencyMhz',
  'throttles',
  'temperatureC',
] as const;

function numbers<Name extends string>(record: Loose, names: readonly Name[]): { [N in Name]?: number } {
  const known: { [N in Name]?: number } = {};
  for (const name of names) if (Number.isFinite(record[name])) known[name] = record[name] as number;
  return known;
}

function texts<Name extends string>(record: Loose, names: readonly Name[]): { [N in Name]?: string } {
  const known: { [N in Name]?: string } = {};
  for (const name of names) if (typeof record[name] === 'string') known[name] = record[name] as string;
  return known;
}

function object(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}

function list(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.map(object) : [];
}

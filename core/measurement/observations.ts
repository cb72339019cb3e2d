/**
 * What a supervisor notes around a session. Every field may be missing: machines differ in what they show. Stored as
 * it is, never part of an environment's hash.
 */
export interface Observations {
  /** Cores the child was asked to stay on; absent = not pinned. */
  readonly cpuRequested?: number;
  /** Cores the operating system allowed, as read back, e.g. `0` or `0-3`. */
  readonly affinityBefore?: string;
  readonly affinityAfter?: string;
  /** One-minute load averages. */
  readonly loadBefore?: number;
  readonly loadAfter?: number;
  readonly coreCount?: number;
  /** Involuntary context switches of the measuring thread during the timed visits. */
  readonly involuntarySwitches?: number;
  /** Wall time of the timed visits. */
  readonly timedMs?: number;
}

const NUMBERS = [
  'cpuRequested',
  'loadBefore',
  'loadAfter',
  'coreCount',
  'involuntarySwitches',
  'timedMs',
] as const;
const STRINGS = ['affinityBefore', 'affinityAfter'] as const;

/** Reads what it knows out of a stored record; anything of another type counts as missing. */
export function readObservations(record: Readonly<Record<string, unknown>>): Observations {
  const known: Record<string, unknown> = {};
  for (const name of NUMBERS) if (Number.isFinite(record[name])) known[name] = record[name];
  for (const name of STRINGS) if (typeof record[name] === 'string') known[name] = record[name];
  return known;
}

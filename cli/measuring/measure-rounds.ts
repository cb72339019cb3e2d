import { setTimeout as delay } from 'node:timers/promises';
import type { JobView } from '../../contracts/http/job-view.js';
import type { CommandContext } from '../context.js';
import { type BatchesOptions, measureBatches } from './measure-batches.js';
import type { MeasureOrder } from './submit-measure.js';
import { isFinal, type Reason, reasonOfJob, reasonsIn, reasonWords, type Unmeasured } from './unmeasured.js';

/** What is to be measured, and how one knows that it was. */
export interface Wanted<T> {
  readonly items: readonly T[];
  /** `ops`, `networks`. */
  readonly noun: string;
  /** Those of each job. */
  batches(items: readonly T[]): readonly (readonly T[])[];
  /** Op key or network hash, as results have it. */
  idOf(item: T): string;
  nameOf(item: T): string;
  batchOf(items: readonly T[]): MeasureOrder;
  /** Those that still lack a figure after these jobs. */
  lacking(items: readonly T[], jobs: readonly JobView[]): Promise<readonly T[]>;
  phase(items: readonly T[]): string;
  keyOf?(batch: MeasureOrder, number: number, round: number): string;
}

export interface Measured {
  /** Every job, in order. */
  readonly jobs: readonly JobView[];
  readonly left: readonly Unmeasured[];
  /** Wall time, waiting for other jobs of the device included. */
  readonly seconds: number;
}

/** The server has tried three times already when a session counts as rejected. */
export const ROUNDS = 3;

/** Disturbances pass: wait this long, times the round, before what they spoilt is measured again. */
const PAUSE_MS = 2_000;

/**
 * Measures everything that is wanted; what got no figure is measured again, twice at most, unless the device cannot
 * execute it at all. Says so on the way.
 * @throws CliError as {@link measureBatches}
 */
export async function measureRounds<T>(context: CommandContext, wanted: Wanted<T>): Promise<Measured> {
  const startMs = performance.now();
  const jobs: JobView[] = [];
  const final: Unmeasured[] = [];
  let left = wanted.items;
  let reasons = new Map<string, Reason>();
  for (let round = 1; left.length > 0 && round <= ROUNDS; round++) {
    if (round > 1) await sayAndWait(context, wanted, left, { reasons, round });
    const batches = wanted.batches(left);
    const finished = await measureBatches(
      context,
      optionsOf(wanted, { left, batches, round }),
      batches.map((items) => wanted.batchOf(items)),
    );
    jobs.push(...finished);
    const lacking = await wanted.lacking(left, jobs);
    reasons = reasonsOf(wanted, batches, finished);
    const hopeless = lacking.filter((item) => isFinal(reasons.get(wanted.idOf(item))!));
    final.push(...hopeless.map((item) => unmeasured(wanted, item, reasons)));
    left = lacking.filter((item) => !hopeless.includes(item));
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { jobs, left: [...final, ...left.map((item) => unmeasured(wanted, item, reasons))], seconds };
}

interface Round<T> {
  readonly left: readonly T[];
  readonly batches: readonly (readonly T[])[];
  readonly round: number;
}

function optionsOf<T>(wanted: Wanted<T>, { left, batches, round }: Round<T>): BatchesOptions {
  const phase = wanted.phase(left) + (round === 1 ? '' : `, round ${round} of ${ROUNDS}`);
  if (wanted.keyOf === undefined) return { phase };
  return { phase, keyOf: (batch) => wanted.keyOf!(wanted.batchOf(batches[batch]!), batch, round) };
}

async function sayAndWait<T>(
  { output, signal }: CommandContext,
  { items, noun, idOf }: Wanted<T>,
  left: readonly T[],
  { reasons, round }: { readonly reasons: ReadonlyMap<string, Reason>; readonly round: number },
): Promise<void> {
  const words = reasonWords(left.map((item) => reasons.get(idOf(item))!));
  output.note(
    `${left.length} of ${items.length} ${noun} got no figure: ${words}. Again, ${round} of ${ROUNDS}.`,
  );
  await delay(PAUSE_MS * (round - 1), undefined, { signal });
}

/** Of every item of the batches: its own in the result, else its job's. */
function reasonsOf<T>(
  { idOf }: Wanted<T>,
  batches: readonly (readonly T[])[],
  jobs: readonly JobView[],
): Map<string, Reason> {
  const ofJobs = batches.flatMap((items, i) =>
    items.map((item) => [idOf(item), reasonOfJob(jobs[i]!)] as const),
  );
  return new Map([...ofJobs, ...reasonsIn(jobs)]);
}

function unmeasured<T>(
  { idOf, nameOf }: Wanted<T>,
  item: T,
  reasons: ReadonlyMap<string, Reason>,
): Unmeasured {
  return { what: nameOf(item), ...reasons.get(idOf(item))! };
}

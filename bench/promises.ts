import { keepOffCores } from '../services/worker/keep-off-cores.js';
import type { BenchLine } from './bench-line.js';
import { benchComparisons } from './promises/comparisons.js';
import { CORE } from './promises/held-session.js';
import { benchKnownDurations } from './promises/known-durations.js';
import { benchSeries } from './promises/series.js';

/**
 * What measurements promise, each with its pass line: durations that are known, quiet and disturbed series, networks
 * against themselves and against slower ones, repeatability beside a burst of runs.
 */
export async function* benchPromises(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  yield* benchKnownDurations();
  yield* benchSeries();
  yield* benchComparisons();
}

import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { median, quantile } from '../../core/measurement/quantile.js';
import { examineTimingOn } from '../../services/doctor/examine-timing-on.js';
import { keepOffCores } from '../../services/worker/keep-off-cores.js';
import { type BenchLine, judged } from '../bench-line.js';
import { DISTURBANCES, type Disturbance } from './disturbances.js';
import {
  anchorSubject,
  CORE,
  holdSession,
  NETWORK,
  networkSubject,
  percent,
  type Reading,
  Series,
} from './held-session.js';

const QUIET_SESSIONS = 40;
/** Held at most, where a witness finds the host busy around many. */
const MOST_SESSIONS = 80;
/** Of fewer nothing is said: one is more than the share that may be flagged. */
const LEAST_QUIET_SESSIONS = 20;
/** Enough for the level that disturbed sessions are held against. */
const LEVEL_SESSIONS = 9;
const SESSIONS_A_DISTURBANCE = 4;
const NEAR_QUIET = 0.05;

/** What people do by hand: one warm-up, two hundred runs in a row. */
const BURST = {
  ...DEFAULT_PROTOCOL,
  minVisits: 1,
  maxVisits: 1,
  samplesPerVisit: 200,
  visitBudgetMs: 10_000,
};

/**
 * Sessions with nothing else at work, each beside a burst of two hundred runs of the same network. Whether the host was quiet
 * too says a witness: a process of its own on the same core, right before each session and right after.
 */
export async function* benchQuiet(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  const series = new Series();
  const quiet: Reading[] = [];
  const busy: Reading[] = [];
  const bursts: { readonly median: number; readonly mean: number }[] = [];
  for (let seed = 0; quiet.length < QUIET_SESSIONS && seed < MOST_SESSIONS; seed++) {
    const wasQuiet = await isHostQuiet();
    const reading = await readOne(series, seed);
    (wasQuiet && (await isHostQuiet()) ? quiet : busy).push(reading);
    const burst = await holdSession([networkSubject(NETWORK)], seed, { protocol: BURST });
    const samplesNs = burst.probes[0]!.visitsNs[0]!;
    bursts.push({
      median: median(samplesNs),
      mean: samplesNs.reduce((sum, ns) => sum + ns, 0) / samplesNs.length,
    });
  }
  const goal = quiet.length < LEAST_QUIET_SESSIONS ? {} : { goal: { atMost: 5 } };
  yield judged({ ...flaggedLine('quiet sessions that are flagged', quiet), ...goal });
  yield flaggedLine('sessions with the host at work that are flagged', busy);
  yield* repeatability(
    [...quiet, ...busy].flatMap(({ latencyNs }) => latencyNs ?? []),
    bursts,
  );
}

/** Neither took the host the core away, nor a sibling thread its units. */
async function isHostQuiet(): Promise<boolean> {
  const findings = await examineTimingOn(CORE, new AbortController().signal);
  return findings.every(({ name, state }) => name === 'clock' || state === 'pass');
}

function flaggedLine(metric: string, readings: readonly Reading[]): BenchLine {
  const flagged = readings.filter(({ isFlagged }) => isFlagged).length;
  return {
    bench: 'promises-quiet',
    metric,
    value: percent(flagged / Math.max(1, readings.length)),
    unit: '%',
    detail: { sessions: readings.length, reasons: countReasons(readings) },
  };
}

/** Sessions under every disturbance: their figure must be flagged, or within 5 % of that of quiet sessions before them. */
export async function* benchDisturbed(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  const series = new Series();
  const quiet: Reading[] = [];
  for (let seed = 0; seed < LEVEL_SESSIONS; seed++) quiet.push(await readOne(series, seed));
  const level = median(quiet.flatMap(({ latencyNs }) => latencyNs ?? []));
  let held = 0;
  for (const [i, disturbance] of DISTURBANCES.entries()) {
    const readings = await readDisturbed(series, disturbance, SESSIONS_A_DISTURBANCE * (i + 1));
    const off = readings.map(({ latencyNs }) => (latencyNs === null ? null : latencyNs / level - 1));
    const good = readings.filter(
      ({ isFlagged }, session) => isFlagged || Math.abs(off[session] ?? 0) <= NEAR_QUIET,
    ).length;
    held += good;
    yield {
      bench: 'promises-disturbed',
      metric: `${disturbance.name}: flagged or within 5 %`,
      value: percent(good / readings.length),
      unit: '%',
      detail: {
        flagged: readings.filter(({ isFlagged }) => isFlagged).length,
        offPercent: off.map((share) => share && percent(share)),
        reasons: countReasons(readings),
      },
    };
  }
  const all = DISTURBANCES.length * SESSIONS_A_DISTURBANCE;
  yield judged({
    bench: 'promises-disturbed',
    metric: 'disturbed sessions flagged or within 5 % of quiet',
    value: percent(held / all),
    unit: '%',
    goal: { atLeast: 95 },
    detail: { sessions: all },
  });
}

async function readOne(series: Series, seed: number, protocol = DEFAULT_PROTOCOL): Promise<Reading> {
  return series.read(await holdSession([anchorSubject(), networkSubject(NETWORK)], seed, { protocol }));
}

async function readDisturbed(series: Series, disturbance: Disturbance, seed: number): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let session = 0; session < SESSIONS_A_DISTURBANCE; session++) {
    const end = disturbance.start();
    try {
      readings.push(await readOne(series, seed + session, disturbance.protocol));
    } finally {
      end();
    }
  }
  return readings;
}

function* repeatability(
  quietNs: readonly number[],
  bursts: readonly { readonly median: number; readonly mean: number }[],
): Iterable<BenchLine> {
  const bench = 'promises-quiet';
  const burst = deviation(bursts.map((figures) => figures.median));
  yield judged({
    bench,
    metric: 'repeatability of a session, p90 of the deviation',
    value: percent(deviation(quietNs)),
    unit: '%',
    goal: { atMost: percent(burst) },
    detail: {
      medianOfABurstOf200: percent(burst),
      meanOfABurstOf200: percent(deviation(bursts.map((figures) => figures.mean))),
    },
  });
}

/** 90 % of values are no further from their median: a share of it. */
function deviation(values: readonly number[]): number {
  const level = median(values);
  return quantile(
    values.map((value) => Math.abs(value / level - 1)),
    0.9,
  );
}

function countReasons(readings: readonly Reading[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reason of readings.flatMap(({ reasons }) => reasons)) {
    const name = reason.split(':')[0]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

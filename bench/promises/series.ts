import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { median, quantile } from '../../core/measurement/quantile.js';
import { type BenchLine, judged } from '../bench-line.js';
import { DISTURBANCES } from './disturbances.js';
import {
  anchorSubject,
  holdSession,
  NETWORK,
  networkSubject,
  percent,
  type Reading,
  Series,
} from './held-session.js';

const QUIET_SESSIONS = 20;
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
 * Twenty quiet sessions of a network, each beside a burst of two hundred runs of it; then sessions under every
 * disturbance. A disturbed figure must be flagged, or within 5 % of the quiet ones.
 */
export async function* benchSeries(): AsyncIterable<BenchLine> {
  const bench = 'promises';
  const series = new Series();
  const quiet: Reading[] = [];
  const bursts: { readonly median: number; readonly mean: number }[] = [];
  for (let seed = 0; seed < QUIET_SESSIONS; seed++) {
    quiet.push(series.read(await holdSession([anchorSubject(), networkSubject(NETWORK)], seed)));
    const burst = await holdSession([networkSubject(NETWORK)], seed, BURST);
    const samplesNs = burst.probes[0]!.visitsNs[0]!;
    bursts.push({
      median: median(samplesNs),
      mean: samplesNs.reduce((sum, ns) => sum + ns, 0) / samplesNs.length,
    });
  }
  const quietNs = quiet.flatMap(({ latencyNs }) => latencyNs ?? []);
  const level = median(quietNs);
  yield judged({
    bench,
    metric: 'quiet sessions that are flagged',
    value: percent(quiet.filter(({ isFlagged }) => isFlagged).length / quiet.length),
    unit: '%',
    goal: { atMost: 5 },
    detail: { sessions: quiet.length, latencyMs: level / 1e6, reasons: countReasons(quiet) },
  });
  yield* repeatability(quietNs, bursts);
  let held = 0;
  let all = 0;
  for (const disturbance of DISTURBANCES) {
    const readings: Reading[] = [];
    for (let session = 0; session < SESSIONS_A_DISTURBANCE; session++) {
      const end = disturbance.start();
      try {
        readings.push(
          series.read(await holdSession([anchorSubject(), networkSubject(NETWORK)], 1_000 + all + session)),
        );
      } finally {
        end();
      }
    }
    const off = readings.map(({ latencyNs }) => (latencyNs === null ? null : latencyNs / level - 1));
    const good = readings.filter(
      ({ isFlagged }, i) => isFlagged || Math.abs(off[i] ?? 0) <= NEAR_QUIET,
    ).length;
    held += good;
    all += readings.length;
    yield {
      bench,
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
  yield judged({
    bench,
    metric: 'disturbed sessions flagged or within 5 % of quiet',
    value: percent(held / all),
    unit: '%',
    goal: { atLeast: 95 },
    detail: { sessions: all },
  });
}

function* repeatability(
  quietNs: readonly number[],
  bursts: readonly { readonly median: number; readonly mean: number }[],
): Iterable<BenchLine> {
  const bench = 'promises';
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

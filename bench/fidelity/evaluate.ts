import { type BenchLine, judged } from '../bench-line.js';
import { cacheCorrelation } from './cache-correlation.js';
import type { Collected } from './collected.js';
import { groupsOf } from './groups.js';
import { percent, rounded } from './judge.js';
import { judgeAll, judgeFamiliesLeftOut } from './judge-all.js';
import { judgeCoverage } from './judge-coverage.js';
import { judgeGroup } from './judge-group.js';
import { judgeRivals } from './judge-rivals.js';
import { measuredNs, measuredTwiceNs } from './measured-ns.js';
import type { FidelitySetting } from './setting.js';

const bench = 'fidelity';

/** Judges the table of what was collected, in several ways, each by networks that had no part in the calibration. */
export function* evaluate(setting: FidelitySetting, collected: Collected): Iterable<BenchLine> {
  for (const line of linesOf(collected)) yield { ...line, metric: `${setting.name}: ${line.metric}` };
}

function* linesOf(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  yield* measurements(collected);
  yield* cacheCorrelation(collected);
  const groups = groupsOf(networks);
  for (const group of groups) yield* judgeGroup(collected, group);
  yield* judgeCoverage(collected);
  if (groups.length > 1) yield* judgeAll(collected);
  yield* judgeFamiliesLeftOut(collected);
  yield* judgeRivals(collected);
  yield* cost(collected);
}

/** What no estimate can be better than, and what other protocols say of the same networks and ops. */
function* measurements({ networks, entries, secondNs }: Collected): Iterable<BenchLine> {
  yield* deviationLine(
    'the same networks measured twice',
    networks.flatMap((network) => {
      const twice = measuredTwiceNs(network);
      return twice === null ? [] : [twice];
    }),
  );
  yield* deviationLine(
    'the ordinary protocol against the reference protocol',
    networks.flatMap((network) =>
      network.referenceNs === null ? [] : [[measuredNs(network), network.referenceNs] as const],
    ),
  );
  const first = new Map(entries.map(({ key, latencyNs }) => [key, latencyNs]));
  const twice = networks.filter(({ opKeys }) => opKeys.every((key) => key in secondNs));
  const sum = (keys: readonly string[], of: (key: string) => number) =>
    keys.reduce((total, key) => total + of(key), 0);
  const sums = twice.map(
    ({ opKeys }) => [sum(opKeys, (key) => first.get(key)!), sum(opKeys, (key) => secondNs[key]!)] as const,
  );
  for (const line of deviationLine('sums of ops of two tables', sums))
    yield judged({ ...line, goal: { atMost: 1 } });
}

/** Nothing where nothing was measured twice. */
function* deviationLine(metric: string, pairs: readonly (readonly [number, number])[]): Iterable<BenchLine> {
  if (pairs.length === 0) return;
  const ratios = pairs.map(([first, second]) => first / second - 1);
  const deviations = ratios.map(Math.abs);
  yield {
    bench,
    metric: `${metric}, mean deviation`,
    value: percent(mean(deviations)),
    unit: '%',
    detail: {
      networks: pairs.length,
      biasPercent: percent(mean(ratios)),
      largestPercent: percent(Math.max(...deviations)),
    },
  };
}

function* cost({ entries, anchorsNs, opCost, wallMs, rejected = 0 }: Collected): Iterable<BenchLine> {
  const { measurements, timedMs, openingMs } = opCost;
  yield judged({
    bench,
    metric: 'timed runs an op, with the graphs around it',
    value: rounded(timedMs / measurements, 2),
    unit: 'ms',
    goal: { atMost: 30 },
    detail: { ops: entries.length, measurements, sessions: anchorsNs.length },
  });
  yield {
    bench,
    metric: 'building, loading and warming up those graphs, an op',
    value: rounded(openingMs / measurements, 2),
    unit: 'ms',
  };
  yield {
    bench,
    metric: 'wall time of everything',
    value: rounded(wallMs / 1e3, 1),
    unit: 's',
    detail: { rejectedSessions: rejected },
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { type EstimatePair, fidelityOf } from '../../core/latency/fidelity.js';
import type { LatencyTable } from '../../core/latency/latency-table.js';
import { seededRng, shuffle } from '../../core/random.js';
import { type BenchLine, judged } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import { firstOfEachGroup, type Group, groupsOf } from './groups.js';
import { covered, errorLine, pairsLeftOut, pairsOf, percent, rounded, tableOf } from './judge.js';
import { measuredNs, measuredTwiceNs } from './measured-ns.js';
import { ISOLATED_RIVALS, LINEAR_IN_MACS, RIVALS, type Rival } from './rivals.js';
import type { FidelitySetting } from './setting.js';

const bench = 'fidelity';

/** Judges the table of what was collected, in several ways, each by networks that had no part in the calibration. */
export function* evaluate(setting: FidelitySetting, collected: Collected): Iterable<BenchLine> {
  for (const line of linesOf(collected)) yield { ...line, metric: `${setting.name}: ${line.metric}` };
}

function* linesOf(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  yield* measurements(collected);
  const groups = groupsOf(networks);
  for (const group of groups) yield* ofGroup(collected, group);
  yield* coverage(collected);
  if (groups.length > 1) yield* ofAll(collected);
  yield* familiesLeftOut(collected);
  yield* rivals(collected);
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

/** Each network by a calibration on the others of its family and size, beside what chance allows. */
function* ofGroup(collected: Collected, group: Group): Iterable<BenchLine> {
  const [{ family, resolution }] = group;
  const name = `${family} at ${resolution} px`;
  const pairs = pairsLeftOut(collected, group);
  const twice = fidelityOf(
    group.flatMap((network) => {
      const [estimate, measured] = measuredTwiceNs(network) ?? [0, 0];
      return measured === 0 ? [] : [{ estimate, measured }];
    }),
  );
  const repeated = twice === null ? 0 : percent(twice.meanAbsoluteError);
  const repeatedTau = twice?.kendallTau ?? 1;
  const plain = errorLine(name, pairsOf(tableOf(collected, [], null), group));
  yield judged({
    ...errorLine(name, pairs, {
      repeatedPercent: repeated,
      repeatedTau: rounded(repeatedTau, 3),
      plainSumsPercent: plain.value,
      macsPercent: errorLine(name, rivalLeftOut(LINEAR_IN_MACS, collected, group)).value,
    }),
    goal: { atMost: Math.max(1.5, repeated) },
  });
  const { within5Percent, kendallTau } = fidelityOf(pairs)!;
  yield judged({
    bench,
    metric: `${name}, networks within 5 %`,
    value: percent(within5Percent),
    unit: '%',
    goal: { atLeast: Math.min(97, percent(twice?.within5Percent ?? 1)) },
  });
  yield judged({
    bench,
    metric: `${name}, rank agreement`,
    value: rounded(kendallTau ?? 1, 3),
    unit: 'ratio',
    goal: { atLeast: Math.min(0.9, rounded(repeatedTau, 3)) },
  });
}

/** Each network by a rival that was fitted on the others. */
function rivalLeftOut(
  rival: Rival,
  collected: Collected,
  networks: readonly MeasuredNetwork[],
): readonly EstimatePair[] {
  return networks.map((network) => {
    const others = networks.filter((other) => other !== network);
    return { estimate: rival.fitted(others, collected)(network), measured: measuredNs(network) };
  });
}

const DRAWS = 200;
const FEWEST_CALIBRATING = 6;

/** Over many draws of calibration networks, from six to half of all: how often the others lie within their intervals. */
function* coverage({ networks, ...rest }: Collected): Iterable<BenchLine> {
  const rng = seededRng(1);
  let [within, all] = [0, 0];
  for (let draw = 0; draw < DRAWS; draw++) {
    const shuffled = shuffle([...networks], rng);
    const most = Math.max(FEWEST_CALIBRATING, networks.length >> 1);
    const count = FEWEST_CALIBRATING + Math.floor(rng() * (most - FEWEST_CALIBRATING + 1));
    const heldOut = shuffled.slice(count);
    within += covered(tableOf({ networks, ...rest }, shuffled.slice(0, count)), heldOut);
    all += heldOut.length;
  }
  if (all === 0) return;
  const line = {
    bench,
    metric: 'held-out networks within the 95 % interval of their estimate',
    value: rounded((100 * within) / all, 1),
    unit: '%',
    detail: { draws: DRAWS, estimates: all },
  };
  yield judged({ ...line, goal: { atLeast: 90 } });
  yield judged({ ...line, metric: 'the same, not more than 98 %', goal: { atMost: 98 } });
}

/** Two networks of each family and size calibrate a table for all. */
function* ofAll(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  const calibration = firstOfEachGroup(networks);
  const heldOut = networks.filter((network) => !calibration.includes(network));
  const table = tableOf(collected, calibration);
  const { kind, scale, interceptNs, memory } = table.calibration;
  const detail = {
    calibration: calibration.length,
    kind,
    memory,
    scale: rounded(scale, 4),
    interceptUs: rounded(interceptNs / 1e3, 1),
  };
  yield judged({
    ...errorLine('all sizes, one calibration', pairsOf(table, heldOut), detail),
    goal: { atMost: 2 },
  });
  for (const group of groupsOf(heldOut)) {
    const [{ family, resolution }] = group;
    yield errorLine(`all sizes, one calibration: ${family} at ${resolution} px`, pairsOf(table, group));
  }
  const large = heldOut.filter(({ resolution }) => resolution >= 160);
  yield* ofLarge(table, large);
  const withoutMemory = tableOf(collected, calibration, null);
  yield errorLine('all sizes, one calibration, without the memory term', pairsOf(withoutMemory, heldOut));
  yield errorLine('no calibration', pairsOf(tableOf(collected, []), networks));
  yield errorLine('no calibration, no memory term', pairsOf(tableOf(collected, [], null), networks));
}

function* ofLarge(table: LatencyTable, large: readonly MeasuredNetwork[]): Iterable<BenchLine> {
  const pairs = pairsOf(table, large);
  const fidelity = fidelityOf(pairs);
  if (fidelity === null) return;
  const name = 'all sizes, one calibration: 160 px and more';
  yield judged({ ...errorLine(name, pairs), goal: { atMost: 2 } });
  yield judged({
    bench,
    metric: `${name}, largest error`,
    value: percent(fidelity.maxAbsoluteError),
    unit: '%',
    goal: { atMost: 6 },
  });
}

/** Calibrated on all other families: what a table says of an architecture that it has never seen whole. */
function* familiesLeftOut(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  const families = new Set(networks.map(({ family }) => family));
  if (families.size < 2) return;
  for (const left of families) {
    const others = tableOf(
      collected,
      networks.filter(({ family }) => family !== left),
    );
    const pairs = pairsOf(
      others,
      networks.filter(({ family }) => family === left),
    );
    yield judged({ ...errorLine(`${left}, calibrated on the other families`, pairs), goal: { atMost: 3 } });
  }
}

/** What others get on the same networks, fitted on the networks that calibrate the table and on half of all. */
function* rivals(collected: Collected): Iterable<BenchLine> {
  const { networks, isolatedNs } = collected;
  const isolated = Object.keys(isolatedNs).length > 0 ? ISOLATED_RIVALS : [];
  for (const known of knownSets(networks)) {
    const tested = networks.filter((network) => !known.includes(network));
    const fitted = `fitted on ${known.length} networks`;
    yield errorLine(`this model, ${fitted}`, pairsOf(tableOf(collected, known), tested));
    for (const rival of [...isolated, ...RIVALS]) {
      const estimate = rival.fitted(known, collected);
      const pairs = tested.map((network) => ({ estimate: estimate(network), measured: measuredNs(network) }));
      yield errorLine(`${rival.name}, ${fitted}`, pairs);
    }
  }
}

function knownSets(networks: readonly MeasuredNetwork[]): readonly (readonly MeasuredNetwork[])[] {
  const groups = groupsOf(networks);
  const few = groups.length > 1 ? firstOfEachGroup(networks) : networks.slice(0, FEWEST_CALIBRATING);
  return [few, networks.filter((_, i) => i % 2 === 0)];
}

function* cost({ entries, anchorsNs, opCost, wallMs }: Collected): Iterable<BenchLine> {
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
  yield { bench, metric: 'wall time of everything', value: rounded(wallMs / 1e3, 1), unit: 's' };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { estimateOps } from '../../core/latency/estimate.js';
import { type EstimatePair, fidelityOf } from '../../core/latency/fidelity.js';
import { LatencyTable } from '../../core/latency/latency-table.js';
import { type MemoryCurve, medianCurve } from '../../core/latency/memory-curve.js';
import { type BenchLine, judged } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collect.js';
import { measuredNs, RIVALS } from './rivals.js';

const bench = 'fidelity';

/** Judges the table of what was collected, in several ways, each by networks that had no part in the calibration. */
export function* evaluate(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  const calibration = firstOfEachGroup(networks);
  const heldOut = networks.filter((network) => !calibration.includes(network));
  const table = tableOf(collected, calibration);
  yield repeatability(networks);
  yield* ofAll(table, calibration, heldOut);
  for (const group of groupsOf(heldOut)) yield ofGroup(collected, table, group);
  yield* ofLarge(table, heldOut);
  yield* familiesLeftOut(collected);
  yield line(
    'without the memory term: one scale on plain sums',
    errorsOf(tableOf(collected, calibration, null), heldOut),
  );
  for (const known of [calibration, everyOther(networks)]) {
    for (const rival of RIVALS) {
      const estimate = rival.fitted(known);
      const tested = networks.filter((network) => !known.includes(network));
      const pairs = tested.map((network) => ({ estimate: estimate(network), measured: measuredNs(network) }));
      yield line(`${rival.name}, fitted on ${known.length} networks`, pairs);
    }
  }
  yield* cost(collected);
}

function tableOf(
  { entries, curves }: Collected,
  calibration: readonly MeasuredNetwork[],
  memoryCurve: MemoryCurve | null = medianCurve(curves),
): LatencyTable {
  return new LatencyTable({
    device: 'bench',
    environmentHash: '',
    channelStep: 1,
    entries,
    memoryCurve,
    observations: calibration.map((network) => ({
      networkHash: network.hash,
      opKeys: network.opKeys,
      latencyNs: measuredNs(network),
    })),
  });
}

function* ofAll(
  table: LatencyTable,
  calibration: readonly MeasuredNetwork[],
  heldOut: readonly MeasuredNetwork[],
): Iterable<BenchLine> {
  const pairs = errorsOf(table, heldOut);
  const { kind, scale, interceptNs, memory } = table.calibration;
  const detail = {
    calibration: calibration.length,
    kind,
    scale: rounded(scale, 4),
    interceptUs: rounded(interceptNs / 1e3, 1),
    memory,
  };
  yield judged({ ...line('all sizes together, one calibration', pairs, detail), goal: { atMost: 2 } });
  const covered = heldOut.filter((network) => {
    const { interval } = estimateOps(table, network.opKeys);
    const measuredMs = measuredNs(network) / 1e6;
    return measuredMs >= interval!.lowMs && measuredMs <= interval!.highMs;
  });
  yield judged({
    bench,
    metric: 'held-out networks within the 95 % interval of their estimate',
    value: rounded((100 * covered.length) / heldOut.length, 1),
    unit: '%',
    goal: { atLeast: 90 },
  });
}

function ofGroup(collected: Collected, table: LatencyTable, group: readonly MeasuredNetwork[]): BenchLine {
  const [{ family, resolution }] = group as [MeasuredNetwork];
  return judged({
    ...line(`${family} at ${resolution} px`, errorsOf(table, group), {
      repeatedPercent: repeatability(group).value,
      ownCalibrationPercent: ownCalibration(collected, group),
    }),
    goal: { atMost: 1.5 },
  });
}

/** Each network by a calibration on the others of its family and size alone. */
function ownCalibration(collected: Collected, group: readonly MeasuredNetwork[]): number | null {
  if (group.length < 3) return null;
  const pairs = group.flatMap((network) =>
    errorsOf(
      tableOf(
        collected,
        group.filter((other) => other !== network),
      ),
      [network],
    ),
  );
  return percent(fidelityOf(pairs)!.meanAbsoluteError);
}

function* ofLarge(table: LatencyTable, heldOut: readonly MeasuredNetwork[]): Iterable<BenchLine> {
  const pairs = errorsOf(
    table,
    heldOut.filter(({ resolution }) => resolution >= 160),
  );
  if (pairs.length === 0) return;
  yield judged({ ...line('160 px and more', pairs), goal: { atMost: 2 } });
  yield judged({
    bench,
    metric: '160 px and more, largest error',
    value: percent(fidelityOf(pairs)!.maxAbsoluteError),
    unit: '%',
    goal: { atMost: 6 },
  });
}

/** Calibrated on all other families: what a table says of an architecture that it has never seen whole. */
function* familiesLeftOut(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  for (const family of new Set(networks.map((network) => network.family))) {
    const table = tableOf(
      collected,
      networks.filter((network) => network.family !== family),
    );
    const pairs = errorsOf(
      table,
      networks.filter((network) => network.family === family),
    );
    yield judged({ ...line(`${family}, calibrated on the other families`, pairs), goal: { atMost: 3 } });
  }
}

function errorsOf(table: LatencyTable, networks: readonly MeasuredNetwork[]): readonly EstimatePair[] {
  return networks.map((network) => ({
    estimate: table.latencyNs(table.sums(network.opKeys)!),
    measured: measuredNs(network),
  }));
}

function line(
  name: string,
  pairs: readonly EstimatePair[],
  more: Readonly<Record<string, unknown>> = {},
): BenchLine {
  const { networks, meanAbsoluteError, maxAbsoluteError, within5Percent, kendallTau } = fidelityOf(pairs)!;
  return {
    bench,
    metric: `estimate against measurement, mean error: ${name}`,
    value: percent(meanAbsoluteError),
    unit: '%',
    detail: {
      networks,
      largestPercent: percent(maxAbsoluteError),
      within5Percent: rounded(100 * within5Percent, 1),
      kendallTau: kendallTau === null ? null : rounded(kendallTau, 3),
      ...more,
    },
  };
}

/** Two halves of the sessions against each other: what no estimate can be better than. */
function repeatability(networks: readonly MeasuredNetwork[]): BenchLine {
  const deviations = networks
    .filter(({ latenciesNs }) => latenciesNs.length > 1)
    .map((network) => {
      const { latenciesNs } = network;
      const half = (parity: number) =>
        measuredNs({ ...network, latenciesNs: latenciesNs.filter((_, i) => i % 2 === parity) });
      return Math.abs(half(0) / half(1) - 1);
    });
  return {
    bench,
    metric: 'the same networks measured twice, mean deviation',
    value: percent(deviations.reduce((sum, each) => sum + each, 0) / deviations.length),
    unit: '%',
    detail: { networks: deviations.length, largestPercent: percent(Math.max(...deviations)) },
  };
}

function* cost({ entries, sessions, timedMs, wallMs }: Collected): Iterable<BenchLine> {
  yield judged({
    bench,
    metric: 'timed runs an op, graphs around it, networks and anchors included',
    value: rounded(timedMs / entries.length, 2),
    unit: 'ms',
    goal: { atMost: 30 },
    detail: { ops: entries.length, sessions },
  });
  yield {
    bench,
    metric: 'wall time an op, everything included',
    value: rounded(wallMs / entries.length, 1),
    unit: 'ms',
  };
}

function groupsOf(networks: readonly MeasuredNetwork[]): readonly (readonly MeasuredNetwork[])[] {
  const groups = new Map<string, MeasuredNetwork[]>();
  for (const network of networks) {
    const name = `${network.family}@${network.resolution}`;
    groups.set(name, [...(groups.get(name) ?? []), network]);
  }
  return [...groups.values()];
}

function firstOfEachGroup(networks: readonly MeasuredNetwork[]): readonly MeasuredNetwork[] {
  return groupsOf(networks).map(([first]) => first!);
}

function everyOther(networks: readonly MeasuredNetwork[]): readonly MeasuredNetwork[] {
  return networks.filter((_, i) => i % 2 === 0);
}

function percent(share: number): number {
  return rounded(100 * share, 2);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

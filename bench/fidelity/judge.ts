import { estimateOps } from '../../core/latency/estimate.js';
import { type EstimatePair, fidelityOf } from '../../core/latency/fidelity.js';
import { LatencyTable } from '../../core/latency/latency-table.js';
import { type MemoryCurve, medianCurve } from '../../core/latency/memory-curve.js';
import type { TimingTarget } from '../../core/latency/timing-target.js';
import type { BenchLine } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import { measuredNs } from './measured-ns.js';

/** A table, and what its networks were measured for. */
export interface TableOfTarget {
  readonly table: LatencyTable;
  readonly target: TimingTarget;
}

/** The table of what was collected, calibrated on some of its networks. */
export function tableOf(
  { entries, curves, target = 'steady' }: Collected,
  calibration: readonly MeasuredNetwork[],
  memoryCurve: MemoryCurve | null = medianCurve(curves),
): TableOfTarget {
  const table = new LatencyTable({
    device: 'bench',
    environmentHash: '',
    channelStep: 1,
    entries,
    memoryCurve,
    observations: calibration.map((network) => ({
      networkHash: network.hash,
      opKeys: network.opKeys,
      latencyNs: measuredNs(network),
      target,
    })),
  });
  return { table, target };
}

export function pairsOf(
  { table, target }: TableOfTarget,
  networks: readonly MeasuredNetwork[],
): readonly EstimatePair[] {
  return networks.map((network) => ({
    estimate: table.latencyNs(table.sums(network.opKeys)!, target),
    measured: measuredNs(network),
  }));
}

/** Each network by a calibration on the others. */
export function pairsLeftOut(
  collected: Collected,
  networks: readonly MeasuredNetwork[],
): readonly EstimatePair[] {
  return networks.flatMap((network) => {
    const others = networks.filter((other) => other !== network);
    return pairsOf(tableOf(collected, others), [network]);
  });
}

/** Networks that were measured within the interval of their estimate. */
export function covered({ table, target }: TableOfTarget, networks: readonly MeasuredNetwork[]): number {
  return networks.filter((network) => {
    const { interval } = estimateOps(table, network.opKeys, target);
    const measuredMs = measuredNs(network) / 1e6;
    return measuredMs >= interval!.lowMs && measuredMs <= interval!.highMs;
  }).length;
}

/** A line of errors, unjudged. */
export function errorLine(
  name: string,
  pairs: readonly EstimatePair[],
  more: Readonly<Record<string, unknown>> = {},
): BenchLine {
  const fidelity = fidelityOf(pairs)!;
  return {
    bench: 'fidelity',
    metric: `${name}, mean error`,
    value: percent(fidelity.meanAbsoluteError),
    unit: '%',
    detail: {
      networks: fidelity.networks,
      biasPercent: percent(meanBias(pairs)),
      largestPercent: percent(fidelity.maxAbsoluteError),
      within5Percent: percent(fidelity.within5Percent),
      kendallTau: fidelity.kendallTau === null ? null : rounded(fidelity.kendallTau, 3),
      ...more,
    },
  };
}

function meanBias(pairs: readonly EstimatePair[]): number {
  return pairs.reduce((sum, { estimate, measured }) => sum + estimate / measured - 1, 0) / pairs.length;
}

export function percent(share: number): number {
  return rounded(100 * share, 2);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

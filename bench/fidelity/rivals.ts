import { median } from '../../core/latency/median.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs } from '../../core/ops/op-macs.js';
import type { MeasuredNetwork } from './collect.js';

/** What others estimate a network by, fitted on networks measured whole. */
export interface Rival {
  readonly name: string;
  fitted(known: readonly MeasuredNetwork[]): (network: MeasuredNetwork) => number;
}

const KINDS = ['conv2d', 'depthwise', 'squeezeExcite', 'dense'] as const;

export const RIVALS: readonly Rival[] = [
  rival('a · MACs', ({ macs }) => [macs]),
  rival('a + b · MACs', ({ macs }) => [1, macs]),
  rival('a + b · MACs + c · ops', ({ macs, opKeys }) => [1, macs, opKeys.length]),
  rival('MACs and number of each kind of op', ({ opKeys }) =>
    KINDS.flatMap((kind) => {
      const keys = opKeys.filter((key) => key.startsWith(`${kind}:`));
      return [keys.length, keys.reduce((sum, key) => sum + opMacs(decodeOpKey(key)), 0)];
    }),
  ),
];

function rival(name: string, features: (network: MeasuredNetwork) => readonly number[]): Rival {
  return {
    name,
    fitted(known) {
      const weights = leastRelativeSquares(known.map(features), known.map(measuredNs));
      return (network) => features(network).reduce((sum, value, i) => sum + value * weights[i]!, 0);
    },
  };
}

export function measuredNs({ latenciesNs }: MeasuredNetwork): number {
  return median(latenciesNs);
}

/** Least squares of relative errors, with a little ridge so that features in step do no harm. */
function leastRelativeSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): readonly number[] {
  const width = rows[0]!.length;
  const scales = Array.from({ length: width }, (_, i) =>
    Math.max(...rows.map((row) => Math.abs(row[i]!)), 1e-9),
  );
  // All latencies in units of their mean, or the ridge would outweigh them.
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const matrix = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width + 1 }, (_, j) => (i === j ? 1e-9 : 0)),
  );
  rows.forEach((row, r) => {
    const scaled = row.map((value, i) => (value / scales[i]!) * (mean / values[r]!));
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) matrix[i]![j]! += scaled[i]! * scaled[j]!;
      matrix[i]![width]! += scaled[i]!;
    }
  });
  for (let i = 0; i < width; i++) {
    const pivot = matrix[i]!;
    for (let r = 0; r < width; r++) {
      if (r === i) continue;
      const factor = matrix[r]![i]! / pivot[i]!;
      for (let c = i; c <= width; c++) matrix[r]![c]! -= factor * pivot[c]!;
    }
  }
  return matrix.map((row, i) => (mean * row[width]!) / row[i]! / scales[i]!);
}

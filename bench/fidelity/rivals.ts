import { median } from '../../core/measurement/quantile.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs, opOutputBytes, opParamBytes } from '../../core/ops/op-macs.js';
import { opInputShapes } from '../../runtimes/op-input-shapes.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import { EMPTY_SESSION } from './isolated-ops.js';
import { leastRelativeSquares } from './least-relative-squares.js';
import { measuredNs } from './measured-ns.js';

/** What others estimate a network by, fitted on networks measured whole. */
export interface Rival {
  readonly name: string;
  /**
   * @param known networks that were measured whole; of other networks their ops alone are read
   * @returns network → nanoseconds
   */
  fitted(known: readonly MeasuredNetwork[], collected: Collected): (network: MeasuredNetwork) => number;
}

const KINDS = ['conv2d', 'depthwise', 'squeezeExcite', 'dense'] as const;

export const LINEAR_IN_MACS = regression('a + b · MACs', ({ macs }) => [1, macs]);

/** Regressions on what a network's document says. */
export const RIVALS: readonly Rival[] = [
  regression('a · MACs', ({ macs }) => [macs]),
  LINEAR_IN_MACS,
  regression('a + b · MACs + c · ops', ({ macs, opKeys }) => [1, macs, opKeys.length]),
  regression('MACs and number of each kind of op', ({ opKeys }) =>
    KINDS.flatMap((kind) => {
      const keys = opKeys.filter((key) => key.startsWith(`${kind}:`));
      return [keys.length, keys.reduce((sum, key) => sum + opMacs(decodeOpKey(key)), 0)];
    }),
  ),
  {
    name: 'a regression an op kind on its ops in context (1, MACs, weights, maps), summed, one scale',
    fitted(known, collected) {
      const opNs = opRegressions(known, collected);
      const sumNs = ({ opKeys }: MeasuredNetwork) => opKeys.reduce((sum, key) => sum + opNs(key), 0);
      return scaled(known, sumNs);
    },
  },
];

/** Sums of ops that were timed each in a session of its own. */
export const ISOLATED_RIVALS: readonly Rival[] = [
  { name: 'isolated sessions, raw sum', fitted: (_, { isolatedNs }) => sumOf(isolatedNs, 0) },
  {
    name: 'isolated sessions, one scale',
    fitted: (known, { isolatedNs }) => scaled(known, sumOf(isolatedNs, 0)),
  },
  isolatedRegression('isolated sessions, scale and intercept', (sumNs) => [1, sumNs]),
  isolatedRegression('isolated sessions, scale and a constant an op', (sumNs, ops) => [sumNs, ops]),
  {
    name: 'isolated sessions minus an empty session, one scale',
    fitted: (known, { isolatedNs }) => scaled(known, sumOf(isolatedNs, isolatedNs[EMPTY_SESSION]!)),
  },
];

function regression(name: string, features: (network: MeasuredNetwork) => readonly number[]): Rival {
  return { name, fitted: (known) => regressed(known, features) };
}

function isolatedRegression(
  name: string,
  features: (sumNs: number, ops: number) => readonly number[],
): Rival {
  return {
    name,
    fitted(known, { isolatedNs }) {
      const sumNs = sumOf(isolatedNs, 0);
      return regressed(known, (network) => features(sumNs(network), network.opKeys.length));
    },
  };
}

function regressed(
  known: readonly MeasuredNetwork[],
  features: (network: MeasuredNetwork) => readonly number[],
): (network: MeasuredNetwork) => number {
  const weights = leastRelativeSquares(known.map(features), known.map(measuredNs));
  return (network) => weighted(features(network), weights);
}

function scaled(
  known: readonly MeasuredNetwork[],
  modelNs: (network: MeasuredNetwork) => number,
): (network: MeasuredNetwork) => number {
  const ratios = known.map((network) => measuredNs(network) / modelNs(network));
  const scale = median(ratios);
  return (network) => scale * modelNs(network);
}

function sumOf(opNs: Readonly<Record<string, number>>, lessNs: number): (network: MeasuredNetwork) => number {
  return ({ opKeys }) => opKeys.reduce((sum, key) => sum + opNs[key]! - lessNs, 0);
}

/** One regression an op kind, on the ops of the known networks. */
function opRegressions(known: readonly MeasuredNetwork[], { entries }: Collected): (key: string) => number {
  const keys = new Set(known.flatMap(({ opKeys }) => opKeys));
  const measured = entries.filter(({ key }) => keys.has(key));
  const kinds = new Set(measured.map(({ key }) => decodeOpKey(key).kind));
  const weights = new Map(
    [...kinds].map((kind) => {
      const ops = measured.filter(({ key }) => decodeOpKey(key).kind === kind);
      const rows = ops.map(({ key }) => opFeatures(key));
      const values = ops.map(({ latencyNs }) => latencyNs);
      return [kind, leastRelativeSquares(rows, values)];
    }),
  );
  return (key) => {
    const ofKind = weights.get(decodeOpKey(key).kind);
    if (ofKind === undefined) throw new Error(`no op of the kind of ${key} was measured`);
    return Math.max(0, weighted(opFeatures(key), ofKind));
  };
}

function opFeatures(key: string): readonly number[] {
  const op = decodeOpKey(key);
  const read = opInputShapes(op).reduce(
    (sum, [height, width, channels]) => sum + height * width * channels,
    0,
  );
  return [1, opMacs(op), opParamBytes(op), read + opOutputBytes(op) / 4];
}

function weighted(features: readonly number[], weights: readonly number[]): number {
  return features.reduce((sum, value, i) => sum + value * weights[i]!, 0);
}

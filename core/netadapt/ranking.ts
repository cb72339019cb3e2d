import type { Evaluation } from './evaluation.js';
import { lossNoiseNats } from './loss-noise.js';

/**
 * How the proposals of an iteration are compared:
 * `loss-per-latency`: (calibrated loss − the null proposal's) / latency reduction, lowest first;
 * `accuracy`: highest first (Yang et al. 2018, algorithm 1, line 8);
 * `accuracy-per-latency`: (accuracy − the present network's) / latency reduction, highest first (Howard et al. 2019,
 * section 4.2).
 */
export type Ranking = 'loss-per-latency' | 'accuracy' | 'accuracy-per-latency';

export interface Contender {
  /** Of the proposal after fine-tuning, on the holdout. */
  readonly holdout: Evaluation;
  /** Latency that the proposal takes away, as far as the budget asks for it; above 0. */
  readonly usefulMs: number;
}

export interface RankingReference {
  /** The uncut network after the same fine-tuning. */
  readonly nullProposal: Evaluation;
  /** The uncut network as it stands. */
  readonly present: Evaluation;
}

/** Lower is better for `loss-per-latency`, higher for the others. */
export function scoreOf(ranking: Ranking, contender: Contender, reference: RankingReference): number {
  const { holdout, usefulMs } = contender;
  switch (ranking) {
    case 'loss-per-latency':
      return (holdout.calibratedLossNats - reference.nullProposal.calibratedLossNats) / usefulMs;
    case 'accuracy':
      return holdout.accuracy;
    case 'accuracy-per-latency':
      return (holdout.accuracy - reference.present.accuracy) / usefulMs;
  }
}

/**
 * Best first. Under `loss-per-latency`, cuts whose loss exceeds the null proposal's by no more than the noise of an
 * evaluation are indistinguishable from harmless: they come first, and the one that takes away most latency leads (the
 * quotient would prefer the smallest of them). Equal scores fall to the larger reduction, then to the earlier one.
 */
export function ranked<T extends Contender>(
  ranking: Ranking,
  contenders: readonly T[],
  reference: RankingReference,
): readonly T[] {
  const sign = ranking === 'loss-per-latency' ? 1 : -1;
  const keyed = contenders.map((contender) => {
    const harmless = ranking === 'loss-per-latency' && isHarmless(contender, reference);
    return { contender, key: harmless ? -Infinity : sign * scoreOf(ranking, contender, reference) };
  });
  return keyed
    .sort((a, b) => compare(a.key, b.key) || b.contender.usefulMs - a.contender.usefulMs)
    .map(({ contender }) => contender);
}

function isHarmless({ holdout }: Contender, { nullProposal }: RankingReference): boolean {
  const excessNats = holdout.calibratedLossNats - nullProposal.calibratedLossNats;
  return excessNats <= lossNoiseNats(nullProposal);
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

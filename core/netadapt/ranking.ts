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
  /** What the proposal takes away, as far as the budget asks for it; above 0. */
  readonly useful: number;
}

export interface RankingReference {
  /** The uncut network after the same fine-tuning. */
  readonly nullProposal: Evaluation;
  /** The uncut network as it stands. */
  readonly present: Evaluation;
}

/** Lower is better for `loss-per-latency`, higher for the others. */
export function scoreOf(ranking: Ranking, contender: Contender, reference: RankingReference): number {
  const { holdout, useful } = contender;
  switch (ranking) {
    case 'loss-per-latency':
      return (holdout.calibratedLossNats - reference.nullProposal.calibratedLossNats) / useful;
    case 'accuracy':
      return holdout.accuracy;
    case 'accuracy-per-latency':
      return (holdout.accuracy - reference.present.accuracy) / useful;
  }
}

/**
 * Best first. Under `loss-per-latency`, cuts whose loss exceeds the null proposal's by no more than the noise of an
 * evaluation are indistinguishable from harmless: they come first, and the one that takes away most leads (the quotient
 * would prefer the smallest of them). Equal scores fall to the larger reduction, then to the earlier proposal.
 *
 * Reductions closer than the device's noise are indistinguishable as well: whoever leads gives way to the best by quality
 * alone, loss or accuracy, among those that take away as much within noise; of equals the earlier leads.
 * @param noise in the unit of `useful`
 */
export function ranked<T extends Contender>(
  ranking: Ranking,
  contenders: readonly T[],
  reference: RankingReference,
  noise: number,
): readonly T[] {
  const sign = ranking === 'loss-per-latency' ? 1 : -1;
  const byScore = contenders
    .map((contender, position) => {
      const harmless = ranking === 'loss-per-latency' && isHarmless(contender, reference);
      const key = harmless ? -Infinity : sign * scoreOf(ranking, contender, reference);
      return { contender, position, key };
    })
    .sort((a, b) => compare(a.key, b.key) || b.contender.useful - a.contender.useful);
  const order: T[] = [];
  while (byScore.length > 0) {
    const leader = byScore[0]!.contender;
    const best = byScore
      .filter(({ contender }) => Math.abs(contender.useful - leader.useful) <= noise)
      .reduce((a, b) => {
        const better = compare(costOf(ranking, b.contender), costOf(ranking, a.contender));
        return better < 0 || (better === 0 && b.position < a.position) ? b : a;
      });
    order.push(best.contender);
    byScore.splice(byScore.indexOf(best), 1);
  }
  return order;
}

/** What a ranking minimises, whatever it takes away. */
function costOf(ranking: Ranking, { holdout }: Contender): number {
  return ranking === 'loss-per-latency' ? holdout.calibratedLossNats : -holdout.accuracy;
}

function isHarmless({ holdout }: Contender, { nullProposal }: RankingReference): boolean {
  const excessNats = holdout.calibratedLossNats - nullProposal.calibratedLossNats;
  return excessNats <= lossNoiseNats(nullProposal);
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import type { Evaluation } from './evaluation.js';
import type { Proposal } from './proposals.js';
import { type Ranking, type RankingReference, ranked, scoreOf } from './ranking.js';

export interface EvaluatedProposal extends Proposal {
  /** After fine-tuning. */
  readonly holdout: Evaluation;
}

export interface SelectionRequest {
  readonly ranking: Ranking;
  readonly reference: RankingReference;
  /** What the network that the proposals shrink needs of the resource. */
  readonly amount: number;
  /** A combination is not estimated below this: the budget needs no more. */
  readonly aim: number;
  /** Reductions closer than this share of the amount are indistinguishable; 0 for what is counted. */
  readonly noise: number;
  /** 1 = as published. */
  readonly maxChosen: number;
}

export interface Selection {
  /** Best first; more than one never share an op. */
  readonly chosen: readonly EvaluatedProposal[];
  /** Of all chosen together. */
  readonly estimate: number;
  /** By group, of all evaluated proposals. */
  readonly scores: Readonly<Record<string, number>>;
}

/**
 * The best proposal and, while far from the budget, further ones that do not interact with those taken: their
 * reductions add up, since no op changes with two of them.
 * @param proposals at least one
 */
export function select(proposals: readonly EvaluatedProposal[], request: SelectionRequest): Selection {
  const needed = request.amount - request.aim;
  const contenders = proposals.map((proposal) => {
    const reduction = request.amount - proposal.estimate;
    // What is taken away below the aim is worth nothing.
    return { ...proposal, reduction, useful: needed > 0 ? Math.min(reduction, needed) : reduction };
  });
  const { ranking, reference, noise } = request;
  const [best, ...others] = ranked(ranking, contenders, reference, noise * request.amount);
  const chosen = [best!];
  const taken = new Set(best!.ops);
  let estimate = best!.estimate;
  for (const other of others) {
    if (chosen.length >= request.maxChosen) break;
    if (other.ops.some((op) => taken.has(op)) || estimate - other.reduction < request.aim) continue;
    chosen.push(other);
    estimate -= other.reduction;
    for (const op of other.ops) taken.add(op);
  }
  return {
    chosen,
    estimate,
    scores: Object.fromEntries(
      contenders.map((contender) => [contender.group, scoreOf(ranking, contender, reference)]),
    ),
  };
}

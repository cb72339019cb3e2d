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
  /** Measured, of the network that the proposals shrink. */
  readonly latencyMs: number;
  /** A combination is not estimated below this: the budget needs no more. */
  readonly aimMs: number;
  /** 1 = as published. */
  readonly maxChosen: number;
}

export interface Selection {
  /** Best first; more than one never share an op. */
  readonly chosen: readonly EvaluatedProposal[];
  /** Of all chosen together. */
  readonly estimateMs: number;
  /** By group, of all evaluated proposals. */
  readonly scores: Readonly<Record<string, number>>;
}

/**
 * The best proposal and, while far from the budget, further ones that do not interact with those taken: their latency
 * reductions add up, since no op changes with two of them.
 * @param proposals at least one
 */
export function select(proposals: readonly EvaluatedProposal[], request: SelectionRequest): Selection {
  const neededMs = request.latencyMs - request.aimMs;
  const contenders = proposals.map((proposal) => {
    const reductionMs = request.latencyMs - proposal.estimateMs;
    // Latency taken away below the aim is worth nothing.
    return {
      ...proposal,
      reductionMs,
      usefulMs: neededMs > 0 ? Math.min(reductionMs, neededMs) : reductionMs,
    };
  });
  const [best, ...others] = ranked(request.ranking, contenders, request.reference);
  const chosen = [best!];
  const taken = new Set(best!.ops);
  let estimateMs = best!.estimateMs;
  for (const other of others) {
    if (chosen.length >= request.maxChosen) break;
    if (other.ops.some((op) => taken.has(op)) || estimateMs - other.reductionMs < request.aimMs) continue;
    chosen.push(other);
    estimateMs -= other.reductionMs;
    for (const op of other.ops) taken.add(op);
  }
  return {
    chosen,
    estimateMs,
    scores: Object.fromEntries(
      contenders.map((contender) => [
        contender.group,
        scoreOf(request.ranking, contender, request.reference),
      ]),
    ),
  };
}

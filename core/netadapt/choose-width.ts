/** What is known of one group's widths. */
export interface WidthQuestion {
  /** Narrower widths, widest first. */
  readonly widths: readonly number[];
  readonly width: number;
  /** Of the network as it is. */
  readonly latencyMs: number;
  readonly targetMs: number;
  /** What the network would take if the ops that depend on this group took no time: no width gets below. */
  readonly floorMs: number;
  /** Of the network at one of `widths`; null when the table lacks an op of it. */
  estimateMs(width: number): number | null;
  /**
   * Wider widths that must be known to miss the target before a width is accepted: 1 where latency only falls with the
   * width, 2 where widths between two channel steps may be dearer than the next step.
   */
  readonly guard: number;
}

export type WidthAnswer =
  | { readonly kind: 'width'; readonly width: number; readonly estimateMs: number }
  | { readonly kind: 'none' }
  /** Cannot be told before the ops of these widths are measured. */
  | { readonly kind: 'measure'; readonly widths: readonly number[] };

/**
 * The largest width whose estimate meets the target. Asks for few measurements: widths around the interpolated crossing,
 * until one meets the target and the next wider ones are known to miss it. No width is taken to be faster than the
 * narrowest.
 *
 * The search begins anew at every call and looks only at widths that it asked for itself: what else the table knows
 * decides nothing, so that a run that was killed, or one that finds a fuller table, comes to the same width even where
 * latency does not fall with the width.
 */
export function chooseWidth(question: WidthQuestion): WidthAnswer {
  const probed = new Map<number, number>();
  for (;;) {
    const answer = nextStep(question, probed);
    if (answer.kind !== 'measure') return answer;
    const unknown: number[] = [];
    for (const width of answer.widths) {
      const estimateMs = question.estimateMs(width);
      if (estimateMs === null) unknown.push(width);
      else probed.set(width, estimateMs);
    }
    if (unknown.length > 0) return { kind: 'measure', widths: unknown };
  }
}

/** The answer, if what was probed gives it, or the widths to probe next. */
function nextStep(question: WidthQuestion, probed: ReadonlyMap<number, number>): WidthAnswer {
  const { widths, targetMs, guard } = question;
  if (widths.length === 0 || question.floorMs > targetMs) return { kind: 'none' };
  const estimates = widths.map((width) => probed.get(width) ?? null);
  const hit = estimates.findIndex((estimateMs) => estimateMs !== null && estimateMs <= targetMs);
  if (hit === -1) return searchFor(question, estimates);
  const unknown = unknownWithin(estimates, hit - guard, hit - 1);
  if (unknown.length === 0) return { kind: 'width', width: widths[hit]!, estimateMs: estimates[hit]! };
  const crossing = crossingBetween(question, estimates, hit);
  const around = unknownWithin(estimates, crossing - guard, crossing).filter((index) => index < hit);
  return ask(question, around.length > 0 ? around : unknown);
}

/** No known width meets the target: try where it should be met, and the narrowest once something was tried. */
function searchFor(question: WidthQuestion, estimates: readonly (number | null)[]): WidthAnswer {
  const narrowest = estimates.length - 1;
  if (estimates[narrowest] !== null) return { kind: 'none' };
  const tried = estimates.some((estimateMs) => estimateMs !== null);
  if (tried) return ask(question, [narrowest]);
  // As if latency fell in proportion to the width; it falls more slowly, hence one width further.
  const share = (question.targetMs - question.floorMs) / (question.latencyMs - question.floorMs);
  const crossing = indexAt(question.widths, question.width * share);
  return ask(question, unknownWithin(estimates, crossing - question.guard, crossing + 1));
}

/** Index where a straight line from the last width known to miss to the first known to hit meets the target. */
function crossingBetween(
  question: WidthQuestion,
  estimates: readonly (number | null)[],
  hit: number,
): number {
  const miss = estimates.findLastIndex((estimateMs, index) => index < hit && estimateMs !== null);
  const [missWidth, missMs] =
    miss === -1 ? [question.width, question.latencyMs] : [question.widths[miss]!, estimates[miss]!];
  const hitWidth = question.widths[hit]!;
  const share = (question.targetMs - estimates[hit]!) / (missMs - estimates[hit]!);
  return indexAt(question.widths, hitWidth + share * (missWidth - hitWidth));
}

/** Index of the largest width that is not above `width`. */
function indexAt(widths: readonly number[], width: number): number {
  const index = widths.findIndex((candidate) => candidate <= width);
  return index === -1 ? widths.length - 1 : index;
}

function unknownWithin(estimates: readonly (number | null)[], from: number, to: number): number[] {
  const unknown: number[] = [];
  for (let index = Math.max(0, from); index <= Math.min(to, estimates.length - 1); index++) {
    if (estimates[index] === null) unknown.push(index);
  }
  return unknown;
}

function ask({ widths }: WidthQuestion, indices: readonly number[]): WidthAnswer {
  return { kind: 'measure', widths: indices.map((index) => widths[index]!) };
}

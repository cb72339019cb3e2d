import { meanHalfWidth } from './mean-half-width.js';
import { medianInterval } from './median-interval.js';
import { median } from './quantile.js';
import { classifyVisits, type ProbeVisits } from './visit-values.js';

/** How B stands to A. `same`: the difference lies below the noise floor, whole interval included. */
export type ComparisonAnswer = 'same' | 'faster' | 'slower' | 'ambiguous';

export interface Comparison {
  readonly answer: ComparisonAnswer;
  /** Latency of B ÷ latency of A. */
  readonly ratio: number;
  /** Bounds of the 95 % interval of the ratio. */
  readonly low: number;
  readonly high: number;
  /** Rounds of A, B, B, A that counted. */
  readonly rounds: number;
}

const MIN_REMAINING_ROUNDS = 5;

/** Taken for a device whose noise was never measured: what a quiet machine of its own keeps to. */
const ASSUMED_NOISE_FLOOR = 0.02;

/**
 * Compares two networks that were visited in rounds of A, B, B, A: what drifts steadily adds alike to both. The ratio
 * is the median over rounds of (b₁ + b₂) ÷ (a₁ + a₂) of visit minima; its interval comes from order statistics of the
 * rounds, and is no narrower than what the processes' own medians spread over. Rounds with a disturbed visit are left
 * out, by cause, while five others remain; fewer rounds than that leave the answer open.
 * @param a visits of A, two a round, in order of time
 * @param noiseFloor share below which two figures of the device are indistinguishable; null where it is not known, and
 *   {@link ASSUMED_NOISE_FLOOR} is taken
 * @returns null where no process visited both twice
 */
export function compareNetworks(
  a: ProbeVisits,
  b: ProbeVisits,
  noiseFloor: number | null,
): Comparison | null {
  const rounds = pairedRounds(a, b);
  if (rounds.length === 0) return null;
  const logs = rounds.map(({ log }) => log);
  const { median: middle, low, high } = medianInterval(logs);
  const medians = [...byProcess(rounds).values()].map((own) => median(own.map(({ log }) => log)));
  const between = medians.length < 2 ? 0 : meanHalfWidth(medians);
  const bounds = {
    low: Math.exp(Math.min(low, middle - between)),
    high: Math.exp(Math.max(high, middle + between)),
  };
  const ratio = Math.exp(middle);
  return {
    answer:
      rounds.length < MIN_REMAINING_ROUNDS
        ? 'ambiguous'
        : answerOf({ ratio, ...bounds }, noiseFloor ?? ASSUMED_NOISE_FLOOR),
    ratio,
    ...bounds,
    rounds: rounds.length,
  };
}

function answerOf(
  { ratio, low, high }: { readonly ratio: number; readonly low: number; readonly high: number },
  floor: number,
): ComparisonAnswer {
  if (high < 1 && ratio < 1 - floor) return 'faster';
  if (low > 1 && ratio > 1 + floor) return 'slower';
  return low >= 1 - floor && high <= 1 + floor ? 'same' : 'ambiguous';
}

interface Round {
  readonly process: number;
  readonly log: number;
}

function pairedRounds(a: ProbeVisits, b: ProbeVisits): readonly Round[] {
  const [visitsA, visitsB] = [byProcess(classifyVisits(a)), byProcess(classifyVisits(b))];
  const rounds = [...visitsA].flatMap(([process, ofA]) => {
    const ofB = visitsB.get(process) ?? [];
    return Array.from({ length: Math.floor(Math.min(ofA.length, ofB.length) / 2) }, (_, round) => {
      const [a1, a2, b1, b2] = [ofA[2 * round]!, ofA[2 * round + 1]!, ofB[2 * round]!, ofB[2 * round + 1]!];
      return {
        process,
        log: Math.log((b1.minimumNs + b2.minimumNs) / (a1.minimumNs + a2.minimumNs)),
        counted: [a1, a2, b1, b2].every((visit) => visit.class === 'counted'),
      };
    });
  });
  const counted = rounds.filter((round) => round.counted);
  return counted.length >= MIN_REMAINING_ROUNDS ? counted : rounds;
}

function byProcess<Item extends { readonly process: number }>(
  items: readonly Item[],
): ReadonlyMap<number, readonly Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) groups.set(item.process, [...(groups.get(item.process) ?? []), item]);
  return groups;
}

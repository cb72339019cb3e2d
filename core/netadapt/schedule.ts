/** How much of a resource one iteration takes away. */
export interface ReductionSchedule {
  /** Of the first iteration, as a share of what the seed needs. */
  readonly initialReduction: number;
  /** Δᵢ₊₁ = decay · Δᵢ. */
  readonly decay: number;
}

/**
 * `netadapt`: 3 % of the seed's latency, decaying by 0.96 an iteration (Yang et al. 2018, section 4.1).
 * `mobilenet-v3`: 1 % of the seed's latency in every iteration (Howard et al. 2019, section 4.2).
 */
export const PUBLISHED_SCHEDULES = {
  netadapt: { initialReduction: 0.03, decay: 0.96 },
  'mobilenet-v3': { initialReduction: 0.01, decay: 1 },
} as const satisfies Record<string, ReductionSchedule>;

/**
 * Δᵢ, how much iteration i must take away.
 * @param seedAmount what the seed needs of the resource
 * @param iteration from 0, among those that reduce this resource
 * @see Yang et al. 2018, "NetAdapt", equation 3
 */
export function reductionAt(schedule: ReductionSchedule, seedAmount: number, iteration: number): number {
  return seedAmount * schedule.initialReduction * schedule.decay ** iteration;
}

/** What a network needs of a resource. */
interface Need {
  readonly amount: number;
  /** Upper end of its interval; the amount itself where it is counted. */
  readonly most: number;
}

/** Estimates near an anchor are off by 0.8 % on average: aim below the budget by a little more. */
const ESTIMATE_ALLOWANCE = 0.01;

/** Wider intervals than this say that the session was poor, not that the network needs to be so much faster. */
const WIDEST_INTERVAL = 1.05;

/** A step is at least this share of Δ: smaller ones cost a whole iteration and drown in noise. */
const LEAST_STEP = 0.25;

/**
 * The latency whose *measured interval* may be expected to lie at or under the limit: no need to go lower.
 * @returns in the unit of the limit
 */
export function latencyAim({ amount, most }: Need, limitMs: number): number {
  const interval = Math.min(most / amount, WIDEST_INTERVAL);
  return (limitMs / interval) * (1 - ESTIMATE_ALLOWANCE);
}

/**
 * What the next network's estimate must not exceed: one Δ less than now, but no lower than the aim.
 * @param step Δ of this iteration
 * @see Yang et al. 2018, "NetAdapt", equation 2
 */
export function targetAt(amount: number, step: number, aim: number): number {
  const wanted = Math.max(amount - step, aim);
  return Math.min(wanted, amount - LEAST_STEP * step);
}

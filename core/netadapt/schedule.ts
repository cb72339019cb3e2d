/** How much latency one iteration takes away. */
export interface ReductionSchedule {
  /** Of the first iteration, as a share of the seed's latency. */
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
 * Δᵢ, the latency that iteration i must take away.
 * @param seedMs measured latency of the seed
 * @param iteration from 0
 * @see Yang et al. 2018, "NetAdapt", equation 3
 */
export function reductionMs(schedule: ReductionSchedule, seedMs: number, iteration: number): number {
  return seedMs * schedule.initialReduction * schedule.decay ** iteration;
}

/** A network's figure as measured on the device. */
interface Standing {
  readonly latencyMs: number;
  /** Upper end of its interval. */
  readonly highMs: number;
}

/** Estimates near an anchor are off by 0.8 % on average: aim below the budget by a little more. */
const ESTIMATE_ALLOWANCE = 0.01;

/** Wider intervals than this say that the session was poor, not that the network needs to be so much faster. */
const WIDEST_INTERVAL = 1.05;

/** A step is at least this share of Δ: smaller ones cost a whole iteration and drown in noise. */
const LEAST_STEP = 0.25;

/**
 * The latency whose *measured interval* may be expected to lie at or under the budget: no need to go lower.
 * @returns milliseconds
 */
export function aimMs(standing: Standing, budgetMs: number): number {
  const interval = Math.min(standing.highMs / standing.latencyMs, WIDEST_INTERVAL);
  return (budgetMs / interval) * (1 - ESTIMATE_ALLOWANCE);
}

/**
 * What the next network's estimate must not exceed: one Δ less than now, but no lower than the aim.
 * @param stepMs Δ of this iteration
 * @see Yang et al. 2018, "NetAdapt", equation 2
 */
export function targetMs(standing: Standing, stepMs: number, budgetMs: number): number {
  const wanted = Math.max(standing.latencyMs - stepMs, aimMs(standing, budgetMs));
  return Math.min(wanted, standing.latencyMs - LEAST_STEP * stepMs);
}

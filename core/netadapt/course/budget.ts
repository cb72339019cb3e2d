import type { Resource } from '../resource.js';
import type { BudgetLine } from '../run-settings.js';
import { latencyAim, type ReductionSchedule, reductionAt } from '../schedule.js';
import { amountOf, mostOf, type Standing } from './standing.js';

/** A budget line in the resource's own unit. */
export interface Limit {
  readonly resource: Resource;
  readonly amount: number;
}

/** What one iteration reduces, by how much, and how far at most. */
export interface StepAim {
  readonly resource: Resource;
  /** Δ. */
  readonly step: number;
  /** The budget needs no less than this. */
  readonly aim: number;
}

/** @param seed as measured: ratios are of what it needs */
export function limitsOf(budget: readonly BudgetLine[], seed: Standing): readonly Limit[] {
  return budget.map(({ resource, limit }) => ({
    resource,
    amount: 'ratio' in limit ? limit.ratio * amountOf(seed, resource) : limit.amount,
  }));
}

/** Whether a network keeps within a limit, its whole measured interval included. */
export function isWithin(standing: Standing, { resource, amount }: Limit): boolean {
  return mostOf(standing, resource) <= amount;
}

/** What to go down to: for a latency, so far below the limit that the measured interval will hold. */
export function aimOf(standing: Standing, { resource, amount }: Limit): number {
  if (resource.kind !== 'latency') return amount;
  return latencyAim({ amount: amountOf(standing, resource), most: mostOf(standing, resource) }, amount);
}

/**
 * The limit that is farthest from being kept, as a share of what is aimed at; of equals the first; null when all are
 * kept. An iteration reduces what binds: of several resources each is the one in its turn, and none is cut below its limit
 * for the sake of another.
 */
export function bindingLimit(standing: Standing, limits: readonly Limit[]): Limit | null {
  let binding: Limit | null = null;
  let largest = Number.NEGATIVE_INFINITY;
  for (const limit of limits) {
    if (isWithin(standing, limit)) continue;
    const excess = amountOf(standing, limit.resource) / aimOf(standing, limit);
    if (excess > largest) [binding, largest] = [limit, excess];
  }
  return binding;
}

/** @param taken iterations that reduced this resource before */
export function stepTowards(
  limit: Limit,
  {
    schedule,
    seed,
    standing,
    taken,
  }: {
    readonly schedule: ReductionSchedule;
    readonly seed: Standing;
    readonly standing: Standing;
    readonly taken: number;
  },
): StepAim {
  const { resource } = limit;
  return {
    resource,
    step: reductionAt(schedule, amountOf(seed, resource), taken),
    aim: aimOf(standing, limit),
  };
}

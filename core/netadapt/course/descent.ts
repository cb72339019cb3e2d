import type { Command } from '../command.js';
import type { RunState } from '../run-state.js';
import type { StepAim } from './budget.js';
import type { DeadEnd } from './dead-end.js';
import { type Iteration, iterationStage } from './iteration.js';
import type { Opening } from './opening.js';
import type { Standing } from './standing.js';

/** What makes iterations a run to a budget, or its rival. */
export interface DescentPlan {
  /** Begins the keys of all its commands. */
  readonly prefix: string;
  readonly vital: boolean;
  /** What the next iteration reduces; null: there is nothing left to reduce. */
  next(standing: Standing, iterations: readonly Iteration[]): StepAim | null;
}

/** A sequence of iterations, as far as it has come. */
export interface Descent {
  readonly iterations: readonly Iteration[];
  /** The network come to. */
  readonly standing: Standing;
  /** What must be done before or beside what follows. */
  readonly commands: readonly Command[];
  readonly end: 'pending' | 'arrived' | DeadEnd;
}

/**
 * Iterates until the plan has nothing left to reduce, or results are lacking.
 * @param from where to go on; the seed at first
 */
export function descend(
  state: RunState,
  opening: Opening,
  plan: DescentPlan,
  from: Pick<Descent, 'iterations' | 'standing'>,
): Descent {
  const iterations = [...from.iterations];
  const commands: Command[] = [];
  let { standing } = from;
  for (;;) {
    const aim = plan.next(standing, iterations);
    if (aim === null) return { iterations, standing, commands, end: 'arrived' };
    const { prefix, vital } = plan;
    const index = iterations.length;
    const iteration = iterationStage(state, opening, { prefix, vital, index, standing, aim });
    iterations.push(iteration);
    commands.push(...iteration.commands);
    if (iteration.next === null) {
      return { iterations, standing, commands, end: iteration.deadEnd ?? 'pending' };
    }
    standing = iteration.next;
  }
}

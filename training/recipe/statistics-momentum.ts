import type { Recipe } from '../../contracts/job.js';

/**
 * Batch-norm momentum of one step. Over the last `averageStatisticsSteps` it runs through 0, 1/2, 2/3, … so that the
 * running statistics end as the plain mean of those batches': a moving average alone would still carry the statistics
 * of a network that was just cut.
 * @param step 0 … recipe.steps − 1
 */
export function statisticsMomentumAt(
  step: number,
  recipe: Pick<Recipe, 'steps' | 'batchNormMomentum' | 'averageStatisticsSteps'>,
): number {
  const averaged = step - Math.max(0, recipe.steps - recipe.averageStatisticsSteps);
  return averaged < 0 ? recipe.batchNormMomentum : averaged / (averaged + 1);
}

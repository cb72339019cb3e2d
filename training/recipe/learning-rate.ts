import type { Recipe } from '../../contracts/job.js';

/**
 * Learning rate of one step: a linear warm-up, times a half cosine that ends at zero or a constant.
 * @param step 0 … recipe.steps − 1
 * @see Loshchilov and Hutter 2017, eq. 5 (one period), https://arxiv.org/abs/1608.03983
 */
export function learningRateAt(
  step: number,
  recipe: Pick<Recipe, 'steps' | 'learningRate' | 'schedule' | 'warmupSteps'>,
): number {
  const warmUp = recipe.warmupSteps > 0 ? Math.min(1, (step + 1) / recipe.warmupSteps) : 1;
  const decay = recipe.schedule === 'cosine' ? (1 + Math.cos((Math.PI * step) / recipe.steps)) / 2 : 1;
  return recipe.learningRate * warmUp * decay;
}

import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { FINAL_RECIPE, FINE_TUNE_RECIPE, SEED_RECIPE } from '../../training/recipe/default-recipes.js';

/** First reduction and decay as published: NetAdapt's paper, and MobileNetV3's constant steps. */
const SCHEDULES = {
  netadapt: { initialReduction: 0.03, reductionDecay: 0.96 },
  'mobilenet-v3': { initialReduction: 0.01, reductionDecay: 1 },
} as const;

/**
 * A request with every default filled in. It is stored so: a later version with other defaults carries on a run as it
 * was begun.
 */
export function completeAdaptation(request: AdaptationRequest): Required<AdaptationRequest> {
  const policy = request.policy ?? 'netadapt';
  return {
    weights: null,
    trainer: 'onnxruntime',
    ...SCHEDULES[policy],
    ranking: 'loss-per-latency',
    importance: 'taylor',
    biasCompensation: false,
    widthStep: null,
    maxChosenPerIteration: 3,
    maxIterations: 100,
    baselines: true,
    macsBaseline: true,
    randomSeed: 1,
    ...request,
    policy,
    recipes: {
      seed: { ...SEED_RECIPE, ...request.recipes?.seed },
      fineTune: { ...FINE_TUNE_RECIPE, ...request.recipes?.fineTune },
      final: { ...FINAL_RECIPE, ...request.recipes?.final },
    },
  };
}

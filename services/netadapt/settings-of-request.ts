import type { AdaptationRequest } from '../../contracts/adaptation.js';
import type { RunSettings } from '../../core/netadapt/run-settings.js';
import { completeAdaptation } from '../api/complete-adaptation.js';
import { parseCandidate } from '../api/parse-candidate.js';

/**
 * What the core needs to know of a request.
 * @throws LutraError for a candidate that does not parse
 */
export function settingsOfRequest(request: AdaptationRequest): RunSettings {
  const complete = completeAdaptation(request);
  const { recipes } = complete;
  return {
    seed: parseCandidate(complete.candidate, '/candidate'),
    seedWeights: complete.weights,
    budget: complete.budget,
    schedule: { initialReduction: complete.initialReduction, decay: complete.reductionDecay },
    ranking: complete.ranking,
    widthStep: complete.widthStep,
    maxChosenPerIteration: complete.maxChosenPerIteration,
    maxIterations: complete.maxIterations,
    baselines: complete.baselines,
    steps: {
      seed: recipes.seed!.steps!,
      fineTune: recipes.fineTune!.steps!,
      final: recipes.final!.steps!,
    },
    randomSeed: complete.randomSeed,
  };
}

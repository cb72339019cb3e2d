import type { AdaptationRequest, Budget } from '../../contracts/adaptation.js';
import type { CountedKind } from '../../core/netadapt/resource.js';
import type { BudgetLine, RunSettings } from '../../core/netadapt/run-settings.js';
import { completeAdaptation } from '../api/complete-adaptation.js';
import { parseCandidate } from '../api/parse-candidate.js';

/**
 * What the core needs to know of a request.
 * @throws LutraError for a candidate that does not parse
 */
export function settingsOfRequest(request: AdaptationRequest): RunSettings {
  const complete = completeAdaptation(request);
  const { recipes, device, baselines } = complete;
  const budget = budgetLines(device, complete.budget);
  return {
    seed: parseCandidate(complete.candidate, '/candidate'),
    seedWeights: complete.weights,
    devices: devicesOf(request),
    budget,
    schedule: { initialReduction: complete.initialReduction, decay: complete.reductionDecay },
    ranking: complete.ranking,
    // Runs that were stored before there was a choice.
    importance: request.importance ?? 'l2-norm',
    widthStep: complete.widthStep,
    maxChosenPerIteration: complete.maxChosenPerIteration,
    maxIterations: complete.maxIterations,
    baselines,
    // Driven by MACs to the same latency: there must be a latency to come down to.
    macsBaseline: baselines && complete.macsBaseline && budget[0]?.resource.kind === 'latency',
    steps: {
      seed: recipes.seed!.steps!,
      fineTune: recipes.fineTune!.steps!,
      final: recipes.final!.steps!,
    },
    randomSeed: complete.randomSeed,
  };
}

/** The request's own device, then the others of its budget by name. */
export function devicesOf({
  device,
  budget,
}: Pick<AdaptationRequest, 'device' | 'budget'>): readonly string[] {
  const others = Object.keys(budget.devices ?? {}).filter((name) => name !== device);
  return [device, ...others.sort()];
}

const COUNTED: readonly CountedKind[] = ['macs', 'params', 'peakActivationBytes'];

/** In an order of their own, whatever order the document has: of equally binding limits the first binds. */
function budgetLines(device: string, budget: Budget): readonly BudgetLine[] {
  const latencies = devicesOf({ device, budget }).flatMap((name): readonly BudgetLine[] => {
    const own = name === device ? budget : {};
    const { latencyMs, ratio } = { ...own, ...budget.devices?.[name] };
    const resource = { kind: 'latency', device: name } as const;
    if (latencyMs !== undefined) return [{ resource, limit: { amount: latencyMs } }];
    return ratio === undefined ? [] : [{ resource, limit: { ratio } }];
  });
  const counts = COUNTED.flatMap((kind): readonly BudgetLine[] => {
    const limit = budget[kind];
    if (limit === undefined) return [];
    return [{ resource: { kind }, limit: typeof limit === 'number' ? { amount: limit } : limit }];
  });
  return [...latencies, ...counts];
}

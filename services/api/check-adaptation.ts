import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { checkWeights } from '../../core/network/weight-shapes.js';
import { decodeWeights } from '../../training/weights/weights-codec.js';
import type { ApiContext } from './api-context.js';
import { checkBudget } from './check-budget.js';
import { checkDataset } from './check-dataset.js';
import { parseCandidate } from './parse-candidate.js';
import { LOCAL_PRINCIPAL, type Principal } from './security/principal.js';

/**
 * Finds out before a run is stored whether it can succeed: device, candidate, data set and weights exist and fit each
 * other, and the table does not already rule the budget out.
 * @returns the request, its data set named by what it holds
 * @throws LutraError pointing at the field that is wrong
 */
export async function checkAdaptation(
  context: ApiContext,
  request: AdaptationRequest,
  principal: Principal | null,
): Promise<AdaptationRequest> {
  const network = parseCandidate(request.candidate, '/candidate');
  context.devices.get(request.device);
  const isLocal = principal === LOCAL_PRINCIPAL;
  const dataset = await checkDataset(request.dataset, network, isLocal ? null : context.datasetFolders);
  checkRecipes(request);
  if (request.weights != null) await checkSeedWeights(context, request.weights, network);
  checkBudget(context, request, network);
  return { ...request, dataset };
}

/** All other trainings are taught by the seed: there is nobody to teach it. */
function checkRecipes({ recipes }: AdaptationRequest): void {
  const distillation = recipes?.seed?.distillation ?? 0;
  if (distillation === 0) return;
  const pointer = '/recipes/seed/distillation';
  throw new LutraError(
    'invalid-request',
    `${pointer}: expected 0, got ${distillation}; the seed is the teacher of the other trainings and has none itself`,
    { pointer },
  );
}

async function checkSeedWeights({ blobs }: ApiContext, sha256: string, network: Network): Promise<void> {
  const pointer = '/weights';
  if (!(await blobs.touch(sha256))) {
    throw new LutraError('missing-weights', `there is no blob ${sha256}; PUT it first`, { pointer });
  }
  try {
    checkWeights(network, decodeWeights(await blobs.get(sha256)));
  } catch (error) {
    if (!(error instanceof LutraError) || error.code !== 'missing-weights') throw error;
    throw new LutraError('missing-weights', error.message, { pointer, cause: error });
  }
}

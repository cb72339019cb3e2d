import type { Recipe, TrainPayload, TrainResult } from '../../contracts/job.js';
import { LutraError } from '../../core/errors.js';
import type { RecipeName, TrainCommand, WeightSource } from '../../core/netadapt/command.js';
import { cutWeights } from '../../core/netadapt/cut-weights.js';
import type { RunEvent } from '../../core/netadapt/run-event.js';
import { decodeWeights, encodeWeights } from '../../training/weights/weights-codec.js';
import { trainQueue } from '../lease/queue-names.js';
import { runJob } from './run-job.js';
import type { RunScope } from './run-scope.js';

/**
 * Has a network trained and evaluated.
 * @throws LutraError `training-failed` when the run cannot do without it
 */
export async function train(scope: RunScope, command: TrainCommand): Promise<RunEvent> {
  const { key, teacher } = command;
  const recipe = recipeOf(scope, command.recipe, command.extraSteps);
  const payload: TrainPayload = {
    kind: 'train',
    trainer: scope.request.trainer,
    network: command.network,
    weights: await startingWeights(scope, command.start),
    dataset: scope.request.dataset,
    recipe,
    seed: command.batchSeed,
    // A network and its weights that nobody would look at are not sent.
    teacher: recipe.distillation === 0 ? null : teacher && { ...teacher },
    importance: command.importance,
    evaluateOn: command.test ? ['holdout', 'test'] : ['holdout'],
  };
  const job = await runJob(scope, scope.jobKey, {
    kind: 'train',
    queue: trainQueue(payload.dataset, payload.trainer),
    payload,
  });
  if (job.outcome === 'ok') {
    const { weights, importance = null, holdout, test } = job.result as TrainResult;
    return { type: 'trained', key, weights, importance, holdout, test };
  }
  const message = `${job.outcome}${job.message === null ? '' : `: ${job.message}`}`;
  if (!command.vital) return { type: 'training-failed', key, message };
  throw new LutraError('training-failed', `training ${key} (job ${job.id}) ended as ${message}`, {
    details: { job: job.id },
  });
}

function recipeOf({ request: { recipes } }: RunScope, name: RecipeName, extraSteps: number): Recipe {
  const { seed, fineTune, final } = recipes as Required<typeof recipes>;
  const chosen = { seed, 'fine-tune': fineTune, final, evaluate: fineTune }[name] as Recipe;
  if (name === 'evaluate') {
    return { ...chosen, steps: 0, warmupSteps: 0, averageStatisticsSteps: 0, distillation: 0 };
  }
  return { ...chosen, steps: chosen.steps + extraSteps };
}

/** @returns the content address, or null to initialise */
async function startingWeights({ blobs, request }: RunScope, start: WeightSource): Promise<string | null> {
  switch (start.kind) {
    case 'initial':
      return null;
    case 'stored':
      return start.weights;
    case 'cut': {
      const read = async (sha256: string) => decodeWeights(await blobs.get(sha256));
      const { weights } = cutWeights(start.network, await read(start.weights), start.widths, {
        scores: start.importance === null ? null : await read(start.importance),
        compensate: request.biasCompensation,
      });
      return blobs.put(encodeWeights(weights));
    }
  }
}

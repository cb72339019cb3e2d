import type { Network } from '../../core/network/network.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';
import { createBatchSampler } from '../datasets/batches.js';
import type { Dataset } from '../datasets/dataset.js';
import type { TrainingSession } from '../trainer.js';
import { oneHotTargets } from './soft-targets.js';

/** Batches that the scores are summed over: at 64 images each, 1,280. */
const BATCHES = 20;

/**
 * First-order Taylor importance of every filter: how much the loss is expected to change without it, squared and summed
 * over batches. Behind a convolution with batch norm, (∂L/∂γ·γ + ∂L/∂β·β)² of its channel; elsewhere (Σ ∂L/∂w·w)² over
 * the filter's weights and bias. Weights and running statistics stay as they are.
 * @param first index of the first batch
 * @returns `<node>/importance` `[filters]` of every `conv2d` and `dense` node
 * @see Molchanov et al. 2019, "Importance estimation for neural network pruning", equations 8 and 9,
 * https://arxiv.org/abs/1906.10771
 */
export async function taylorImportance(
  session: TrainingSession,
  network: Network,
  dataset: Dataset,
  {
    seed,
    first,
    batches = BATCHES,
  }: { readonly seed: number; readonly first: number; readonly batches?: number },
): Promise<Weights> {
  const weights = session.weights();
  const terms = termsOf(network, weights);
  const scores = new Map(terms.map(({ id, filters }) => [id, new Float32Array(filters)]));
  const sampler = createBatchSampler(dataset.train, session.batchSize, seed);
  for (let batch = 0; batch < batches; batch++) {
    const { images, labels } = sampler.at(first + batch);
    await session.step(images, oneHotTargets(labels, dataset.classes), UNCHANGED);
    const gradients = session.gradients();
    for (const { id, filters, names } of terms) {
      const score = scores.get(id)!;
      for (let filter = 0; filter < filters; filter++) {
        score[filter]! += names.reduce((sum, name) => sum + change(weights, gradients, name, filter), 0) ** 2;
      }
    }
  }
  return new Map<string, WeightTensor>(
    [...scores].map(([id, data]) => [`${id}/importance`, { shape: [data.length], data }]),
  );
}

const UNCHANGED = { learningRate: 0, momentum: 0, weightDecay: 0, batchNormMomentum: 1 } as const;

interface Term {
  readonly id: string;
  readonly filters: number;
  /** Weights whose rows belong to the filters. */
  readonly names: readonly string[];
}

function termsOf(network: Network, weights: Weights): readonly Term[] {
  const batchNormAfter = new Map(
    network.nodes.flatMap((node) => (node.op === 'batchNorm' ? [[node.inputs[0]!, node.id] as const] : [])),
  );
  return network.nodes.flatMap((node): readonly Term[] => {
    if (node.op !== 'conv2d' && node.op !== 'dense') return [];
    const { id } = node;
    const norm = batchNormAfter.get(id);
    const names = norm === undefined ? [`${id}/kernel`, `${id}/bias`] : [`${norm}/gamma`, `${norm}/beta`];
    const filters = node.op === 'conv2d' ? node.filters : node.units;
    return [{ id, filters, names: names.filter((name) => weights.has(name)) }];
  });
}

/** Σ g·w over the row of a filter: what taking the weights to zero does to the loss, to first order, but for the sign. */
function change(weights: Weights, gradients: Weights, name: string, filter: number): number {
  const { data, shape } = weights.get(name)!;
  const gradient = gradients.get(name)!.data;
  const row = data.length / shape[0]!;
  let sum = 0;
  for (let i = filter * row; i < (filter + 1) * row; i++) sum += gradient[i]! * data[i]!;
  return sum;
}

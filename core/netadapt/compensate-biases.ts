import type { Network } from '../network/network.js';
import type { Weights } from '../network/weights.js';
import type { WidthGroup } from '../network/width-groups.js';
import { expectedActivations } from './expected-activations.js';

/**
 * Folds what a group's channels contribute on average into the biases of the layers that read them, before the channels
 * are removed: b ← b + Σ W[:, c]·E[a_c] over the removed c. Only layers with a bias: where a batch norm follows there is
 * none, and the batch norm takes the shift out by itself.
 * @param keep channels of the group that stay
 * @see Ye et al. 2018, "Rethinking the smaller-norm-less-informative assumption", section 4,
 * https://arxiv.org/abs/1802.00124: constant channels are absorbed by the biases of the next layer
 */
export function compensateBiases(
  network: Network,
  weights: Weights,
  group: WidthGroup,
  keep: readonly number[],
): Weights {
  const readers = group.cuts.flatMap(({ weight, axis, offset, repeat, stride }) => {
    const id = weight.slice(0, weight.lastIndexOf('/'));
    return axis === 1 && weights.has(`${id}/bias`) ? [{ id, offset, repeat, stride }] : [];
  });
  if (readers.length === 0) return weights;
  const expected = expectedActivations(network, weights);
  const inputOf = new Map(network.nodes.map(({ id, inputs }) => [id, inputs[0]]));
  const stays = new Set(keep);
  const compensated = new Map(weights);
  for (const { id, offset, repeat, stride } of readers) {
    const kernel = compensated.get(`${id}/kernel`)!;
    const bias = compensated.get(`${id}/bias`)!;
    const means = expected.get(inputOf.get(id)!)!;
    const perInput = kernel.data.length / (kernel.shape[0]! * kernel.shape[1]!);
    const data = bias.data.slice();
    for (let channel = 0; channel < group.width; channel++) {
      if (stays.has(channel)) continue;
      for (let occurrence = 0; occurrence < repeat; occurrence++) {
        const input = offset + occurrence * stride + channel;
        for (let output = 0; output < data.length; output++) {
          const from = (output * kernel.shape[1]! + input) * perInput;
          for (let i = 0; i < perInput; i++) data[output]! += kernel.data[from + i]! * means[input]!;
        }
      }
    }
    compensated.set(`${id}/bias`, { shape: bias.shape, data });
  }
  return compensated;
}

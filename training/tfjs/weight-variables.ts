import type { Network } from '../../core/network/network.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';
import type { Tensor, Tfjs, Variable } from './tfjs-namespace.js';
import { inverseOrder, permuteAxes, tfjsAxisOrders } from './weight-layout.js';

/** The weights of a network as variables of tfjs, in its own axis order. */
export interface WeightVariables {
  readonly all: ReadonlyMap<string, Variable>;
  /** Those that gradients are taken of: all but running statistics. */
  readonly trainable: ReadonlyMap<string, Variable>;
  /** A copy of tensors by weight name, in the order of axes of {@link Weights}. */
  toWeights(tensors: ReadonlyMap<string, Tensor>): Weights;
  dispose(): void;
}

/** Copies weights into new variables, which live until they are disposed of. */
export function createWeightVariables(tf: Tfjs, network: Network, weights: Weights): WeightVariables {
  const orders = tfjsAxisOrders(network);
  const all = new Map<string, Variable>();
  const trainable = new Map<string, Variable>();
  for (const [name, tensor] of weights) {
    const isTrainable = !name.endsWith('/mean') && !name.endsWith('/variance');
    const { shape, data } = permuteAxes(tensor, orders.get(name) ?? tensor.shape.map((_, axis) => axis));
    const variable = tf.tidy(() => tf.variable(tf.tensor(data, [...shape]), isTrainable));
    all.set(name, variable);
    if (isTrainable) trainable.set(name, variable);
  }
  return {
    all,
    trainable,
    toWeights(tensors) {
      const copied = [...tensors].map(([name, tensor]): [string, WeightTensor] => [
        name,
        toWeightTensor(tensor, orders.get(name)),
      ]);
      return new Map(copied);
    },
    dispose() {
      for (const variable of all.values()) variable.dispose();
    },
  };
}

function toWeightTensor(tensor: Tensor, order: readonly number[] | undefined): WeightTensor {
  const read = { shape: tensor.shape, data: tensor.dataSync<'float32'>() };
  return permuteAxes(read, order === undefined ? tensor.shape.map((_, axis) => axis) : inverseOrder(order));
}

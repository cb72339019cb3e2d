import type { Network } from '../../core/network/network.js';
import { checkWeights, weightShapes } from '../../core/network/weight-shapes.js';
import type { Weights, WeightTensor } from '../../core/network/weights.js';

/** Where one weight tensor lies in a flat vector; its elements keep the order of {@link WeightTensor}. */
export interface FlatEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** A set of named tensors, one after the other in one vector. */
export interface FlatLayout {
  readonly entries: readonly FlatEntry[];
  readonly length: number;
}

/** The two vectors of a network in training: what gradients change, and what batch norm averages. */
export interface FlatParameters {
  /** Kernels, biases, gamma, beta. */
  readonly trainable: FlatLayout;
  /** Running mean and variance. */
  readonly statistics: FlatLayout;
}

/** @throws LutraError `invalid-network` */
export function flatParameters(network: Network): FlatParameters {
  const shapes = [...weightShapes(network)];
  return {
    trainable: layOut(shapes.filter(([name]) => !isStatistic(name))),
    statistics: layOut(shapes.filter(([name]) => isStatistic(name))),
  };
}

/**
 * Copies the tensors of a layout out of `weights` into one vector.
 * @throws LutraError `missing-weights`
 */
export function packWeights(network: Network, weights: Weights, layout: FlatLayout): Float32Array {
  checkWeights(network, weights);
  const vector = new Float32Array(layout.length);
  for (const { name, offset } of layout.entries) vector.set(weights.get(name)!.data, offset);
  return vector;
}

/** The inverse of {@link packWeights}; copies. */
export function unpackWeights(layout: FlatLayout, vector: Float32Array): [string, WeightTensor][] {
  return layout.entries.map(({ name, shape, offset, length }) => [
    name,
    { shape, data: vector.slice(offset, offset + length) },
  ]);
}

function isStatistic(name: string): boolean {
  return name.endsWith('/mean') || name.endsWith('/variance');
}

function layOut(shapes: readonly (readonly [string, readonly number[]])[]): FlatLayout {
  let end = 0;
  const entries = shapes.map(([name, shape]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const offset = end;
    end += length;
    return { name, shape, offset, length };
  });
  return { entries, length: end };
}

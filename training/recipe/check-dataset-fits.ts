import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Dataset } from '../datasets/dataset.js';

/**
 * Makes sure that a network takes a data set's images and answers with its classes.
 * @throws LutraError `dataset-mismatch` saying both sides
 */
export function checkDatasetFits(network: Network, dataset: Dataset): void {
  const shapes = inferShapes(network);
  const input = shapes.get(network.nodes[0]!.id)!;
  const output = shapes.get(network.nodes.at(-1)!.id)!;
  if (input.join('x') !== dataset.imageShape.join('x')) {
    throw new LutraError(
      'dataset-mismatch',
      `${network.name} takes images of ${input.join('x')}, but those of ${dataset.name} are ` +
        `${dataset.imageShape.join('x')} (height x width x channels)`,
    );
  }
  if (output.join('x') !== `1x1x${dataset.classes}`) {
    throw new LutraError(
      'dataset-mismatch',
      `${network.name} answers with ${output.join('x')}, but ${dataset.name} has ${dataset.classes} classes`,
    );
  }
}

import type { TrainCommand } from '../command.js';
import type { Opening } from './opening.js';

/** Whose answers a recipe that distils is taught by: the seed, as it was trained first; null until then. */
export function seedAsTeacher({ seed: { network, trained } }: Opening): TrainCommand['teacher'] {
  return trained === null ? null : { network, weights: trained.weights };
}

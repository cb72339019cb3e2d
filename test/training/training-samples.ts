import { initializeWeights } from '../../core/network/initialize-weights.js';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { seededRng } from '../../core/random.js';

/** Weights in which nothing is at its neutral value, so that a factor or shift that is left out shows. */
export function unevenWeights(network: Network, seed: number): Weights {
  const rng = seededRng(seed);
  const weights = new Map(initializeWeights(network, rng));
  for (const [name, { shape, data }] of weights) {
    const isScale = name.endsWith('/gamma') || name.endsWith('/variance');
    if (name.endsWith('/kernel')) continue;
    weights.set(name, { shape, data: data.map(() => (isScale ? 0.5 + rng() : (rng() - 0.5) / 2)) });
  }
  return weights;
}

/** Smooth random images, in −1 … 1, and one-hot targets. */
export function randomBatch(
  network: Network,
  batchSize: number,
  seed: number,
): { readonly images: Float32Array; readonly targets: Float32Array } {
  const rng = seededRng(seed);
  const shapes = inferShapes(network);
  const [height, width, channels] = shapes.get(network.nodes[0]!.id)!;
  const classes = shapes.get(network.nodes.at(-1)!.id)![2];
  const targets = new Float32Array(batchSize * classes);
  for (let row = 0; row < batchSize; row++) targets[row * classes + Math.floor(rng() * classes)] = 1;
  const images = Float32Array.from({ length: batchSize * height * width * channels }, () => rng() * 2 - 1);
  return { images, targets };
}

/** Mixes each row of targets with the uniform distribution's neighbour, as a teacher would. */
export function soften(targets: Float32Array, classes: number, seed: number): Float32Array {
  const rng = seededRng(seed);
  const soft = targets.slice();
  for (let start = 0; start < soft.length; start += classes) {
    const teacher = Array.from({ length: classes }, () => rng());
    const sum = teacher.reduce((a, b) => a + b, 0);
    for (let c = 0; c < classes; c++) soft[start + c] = 0.4 * soft[start + c]! + (0.6 * teacher[c]!) / sum;
  }
  return soft;
}

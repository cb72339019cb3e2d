import type { Network } from '../core/network/network.js';
import { inferShapes } from '../core/network/shapes.js';
import { seededRng } from '../core/random.js';

/** Images of noise in −1 … 1 and one-hot targets that go round the classes. */
export function randomBatch(
  network: Network,
  batch: number,
): { readonly images: Float32Array; readonly targets: Float32Array } {
  const shapes = inferShapes(network);
  const [height, width, channels] = shapes.get(network.nodes[0]!.id)!;
  const classes = shapes.get(network.nodes.at(-1)!.id)![2];
  const rng = seededRng(7);
  const images = Float32Array.from({ length: batch * height * width * channels }, () => rng() * 2 - 1);
  const targets = new Float32Array(batch * classes);
  for (let row = 0; row < batch; row++) targets[row * classes + (row % classes)] = 1;
  return { images, targets };
}

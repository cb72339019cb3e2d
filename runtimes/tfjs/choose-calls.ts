import type { Shape } from '../../core/network/network.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { inputData } from '../input-data.js';
import { opInputShapes } from '../op-input-shapes.js';
import { RandomWeights } from '../weights/random-weights.js';
import { type CallStyle, type PreparedOp, prepareOp } from './prepare-op.js';
import type { Tensor4D, Tfjs } from './tfjs-core.js';

/** Ordinary layers of small networks. */
const LAYERS = [
  'conv2d:7x7x16>16:k1x1:s1x1:relu:f32',
  'conv2d:14x14x32>64:k1x1:s1x1:relu:f32',
  'depthwise:14x14x64:k3x3:s1x1:relu:f32',
];
const ROUNDS = 60;
const WARM_UP_ROUNDS = 20;
/** Plain calls are chosen when they take at most this share: near equality must not decide by chance. */
const CLEARLY = 0.97;

/**
 * The cheaper way to call a layer: WebAssembly's kernels add bias and activation on the way, the native binding pays for
 * every tensor that passes through it, whichever way.
 */
export function chooseCalls(tf: Tfjs): CallStyle {
  let [fusedMs, plainMs] = [0, 0];
  for (const key of LAYERS) {
    const op = decodeOpKey(key);
    const [[height, width, channels]] = opInputShapes(op) as [Shape];
    const input = tf.tensor4d(inputData(height * width * channels), [1, height, width, channels]);
    const fused = prepareOp(tf, op, new RandomWeights(), 'fused');
    const plain = prepareOp(tf, op, new RandomWeights(), 'plain');
    const leastMs = interleavedMinimaMs([fused, plain], input);
    fusedMs += leastMs[0]!;
    plainMs += leastMs[1]!;
    for (const used of [fused, plain, input]) used.dispose();
  }
  return plainMs <= CLEARLY * fusedMs ? 'plain' : 'fused';
}

function interleavedMinimaMs(ops: readonly PreparedOp[], input: Tensor4D): readonly number[] {
  const leastMs = ops.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    ops.forEach((op, i) => {
      const startMs = performance.now();
      op.call([input]).dispose();
      const tookMs = performance.now() - startMs;
      if (round >= WARM_UP_ROUNDS) leastMs[i] = Math.min(leastMs[i]!, tookMs);
    });
  }
  return leastMs;
}

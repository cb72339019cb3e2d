import type { Environment } from '../../contracts/environment.js';
import type { Shape } from '../../core/network/network.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { imageShape } from '../image-shape.js';
import { inputData } from '../input-data.js';
import { opInputShapes } from '../op-input-shapes.js';
import type { ProbeTerm, TensorRuntime } from '../tensor-runtime.js';
import { givenWeights } from '../weights/given-weights.js';
import { RandomWeights } from '../weights/random-weights.js';
import { prepareNetwork } from './prepare-network.js';
import { type CallStyle, type PreparedOp, prepareOp } from './prepare-op.js';
import type { Tensor4D, Tfjs } from './tfjs-core.js';
import { tfjsExecutable } from './tfjs-executable.js';

export interface TfjsEngine {
  readonly tf: Tfjs;
  readonly name: Environment['runtime'];
  readonly style: CallStyle;
  environment(): Promise<Omit<Environment, 'pinned'>>;
  /** How an op or network is timed; default: every call is done when it returns. */
  readonly executable?: typeof tfjsExecutable;
}

/**
 * A device that executes networks through tfjs, call by call. An op's latency is that of its calls on tensors that are
 * in memory: calls know nothing of each other, so none is cheaper or dearer for what stands around it.
 */
export function tfjsRuntime({
  tf,
  name,
  style,
  environment,
  executable = tfjsExecutable,
}: TfjsEngine): TensorRuntime {
  const tensor = (data: Float32Array, shape: Shape): Tensor4D => tf.tensor4d(data, [1, ...shape]);
  const term = (graphId: string, shapes: readonly Shape[], prepare: () => PreparedOp): ProbeTerm => ({
    graphId,
    coefficient: 1,
    open: async () => {
      const op = prepare();
      return executable(
        op,
        shapes.map((shape) => tensor(inputData(shape[0] * shape[1] * shape[2]), shape)),
      );
    },
  });
  return {
    name,
    environment,
    opProbe: (key) => {
      const op = decodeOpKey(key);
      return [term(`op:${key}`, opInputShapes(op), () => prepareOp(tf, op, new RandomWeights(), style))];
    },
    networkProbe: (network, networkHash) => {
      const weights = new RandomWeights();
      const prepare = () => prepareNetwork(tf, network, () => weights, style);
      return [term(`network:${networkHash}`, [imageShape(network)], prepare)];
    },
    async infer(network, weights, image) {
      const prepared = prepareNetwork(tf, network, givenWeights(network, weights), style);
      const input = tensor(image, imageShape(network));
      const output = prepared.call([input]);
      const values = (await output.data<'float32'>()).slice();
      for (const used of [prepared, input, output]) used.dispose();
      return values;
    },
    close: async () => undefined,
  };
}

import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { copyChannelsFirst } from '../../training/onnxruntime/channel-major-images.js';
import { TRAINING_OPTIONS } from '../../training/onnxruntime/session-options.js';
import type { StepOptions } from '../../training/trainer.js';
import { buildNchwGraph } from './nchw-graph.js';

export interface NchwSession {
  /** One step of SGD with momentum, no weight decay. @returns the loss before the step */
  step(images: Float32Array, targets: Float32Array, options: StepOptions): Promise<number>;
  /** Kernels, biases, gamma and beta as they are now. */
  weights(): Weights;
  close(): Promise<void>;
}

/** Trains through the plain graph (./nchw-graph.ts), SGD by hand for each tensor. */
export async function openNchwSession(network: Network, start: Weights, batch: number): Promise<NchwSession> {
  const { model, loss, gradients } = buildNchwGraph(network, batch);
  const session = await InferenceSession.create(model, { ...TRAINING_OPTIONS });
  const [height, width, channels] = inferShapes(network).get(network.nodes[0]!.id)!;
  const weights = new Map(
    [...gradients.keys()].map((name) => {
      const { shape, data } = start.get(name)!;
      return [name, { shape, data: data.slice() }];
    }),
  );
  const velocities = new Map([...weights].map(([name, { data }]) => [name, new Float32Array(data.length)]));

  async function step(images: Float32Array, targets: Float32Array, options: StepOptions): Promise<number> {
    const { learningRate, momentum = 0.9 } = options;
    const nchw = new Float32Array(images.length);
    copyChannelsFirst(images, nchw, batch, channels);
    const results = await session.run({
      images: new Tensor('float32', nchw, [batch, channels, height, width]),
      targets: new Tensor('float32', targets, [batch, targets.length / batch]),
      ...Object.fromEntries(
        [...weights].map(([name, { shape, data }]) => [name, new Tensor('float32', data, [...shape])]),
      ),
    });
    for (const [name, output] of gradients) {
      const gradient = results[output]!.data as Float32Array;
      const [velocity, { data }] = [velocities.get(name)!, weights.get(name)!];
      for (let i = 0; i < data.length; i++) {
        velocity[i] = momentum * velocity[i]! + gradient[i]!;
        data[i] = data[i]! - learningRate * velocity[i]!;
      }
    }
    return (results[loss]!.data as Float32Array)[0]!;
  }

  return { step, weights: () => weights, close: () => session.release() };
}

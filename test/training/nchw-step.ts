import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ActivationNode, Network } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { copyChannelsFirst } from '../../training/onnxruntime/channel-major-images.js';
import { TRAINING_OPTIONS } from '../../training/onnxruntime/session-options.js';
import { buildNchwGraph } from './nchw-graph.js';

/** Added to pre-activations before slopes are taken there, by activation node. */
export type Nudges = ReadonlyMap<string, Float32Array>;

export interface NchwStep {
  readonly gradients: Weights;
  /** What each activation reads, by its node, `[batch, channels, height, width]`. */
  readonly preActivations: ReadonlyMap<string, Float32Array>;
}

export interface NchwStepper {
  step(images: Float32Array, targets: Float32Array, nudges?: Nudges): Promise<NchwStep>;
  close(): Promise<void>;
}

/** Gradients of single batches through the plain graph (./nchw-graph.ts), and what its activations read. */
export async function openNchwStepper(
  network: Network,
  weights: Weights,
  batch: number,
): Promise<NchwStepper> {
  const graph = buildNchwGraph(network, batch, { withNudges: true });
  const session = await InferenceSession.create(graph.model, TRAINING_OPTIONS);
  const shapes = inferShapes(network);
  const [height, width, channels] = shapes.get(network.nodes[0]!.id)!;
  const activations = network.nodes.filter((node): node is ActivationNode => node.op === 'activation');
  const nudgeShapes = activations.map(({ id }): [string, number[]] => {
    const [rows, columns, maps] = shapes.get(id)!;
    return [id, [batch, maps, rows, columns]];
  });

  async function step(images: Float32Array, targets: Float32Array, nudges: Nudges = new Map()) {
    const nchw = new Float32Array(images.length);
    copyChannelsFirst(images, nchw, batch, channels);
    const none = (shape: readonly number[]) => new Float32Array(shape.reduce((a, b) => a * b));
    const results = await session.run({
      images: new Tensor('float32', nchw, [batch, channels, height, width]),
      targets: new Tensor('float32', targets, [batch, targets.length / batch]),
      ...Object.fromEntries(
        [...graph.gradients.keys()].map((name) => {
          const { shape, data } = weights.get(name)!;
          return [name, new Tensor('float32', data, [...shape])];
        }),
      ),
      ...Object.fromEntries(
        nudgeShapes.map(([id, shape]) => {
          return [`${id}/nudge`, new Tensor('float32', nudges.get(id) ?? none(shape), shape)];
        }),
      ),
    });
    const read = (name: string) => results[name]!.data as Float32Array;
    return {
      gradients: new Map(
        [...graph.gradients].map(([name, output]) => {
          return [name, { shape: weights.get(name)!.shape, data: read(output) }];
        }),
      ),
      preActivations: new Map([...graph.preActivations].map(([id, name]) => [id, read(name)])),
    };
  }
  return { step, close: () => session.release() };
}

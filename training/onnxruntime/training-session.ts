import { InferenceSession as OrtSession, Tensor } from 'onnxruntime-node';
import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import type { Weights } from '../../core/network/weights.js';
import type { StepOptions, TrainingSession } from '../trainer.js';
import { copyChannelMajor } from './channel-major-images.js';
import { checkLength } from './check-length.js';
import { packWeights, unpackWeights } from './flat-parameters.js';
import type { BlockSize } from './graph/layer-context.js';
import { buildTrainingGraph, type TrainingGraph } from './graph/training-graph.js';
import { TRAINING_OPTIONS } from './session-options.js';
import { Sgd } from './sgd.js';

/**
 * Opens a session whose step is one run of the training graph and one pass of SGD over flat vectors.
 * @throws LutraError `unsupported-op`, `missing-weights`
 */
export async function openTrainingSession(
  network: Network,
  weights: Weights,
  batchSize: number,
  block: BlockSize,
): Promise<TrainingSession> {
  const graph = buildTrainingGraph(network, batchSize, block);
  const trainable = packWeights(network, weights, graph.parameters.trainable);
  const statistics = packWeights(network, weights, graph.parameters.statistics);
  const session = await OrtSession.create(graph.model, TRAINING_OPTIONS);
  return new OnnxruntimeTrainingSession(batchSize, graph, session, trainable, statistics);
}

class OnnxruntimeTrainingSession implements TrainingSession {
  private readonly images: Float32Array;
  private readonly targets: Float32Array;
  private readonly feeds: Record<string, Tensor>;
  private readonly sgd: Sgd;
  private lastGradient: Float32Array | undefined;
  private open = true;

  constructor(
    readonly batchSize: number,
    private readonly graph: TrainingGraph,
    private readonly session: OrtSession,
    private readonly trainable: Float32Array,
    private readonly statistics: Float32Array,
  ) {
    const { inputs } = graph;
    this.images = new Float32Array(inputs.images[0]! * inputs.images[1]!);
    this.targets = new Float32Array(inputs.targets[0]! * inputs.targets[1]!);
    this.feeds = {
      images: new Tensor('float32', this.images, inputs.images),
      targets: new Tensor('float32', this.targets, inputs.targets),
      weights: new Tensor('float32', trainable, inputs.weights),
    };
    this.sgd = new Sgd(graph.parameters.trainable);
  }

  async step(images: Float32Array, targets: Float32Array, options: StepOptions): Promise<{ loss: number }> {
    this.assertOpen();
    const { imageShape, classes, outputs } = this.graph;
    checkLength('images', images, [this.batchSize, ...imageShape]);
    checkLength('targets', targets, [this.batchSize, classes]);
    copyChannelMajor(images, this.images, imageShape[2]);
    this.targets.set(targets);
    const results = await this.session.run(this.feeds);
    this.lastGradient = results[outputs.gradient]!.data as Float32Array;
    this.sgd.step(this.trainable, this.lastGradient, options);
    if (outputs.statistics !== undefined) {
      this.smoothStatistics(results[outputs.statistics]!.data as Float32Array, options);
    }
    return { loss: (results[outputs.loss]!.data as Float32Array)[0]! };
  }

  private smoothStatistics(batch: Float32Array, { batchNormMomentum = 0.9 }: StepOptions): void {
    const { statistics } = this;
    for (let i = 0; i < statistics.length; i++) {
      statistics[i] = batchNormMomentum * statistics[i]! + (1 - batchNormMomentum) * batch[i]!;
    }
  }

  gradients(): Weights {
    this.assertOpen();
    if (this.lastGradient === undefined) throw new LutraError('conflict', 'gradients: no step was taken yet');
    return new Map(unpackWeights(this.graph.parameters.trainable, this.lastGradient));
  }

  weights(): Weights {
    this.assertOpen();
    const { parameters } = this.graph;
    return new Map([
      ...unpackWeights(parameters.trainable, this.trainable),
      ...unpackWeights(parameters.statistics, this.statistics),
    ]);
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.session.release();
  }

  private assertOpen(): void {
    if (!this.open) throw new LutraError('conflict', 'the training session is closed');
  }
}

import { InferenceSession as OrtSession, Tensor } from 'onnxruntime-node';
import { LutraError } from '../../core/errors.js';
import type { Network, Shape } from '../../core/network/network.js';
import { inferShapes } from '../../core/network/shapes.js';
import type { Weights } from '../../core/network/weights.js';
import { buildInferenceModel } from '../../formats/onnx/export-network.js';
import type { InferenceSession } from '../trainer.js';
import { copyChannelsFirst } from './channel-major-images.js';
import { checkLength } from './check-length.js';
import { INFERENCE_OPTIONS } from './session-options.js';

/**
 * Opens the exported model, batch norm folded, with all of the runtime's optimisations.
 * @throws LutraError `unsupported-op`, `missing-weights`
 */
export async function openInferenceSession(
  network: Network,
  weights: Weights,
  batchSize: number,
): Promise<InferenceSession> {
  const model = buildInferenceModel(network, weights, batchSize);
  const imageShape = inferShapes(network).get(network.nodes[0]!.id)!;
  const session = await OrtSession.create(model, INFERENCE_OPTIONS);
  return new OnnxruntimeInferenceSession(batchSize, imageShape, session);
}

class OnnxruntimeInferenceSession implements InferenceSession {
  private readonly images: Float32Array;
  private readonly input: Tensor;
  private open = true;

  constructor(
    readonly batchSize: number,
    private readonly imageShape: Shape,
    private readonly session: OrtSession,
  ) {
    const [height, width, channels] = imageShape;
    this.images = new Float32Array(batchSize * height * width * channels);
    this.input = new Tensor('float32', this.images, [batchSize, channels, height, width]);
  }

  async logits(images: Float32Array): Promise<Float32Array> {
    if (!this.open) throw new LutraError('conflict', 'the inference session is closed');
    checkLength('images', images, [this.batchSize, ...this.imageShape]);
    copyChannelsFirst(images, this.images, this.batchSize, this.imageShape[2]);
    const { logits } = await this.session.run({ input: this.input });
    return logits!.data as Float32Array;
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.session.release();
  }
}

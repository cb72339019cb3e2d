import type { Trainer } from '../trainer.js';
import type { BlockSize } from './graph/layer-context.js';
import { openInferenceSession } from './inference-session.js';
import { type NchwcProbe, probeNchwc } from './nchwc-probe.js';
import { openTrainingSession } from './training-session.js';

export interface OnnxruntimeTrainerOptions {
  /**
   * `auto`: depthwise convolutions on larger maps use the runtime's blocked layout where a self-check of this machine
   * allows it. `standard`: documented operators only, slower on larger maps.
   */
  readonly depthwise?: 'auto' | 'standard';
}

export interface OnnxruntimeTrainer extends Trainer {
  /** How depthwise convolutions on larger maps are trained on this machine. */
  describe(): {
    readonly depthwise: 'blocked' | 'standard';
    readonly block: BlockSize;
    readonly reason?: string;
  };
}

/** The fast engine: forward and backward pass of a network as one onnxruntime graph, one thread. */
export async function createOnnxruntimeTrainer({
  depthwise = 'auto',
}: OnnxruntimeTrainerOptions = {}): Promise<OnnxruntimeTrainer> {
  const probe: NchwcProbe =
    depthwise === 'auto' ? await probeNchwc() : { block: 0, reason: 'standard operators were asked for' };
  return {
    name: 'onnxruntime',
    describe: () => ({ depthwise: probe.block === 0 ? 'standard' : 'blocked', ...probe }),
    openTraining: (network, weights, batchSize) =>
      openTrainingSession(network, weights, batchSize, probe.block),
    openInference: openInferenceSession,
  };
}

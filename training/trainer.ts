import type { Network } from '../core/network/network.js';
import type { Weights } from '../core/network/weights.js';

/** What one optimisation step does: SGD with momentum, `v ← momentum·v + g + weightDecay·w; w ← w − learningRate·v`. */
export interface StepOptions {
  readonly learningRate: number;
  /** Default 0.9. */
  readonly momentum?: number;
  /** On kernels only, never on biases or batch norm. Default 0. */
  readonly weightDecay?: number;
  /**
   * Running batch-norm statistics: `running ← m·running + (1 − m)·batch`. Default 0.9; 0 replaces them by the
   * batch's own.
   */
  readonly batchNormMomentum?: number;
}

export interface TrainingSession {
  readonly batchSize: number;
  /**
   * One step of softmax cross-entropy on one batch.
   * @param images `[batch, height, width, channels]`, row-major
   * @param targets `[batch, classes]`, each row a distribution (one-hot, or softened by a teacher)
   * @returns the mean loss of the batch before the step, in nats
   */
  step(images: Float32Array, targets: Float32Array, options: StepOptions): Promise<{ readonly loss: number }>;
  /** Gradients of the last `step`, by weight name, in the layout of {@link Weights}: for tests and importance scores. */
  gradients(): Weights;
  /** A copy of the present weights, running statistics included. */
  weights(): Weights;
  close(): Promise<void>;
}

export interface InferenceSession {
  readonly batchSize: number;
  /**
   * @param images `[batch, height, width, channels]`; `batch` must be the session's batch size
   * @returns logits `[batch, classes]`: the input of a final softmax if the network has one, else its output
   */
  logits(images: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** An engine that trains any network of the zoo. Every adapter passes `test/training/trainer-conformance.ts`. */
export interface Trainer {
  /** `onnxruntime` or `tfjs`. */
  readonly name: string;
  /**
   * @throws LutraError `unsupported-op` for a layer that the engine cannot train, `missing-weights` when the weights
   * do not fit the network
   */
  openTraining(network: Network, weights: Weights, batchSize: number): Promise<TrainingSession>;
  /** Inference with batch norm folded: for evaluation. */
  openInference(network: Network, weights: Weights, batchSize: number): Promise<InferenceSession>;
}

import type { InferenceSession } from 'onnxruntime-node';

/** One thread: two trainers on two cores do twice the work of one trainer with two threads. */
const ONE_THREAD = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 3,
} as const satisfies InferenceSession.SessionOptions;

/** The training graph is written as it should run: optimising it costs time at opening and gains nothing. */
export const TRAINING_OPTIONS = {
  ...ONE_THREAD,
  graphOptimizationLevel: 'disabled',
} as const satisfies InferenceSession.SessionOptions;

export const INFERENCE_OPTIONS = {
  ...ONE_THREAD,
  graphOptimizationLevel: 'all',
} as const satisfies InferenceSession.SessionOptions;

import type { OrtModel } from '../graphs/ort-model.js';

/** A loaded model with fixed inputs and, where the binding allows it, fixed output memory. */
export interface OrtSession {
  /** One inference. Returns a promise only where the binding has no synchronous call. */
  run(): Promise<unknown> | undefined;
  /** The first output of the last run. */
  output(): Float32Array;
  close(): Promise<void>;
}

/** A way to call onnxruntime. */
export interface OrtBinding {
  /** Recorded in the environment: what is timed differs by some microseconds. */
  readonly name: 'internal' | 'public';
  /** @throws Error when onnxruntime refuses the model */
  open(model: OrtModel, threads: number): Promise<OrtSession>;
}

/** Options of every session that is measured. */
export function sessionOptions(threads: number) {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
}

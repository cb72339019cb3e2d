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

/**
 * Threads of a pool wait for work by spinning: by default for some 30 ms after a run. A session of many graphs has as many
 * pools, whose threads would spin on the cores where the next graphs are timed. So long a wait spans the gaps between
 * the parallel parts of a run, and is over before the next graph's samples are.
 */
export const SPIN_US = 200;

/** Options of every session that is measured. */
export function sessionOptions(threads: number) {
  return {
    ...(threads > 1 ? { extra: { session: { 'intra_op.spin_duration_us': String(SPIN_US) } } } : {}),
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
}

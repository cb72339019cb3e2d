import type { Environment } from '../contracts/environment.js';
import type { Network } from '../core/network/network.js';
import type { Weights } from '../core/network/weights.js';

/** One graph that a runtime can execute, with the weight it has in a subject's latency. */
export interface ProbeTerm {
  /** `op:<key>`, `base:<H>x<W>x<C>`, `network:<hash>`: equal ids are the same graph and are measured once. */
  readonly graphId: string;
  readonly coefficient: number;
  /** Builds and loads the graph. */
  open(): Promise<Executable>;
}

export interface Executable {
  /**
   * Takes `count` samples back to back on fixed inputs. A sample is the time of `runsPerSample` executions in a row,
   * divided by their number: more than one where a single execution is too short for the clock.
   * @param runsPerSample 1 unless given
   * @returns nanoseconds an execution, `[count]`
   */
  sample(count: number, runsPerSample?: number): Promise<Float64Array>;
  close(): Promise<void>;
}

/**
 * An inference engine on this machine. Lives in a measuring child process, one runtime a process; nothing else runs
 * there. Every adapter passes `test/runtimes/runtime-conformance.ts`.
 */
export interface TensorRuntime {
  readonly name: Environment['runtime'];
  /** Reads the clock that `sample` times with, in nanoseconds. Absent: the process's monotonic clock. */
  readonly clockNs?: () => number;
  /** Facts about this machine and runtime. `pinned` is filled in by the worker. */
  environment(): Promise<Omit<Environment, 'pinned'>>;
  /**
   * How this runtime reads an op's latency: Σ coefficient × latency(graph). For onnxruntime: the op in context minus
   * the layers around it.
   * @throws LutraError `unsupported-op`
   */
  opProbe(key: string): readonly ProbeTerm[];
  /** A whole network, batch 1, random weights. @throws LutraError `unsupported-op` */
  networkProbe(network: Network, networkHash: string): readonly ProbeTerm[];
  /**
   * Computes a network as `networkProbe` times it, but with its own weights: the proof that what is timed is the
   * network. Absent where nothing is computed.
   * @param image row-major `[height, width, channels]`
   * @returns the output, row-major
   * @throws LutraError `unsupported-op`
   */
  infer?(network: Network, weights: Weights, image: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

import type { ParameterTensors } from './parameter-tensors.js';
import type { Statistics } from './statistics.js';
import type { Tape } from './tape.js';
import type { TensorOps } from './tensor-ops.js';

/** What every layer needs to write its forward and backward part into the graph. */
export interface LayerContext {
  readonly ops: TensorOps;
  readonly tape: Tape;
  readonly parameters: ParameterTensors;
  readonly statistics: Statistics;
  /** Images a step. */
  readonly batch: number;
  /** Channels in one block of the runtime's blocked layout; 0 = only standard operators. */
  readonly block: BlockSize;
}

export type BlockSize = 0 | 8 | 16;

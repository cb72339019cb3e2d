import type { DatasetSpec, TrainerName } from '../../contracts/job.js';

/** What a worker can do, and so which queues it claims from. */
export interface Capabilities {
  /** The device that it measures; null: it does not measure. */
  readonly device: string | null;
  /** Whether it has a data set at hand; null: it does not train. */
  readonly hasDataset: ((dataset: DatasetSpec) => boolean) | null;
  /** Engines that it can train with; absent: onnxruntime. */
  readonly engines?: readonly TrainerName[];
}

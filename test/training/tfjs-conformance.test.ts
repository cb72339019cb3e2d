import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import { createTfjsTrainer } from '../../training/tfjs/tfjs-trainer.js';
import { describeTrainerConformance } from './trainer-conformance.js';

/** A pooling window that can lie wholly in the padding. */
const unsupported: Network = {
  name: 'pool-over-nothing',
  nodes: [
    { id: 'input', op: 'input', inputs: [], shape: [4, 4, 1] },
    { id: 'pool', op: 'avgPool', inputs: ['input'], kernel: [2, 2], stride: [1, 1], padding: [2, 0, 0, 0] },
    { id: 'mean', op: 'globalAvgPool', inputs: ['pool'] },
    { id: 'dense', op: 'dense', inputs: ['mean'], units: 3, bias: true },
  ],
};

describeTrainerConformance('tfjs', createTfjsTrainer, { unsupported, skip: await whyUnavailable() });

async function whyUnavailable(): Promise<string | undefined> {
  try {
    await createTfjsTrainer();
    return undefined;
  } catch (error) {
    if (error instanceof LutraError && error.code === 'engine-unavailable') return error.message;
    throw error;
  }
}

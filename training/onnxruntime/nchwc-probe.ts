import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxGraph } from '../../formats/onnx/onnx-graph.js';
import { checkBlockedProducts } from './blocked-self-check.js';
import type { BlockSize } from './graph/layer-context.js';
import { TRAINING_OPTIONS } from './session-options.js';

/** What this machine's onnxruntime offers beyond the standard operators. */
export interface NchwcProbe {
  /** Channels of a block; 0 = blocked convolution is not used. */
  readonly block: BlockSize;
  /** Why it is not used; absent when it is. */
  readonly reason?: string;
}

let known: Promise<NchwcProbe> | undefined;

/**
 * Finds the block size of the runtime's blocked layout, and makes sure that convolution in it does what Lutra takes it
 * to do: the interface is not documented. Done once in a process.
 */
export function probeNchwc(): Promise<NchwcProbe> {
  known ??= probe();
  return known;
}

async function probe(): Promise<NchwcProbe> {
  try {
    const block = await findBlock();
    if (block === 0) return { block, reason: 'the runtime has no blocked layout of 8 or 16 channels here' };
    const problem = await checkBlockedProducts(block);
    return problem === null ? { block } : { block: 0, reason: problem };
  } catch (error) {
    return { block: 0, reason: `the runtime refused it: ${error instanceof Error ? error.message : error}` };
  }
}

/**
 * Lets the runtime reorder a ramp of 16 channels of two pixels: value 1, the first channel's second pixel, then stands
 * one block away from value 0.
 */
async function findBlock(): Promise<BlockSize> {
  const shape = [1, 16, 1, 2];
  const graph = new OnnxGraph({ '': 18, 'com.microsoft.nchwc': 1 });
  const blocked = graph.node(
    'ReorderInput',
    [graph.input('x', shape)],
    {},
    { domain: 'com.microsoft.nchwc' },
  );
  graph.output(blocked, shape);
  const session = await InferenceSession.create(graph.encode(), { ...TRAINING_OPTIONS, logSeverityLevel: 4 });
  const ramp = Float32Array.from({ length: 32 }, (_, i) => i);
  const results = await session.run({ x: new Tensor('float32', ramp, shape) });
  await session.release();
  const block = (results[blocked]!.data as Float32Array).indexOf(1);
  return block === 8 || block === 16 ? block : 0;
}

import { OnnxGraph } from '../../formats/onnx/onnx-graph.js';
import { inputData } from '../input-data.js';
import type { OrtBinding } from './binding/ort-session.js';

const CHANNELS = 64;

/**
 * Width of the channel blocks that onnxruntime computes convolutions in: 16 with AVX-512, 8 with AVX2, 1 where it has
 * no blocked kernels. Found by letting it reorder `[1, 64, 1, 2]` into blocks: the second value of the first channel
 * ends up one block away from the first.
 */
export async function probeChannelStep(binding: OrtBinding): Promise<number> {
  const graph = new OnnxGraph({ '': 18, 'com.microsoft.nchwc': 1 });
  const dims = [1, CHANNELS, 1, 2];
  const input = graph.input('x', dims);
  const blocked = graph.node('ReorderInput', [input], {}, { domain: 'com.microsoft.nchwc' });
  graph.output(blocked, dims);
  try {
    const model = {
      bytes: graph.encode(),
      inputs: [{ name: input, dims, type: 'float32' as const }],
      outputName: blocked,
      outputDims: dims,
    };
    const session = await binding.open(model, 1);
    await session.run();
    const step = session.output().indexOf(inputData(2 * CHANNELS)[1]!);
    await session.close();
    return Math.max(step, 1);
  } catch {
    return 1;
  }
}

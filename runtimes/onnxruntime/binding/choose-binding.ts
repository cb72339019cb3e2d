import { OnnxGraph } from '../../../formats/onnx/onnx-graph.js';
import { inputData } from '../../input-data.js';
import type { OrtModel } from '../graphs/ort-model.js';
import { loadInternalBinding } from './internal-binding.js';
import type { OrtBinding } from './ort-session.js';
import { publicBinding } from './public-binding.js';

/** The inner binding where it exists and computes `x + 1` into the given memory, twice; else the public interface. */
export async function chooseBinding(): Promise<OrtBinding> {
  const internal = loadInternalBinding();
  if (internal !== null && (await addsOne(internal))) return internal;
  return publicBinding;
}

async function addsOne(binding: OrtBinding): Promise<boolean> {
  const graph = new OnnxGraph();
  const sum = graph.node('Add', [graph.input('x', [1, 4]), graph.scalar(1)]);
  graph.output(sum, [1, 4]);
  const model: OrtModel = {
    bytes: graph.encode(),
    inputs: [{ name: 'x', dims: [1, 4], type: 'float32' }],
    outputName: sum,
    outputDims: [1, 4],
  };
  try {
    const session = await binding.open(model, 1);
    const expected = inputData(4).map((value) => value + 1);
    const matches = () => session.output().every((value, i) => value === expected[i]);
    session.run();
    const first = matches();
    session.output().fill(0);
    session.run();
    const second = matches();
    await session.close();
    return first && second;
  } catch {
    return false;
  }
}

import { InferenceSession } from 'onnxruntime-node';
import type { OrtModel } from '../graphs/ort-model.js';
import { inputTensors } from './input-tensors.js';
import { type OrtBinding, type OrtSession, sessionOptions } from './ort-session.js';

/** The package's documented interface: each run costs a turn of the event loop and new output memory. */
export const publicBinding: OrtBinding = {
  name: 'public',
  async open(model: OrtModel, threads: number): Promise<OrtSession> {
    const session = await InferenceSession.create(model.bytes, sessionOptions(threads));
    const feeds = inputTensors(model);
    let result: Float32Array = new Float32Array(0);
    return {
      run: async () => {
        const fetched = await session.run(feeds);
        result = fetched[model.outputName]!.data as Float32Array;
      },
      output: () => result,
      close: () => session.release(),
    };
  },
};

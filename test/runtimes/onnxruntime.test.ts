import { createOnnxruntimeRuntime } from '../../runtimes/onnxruntime/onnxruntime-runtime.js';
import { describeRuntimeConformance } from './runtime-conformance.js';

describeRuntimeConformance('onnxruntime', () => createOnnxruntimeRuntime({ threads: 1 }));
describeRuntimeConformance(
  'onnxruntime in int8',
  () => createOnnxruntimeRuntime({ threads: 1, dtype: 'int8' }),
  {
    dtype: 'int8',
    // Quantisation itself: 8 bits a result, twenty to sixty results deep.
    tolerance: 0.2,
  },
);

import { createOnnxruntimeRuntime } from '../../runtimes/onnxruntime/onnxruntime-runtime.js';
import { describeRuntimeConformance } from './runtime-conformance.js';

describeRuntimeConformance('onnxruntime', () => createOnnxruntimeRuntime({ threads: 1 }));

import { createRuntime } from '../../runtimes/create-runtime.js';
import { describeRuntimeConformance } from './runtime-conformance.js';

describeRuntimeConformance('tfjs-wasm', () => createRuntime({ runtime: 'tfjs-wasm', threads: 1 }));

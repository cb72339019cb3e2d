import type { Environment } from '../../../contracts/environment.js';
import type { MeasureMessage } from '../../../contracts/measure-message.js';
import type { MeasurementPlan, ProcessObservations } from '../../../contracts/measurement.js';

/** What a browser can measure with, as a person chooses it. */
export const WEB_RUNTIMES = [
  {
    id: 'onnxruntime-web/wasm',
    runtime: 'onnxruntime-web',
    backend: 'wasm',
    name: 'onnxruntime, WebAssembly',
  },
  {
    id: 'onnxruntime-web/webgpu',
    runtime: 'onnxruntime-web',
    backend: 'webgpu',
    name: 'onnxruntime, WebGPU',
  },
  { id: 'tfjs-web/wasm', runtime: 'tfjs-web', backend: 'wasm', name: 'TensorFlow.js, WebAssembly' },
  { id: 'tfjs-web/webgl', runtime: 'tfjs-web', backend: 'webgl', name: 'TensorFlow.js, WebGL' },
  { id: 'tfjs-web/webgpu', runtime: 'tfjs-web', backend: 'webgpu', name: 'TensorFlow.js, WebGPU' },
] as const;
export type WebRuntimeId = (typeof WEB_RUNTIMES)[number]['id'];

export interface WebRuntimeChoice {
  readonly runtime: WebRuntimeId;
  /** More than 1 for onnxruntime on wasm, in isolated pages. */
  readonly threads: number;
}

/** To the worker. Without a plan it only says what it is. */
export interface WorkerRequest extends WebRuntimeChoice {
  readonly plan: MeasurementPlan | null;
}

/** From the worker: what a measuring child says too. */
export type WorkerMessage =
  | MeasureMessage
  | { readonly type: 'described'; readonly environment: Omit<Environment, 'pinned'> }
  | { readonly type: 'done'; readonly observations: Partial<ProcessObservations> }
  | { readonly type: 'broken'; readonly message: string };

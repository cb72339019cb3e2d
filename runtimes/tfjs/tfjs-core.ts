/**
 * What every package of tfjs exports: code over it runs on the native library, on WebAssembly and in browsers. Only the
 * files that load one of them import a package.
 */
export type Tfjs = typeof import('@tensorflow/tfjs-core');

export type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
